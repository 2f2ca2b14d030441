"""Collections of sweeps."""

from pathlib import Path

import pytest

from decouple.errors import ConfigError
from tuning.sweep.collection import read_sweep_file
from tuning.sweep.plan import read_plan
from tuning.sweep.settings import SweepConfig

MEMBER = "name: NAME\npool: p\nstage1: [{name: ce}]\nstage2: [{method: none}, {method: METHOD}]\nseeds: 2"


def _write(folder: Path, text: str = "include: [one.yaml, two.yaml]\nworkers: 3") -> Path:
    for name, method in (("one", "tau"), ("two", "ncm")):
        (folder / f"{name}.yaml").write_text(MEMBER.replace("NAME", name).replace("METHOD", method))
    (folder / "both.yaml").write_text(text)
    return folder / "both.yaml"


def test_the_runs_that_two_tables_share_are_one_task_with_the_cells_of_both(tmp_path: Path) -> None:
    plan = read_plan(SweepConfig(file=str(_write(tmp_path)), runs=str(tmp_path / "runs"), profile_run="smoke"))
    assert (plan.name, [grid.name for grid in plan.grids], plan.workers) == ("both", ["one", "two"], 3)
    (task,) = plan.tasks  # one seed in smoke
    assert [(cell.folder.name, cell.stage2) for cell in task.cells] == [
        ("one-smoke", "none"), ("one-smoke", "tau"), ("two-smoke", "none"), ("two-smoke", "ncm")
    ]  # fmt: skip
    assert task.cells[0].entry == task.cells[2].entry


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("include: [one.yaml, six.yaml]", "names .*six.yaml, which is no file"),
        ("include: [one.yaml, one.yaml]", "names one.yaml twice; keep one"),
        ("include: []", "must be a list of files"),
        ("include: [both.yaml]", "names the collection .*both.yaml; name the files in it"),
        ("include: [one.yaml]\nstage2: []", "unknown key 'stage2' in the collection"),
        ("include: [one.yaml]\nworkers: 0", "'workers' in .* must be a whole number, 1 or more, got '0'"),
        ("figure: shapes", "describes a figure, not a sweep; draw it with: decouple figure"),
    ],
)
def test_refusals(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        read_sweep_file(_write(tmp_path, text))


def test_an_error_in_a_member_names_it(tmp_path: Path) -> None:
    path = _write(tmp_path)
    (tmp_path / "two.yaml").write_text("name: two\nstage2: [{method: none}]\nseed: 3")
    with pytest.raises(ConfigError, match=r"'seed' in .*two\.yaml is set by the sweep"):
        read_sweep_file(path)
