from pathlib import Path

import pytest

from decouple.errors import ConfigError
from tuning.sweep.grid import SweepGrid
from tuning.sweep.grid_file import read_grid_file
from tuning.sweep.tasks import grid_tasks

WHOLE = """
name: grid
data:
  - {data: digits, ratio: 10, name: a}
  - {data: digits, ratio: 5, name: b}
stage1:
  - {epochs: 3}
  - {loss: focal, loss_options: {gamma: 1}, milestones: [2, 4]}
stage2:
  - {method: none}
  - {method: crt, epochs: 2, name: short}
seeds: [0, 7]
workers: 2
"""


def _plan(text: str, folder: Path) -> SweepGrid:
    path = folder / "g.yaml"
    path.write_text(text)
    return read_grid_file(path)


def test_the_grid_is_every_data_with_every_stage_one_and_seed(tmp_path: Path) -> None:
    plan = _plan(WHOLE, tmp_path)
    tasks = grid_tasks(plan, tmp_path / "runs")
    assert [task.config.name for task in tasks] == [
        "a-ce-s0", "a-ce-s7", "a-focal-s0", "a-focal-s7", "b-ce-s0", "b-ce-s7", "b-focal-s0", "b-focal-s7"
    ]  # fmt: skip
    last = tasks[-1]
    assert (last.config.ratio, last.config.loss, last.config.milestones, last.config.seed) == (5, "focal", (2, 4), 7)
    assert last.config.loss_options == {"gamma": 1}
    assert [cell.name for cell in last.cells] == ["b-focal-s7/none", "b-focal-s7/short"]
    assert (last.cells[1].settings.epochs, last.cells[1].settings.seed) == (2, 7) or last.cells[1].settings.epochs == (
        2,
    )
    assert plan.workers == 2


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    plan = _plan("name: x\nstage2: [{method: tau}]\nseeds: 3", tmp_path)
    assert [entry.name for side in (plan.data, plan.stage1, plan.stage2) for entry in side] == ["digits", "ce", "tau"]
    assert (plan.seeds, plan.workers, plan.groups, plan.published) == ((0, 1, 2), 1, "many_medium_few", None)


def test_a_changed_setting_changes_the_cells_it_decides(tmp_path: Path) -> None:
    before = [cell.fingerprint for task in grid_tasks(_plan(WHOLE, tmp_path), tmp_path) for cell in task.cells]
    again = [
        cell.fingerprint for task in grid_tasks(_plan(WHOLE, tmp_path), tmp_path / "elsewhere") for cell in task.cells
    ]
    after = [
        cell.fingerprint
        for task in grid_tasks(_plan(WHOLE.replace("epochs: 2", "epochs: 4"), tmp_path), tmp_path)
        for cell in task.cells
    ]
    assert before == again
    assert [one == two for one, two in zip(before, after, strict=True)] == [True, False] * 8


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("workers: 2", "worker: 2", "unknown key 'worker' in FILE. Did you mean 'workers'?"),
        ("name: grid", "", "FILE needs 'name'"),
        ("name: grid", "name: a/b", "'name' in FILE must be of letters"),
        ("ratio: 10", "ratoi: 10", "unknown key 'ratoi' in data 1 of FILE. Did you mean 'ratio'?"),
        ("ratio: 10", "ratio: x", "'ratio' in data 1 of FILE must be a number"),
        (
            "ratio: 10",
            "ratio: 0.5",
            "data 'a' and stage1 'ce' of FILE: ratio must be between 1 and 1e+09, got 0.5;",
        ),
        ("ratio: 10", "lr: 1", "'lr' in data 1 of FILE belongs to an entry of 'stage1'"),
        ("{epochs: 3}", "{epochs: 3, fraction: 0.5}", "'fraction' in stage1 1 of FILE belongs to an entry of 'data'"),
        ("{epochs: 3}", "{epochs: 3, seed: 4}", "'seed' in stage1 1 of FILE is set by the sweep; leave it out"),
        ("{epochs: 3}", "{epohs: 3}", "unknown key 'epohs' in stage1 1 of FILE. Did you mean 'epochs'?"),
        ("{epochs: 3}", "{loss: focal}", "two entries of 'stage1' in FILE are called 'focal'"),
        ("{method: none}", "{tau: 1}", "stage2 1 of FILE needs a 'method'"),
        ("{method: none}", "{method: none, name: tau}", "'name' in stage2 1 of FILE is 'tau', which means something"),
        ("{method: none}", "{method: none, name: all}", "'name' in stage2 1 of FILE is 'all', which means something"),
        ("{method: none}", "{method: none, runs: x}", "'runs' in stage2 1 of FILE is set by the sweep"),
        ("seeds: [0, 7]", "seeds: 0", "'seeds' in FILE must be a number of seeds"),
        ("seeds: [0, 7]", "seeds: [1, 1]", "'seeds' in FILE must be"),
        ("workers: 2", "workers: two", "'workers' in FILE must be a whole number, got 'two'."),
        ("workers: 2", "workers: 0", "'workers' in FILE must be 1 or more"),
        (
            "workers: 2",
            "groups: many_few",
            "'groups' in FILE: groups must be many_medium_few, thirds",
        ),
        (
            "workers: 2",
            "published_splits: {al: x}",
            "unknown key 'al' in published_splits of FILE. Did you mean 'all'?",
        ),
        ("{epochs: 3}", "{published: {stage1: ce}}", "'ce' in FILE names published values; say in which file"),
        ("{epochs: 3}", "3", "'stage1' in FILE must be a list of mappings"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in WHOLE
    with pytest.raises(ConfigError) as caught:
        grid_tasks(_plan(WHOLE.replace(old, new), tmp_path), tmp_path)
    assert str(caught.value).replace(str(tmp_path / "g.yaml"), "FILE").startswith(message)
    assert "\n" not in str(caught.value)
