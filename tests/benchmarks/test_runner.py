"""`python -m benchmarks`: what it lists, runs, and says of it."""

import ast
from pathlib import Path

import pytest

from benchmarks import __main__ as runner
from benchmarks.measure import from_pairs
from benchmarks.table import ratio_row, write_csv

FOLDER = Path(runner.__file__).parent
EXPECTED = {"data_path", "epoch", "extraction", "stage2", "large_features", "samplers", "growth", "many_runs", "gpu"}


Run = tuple[str, bool]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """What would be run, name and whether quick; each writes a table with one bar that is held and one that is not."""
    calls: list[Run] = []

    def run_one(name: str, csv: Path, quick: bool) -> bool:
        calls.append((name, quick))
        comparison = from_pairs([(4.0, 2.0)])
        write_csv(csv, [ratio_row("held", comparison, 1.5), ratio_row("not", comparison, 3.0)])
        return name != "epoch"

    monkeypatch.setattr(runner, "benchmarks", lambda: {"data_path": "Batches.", "epoch": "An epoch.", "gpu": "All."})
    monkeypatch.setattr(runner, "run_one", run_one)
    return calls


def test_every_benchmark_is_listed_with_its_first_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(runner.benchmarks()) >= EXPECTED
    assert runner.main([]) == 0
    output = capsys.readouterr().out
    for name, line in runner.benchmarks().items():
        assert line.endswith("."), f"{name}: its first line is a sentence"
        assert f"\n| {name} " in output


def test_what_is_left_out_of_a_quick_run_exists() -> None:
    assert set(runner.benchmarks()) > runner.NO_CPU_BARS


@pytest.mark.parametrize("name", sorted(runner.benchmarks()))
def test_a_benchmark_can_be_run_alone_and_asked_for_rows(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    (rows,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "rows"]
    assert [argument.arg for argument in rows.args.args] == ["quick"]
    assert "__main__" in ast.unparse(tree.body[-1])


def test_a_quick_run_without_names_takes_those_with_bars_on_a_cpu(ran: list[Run]) -> None:
    runner.main(["--quick"])
    assert ran == [("data_path", True), ("epoch", True)]


def test_a_missed_target_is_reported_and_does_not_fail_the_run(
    ran: list[Run], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert runner.main(["data_path", "--csv", str(tmp_path)]) == 0
    lines = [line.replace(" ", "") for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line.startswith("|data_path")] == [
        "|data_path|held|1.5|2|yes|",
        "|data_path|not|3|2|no|",
    ]
    assert (tmp_path / "data_path.csv").exists()
    assert ran == [("data_path", False)]


def test_a_benchmark_that_fails_is_a_failure_and_stops_no_other(
    ran: list[Run], capsys: pytest.CaptureFixture[str]
) -> None:
    assert runner.main(["epoch", "data_path"]) == 1
    captured = capsys.readouterr()
    assert captured.err == "failed: epoch\n"
    assert "| data_path | held" in captured.out
    assert len(ran) == 2


def test_a_benchmark_is_a_process_of_its_own(tmp_path: Path) -> None:
    assert not runner.run_one("learning_is_no_benchmark", tmp_path / "none.csv", quick=True)
    assert not (tmp_path / "none.csv").exists()


def test_a_name_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        runner.main(["epochs"])
    assert exit_info.value.code == 2
    assert "no benchmark is called epochs" in capsys.readouterr().err
