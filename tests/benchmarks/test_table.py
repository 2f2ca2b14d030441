"""Rows, targets and tables of the benchmarks."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.learning import require_learning
from benchmarks.machine import num_cores, provenance
from benchmarks.measure import from_pairs
from benchmarks.table import bars, limit_row, parser_of, print_table, ratio_row, show, write_csv


def test_a_comparison_is_medians_and_the_range_of_the_pairs() -> None:
    # Ratios 2, 6 and 3; medians of (4, 6, 9) and (2, 1, 3).
    comparison = from_pairs([(4.0, 2.0), (6.0, 1.0), (9.0, 3.0)])
    assert ratio_row("epoch", comparison, 1.5, accuracy=50.0) == {
        "what": "epoch",
        "baseline (s)": 6.0,
        "ours (s)": 2.0,
        "ratio": 3.0,
        "spread": "2-6",
        "bar": 1.5,
        "accuracy": 50.0,
    }


def test_a_limit_is_held_where_its_ratio_is_one_or_more() -> None:
    rows = [limit_row("help", 0.2, 0.3, "s"), limit_row("memory", 3000.0, 2500.0, "MB")]
    assert rows[0]["ratio"] == pytest.approx(1.5)
    assert [row["held"] for row in bars("start", rows)] == [True, False]


def test_the_table_of_bars_leaves_out_rows_without_one() -> None:
    comparison = from_pairs([(4.0, 2.0)])
    rows = [
        ratio_row("kept", comparison, 2.0),
        ratio_row("missed", comparison, 2.5),
        ratio_row("for interest", comparison),
    ]
    assert bars("name", rows) == [
        {"benchmark": "name", "bar": "kept", "promised": 2.0, "reached": 2.0, "held": True},
        {"benchmark": "name", "bar": "missed", "promised": 2.5, "reached": 2.0, "held": False},
    ]


def test_bars_can_be_read_from_the_file(tmp_path: Path) -> None:
    comparison = from_pairs([(4.0, 2.0)])
    write_csv(tmp_path / "new" / "a.csv", [ratio_row("kept", comparison, 2.0), ratio_row("for interest", comparison)])
    table = pd.read_csv(tmp_path / "new" / "a.csv")
    assert list(table.columns[:6]) == ["what", "baseline (s)", "ours (s)", "ratio", "spread", "bar"]
    assert list(table.columns[-3:]) == ["commit", "machine", "date"]
    assert [row["bar"] for row in bars("a", table.to_dict("records"))] == ["kept"]  # type: ignore[arg-type]


def test_provenance_names_cores_torch_and_gpu() -> None:
    comparison = provenance()
    assert f"{num_cores()} cores, torch 2" in comparison["machine"]
    assert comparison["commit"]
    assert len(comparison["date"]) == len("2026-01-31")


def test_a_table_is_markdown_without_columns_that_have_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([{"what": "one", "bar": None, "MB": 12.0, "held": True}, {"what": "two", "MB": 3456.78, "held": False}])
    assert capsys.readouterr().out.splitlines() == [
        "| what | MB    | held |",
        "| ---- | ----- | ---- |",
        "| one  | 12    | yes  |",
        "| two  | 3,457 | no   |",
        "",
    ]


def test_rows_with_other_columns_stand_in_a_table_of_their_own(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    show([{"what": "one", "MB": 12.0}, {"what": "two", "ratio": 2.0}], "a title", tmp_path / "b.csv")
    output = capsys.readouterr().out.splitlines()
    assert output[0] == "a title"
    assert [line for line in output if "what" in line] == ["| what | MB |", "| what | ratio |"]
    assert list(pd.read_csv(tmp_path / "b.csv")["what"]) == ["one", "two"]


def test_a_missing_bar_beside_others_is_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([{"what": "one", "bar": 2.0}, {"what": "two", "bar": None}])
    assert capsys.readouterr().out.splitlines()[2:4] == ["| one  | 2   |", "| two  | -   |"]


def test_a_loop_that_does_not_learn_is_a_failure() -> None:
    require_learning(theirs=50.0, ours=26.0, chance=10.0)  # 16 points above chance; half of 40, less 5 of slack: 15
    with pytest.raises(RuntimeError, match=r"50\.0 %, ours 24\.0 %"):
        require_learning(theirs=50.0, ours=24.0, chance=10.0)


def test_where_a_table_cannot_go_is_said_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for path in (tmp_path, file / "a.csv", Path("/proc/a.csv")):
        with pytest.raises(SystemExit) as exit_info:
            parser_of("A benchmark.").parse_args(["--csv", str(path)])
        assert exit_info.value.code == 2
        assert f"cannot write '{path}'" in capsys.readouterr().err
    assert parser_of("A benchmark.").parse_args(["--csv", str(tmp_path / "new" / "a.csv")]).csv.parent.is_dir()
    assert file.read_text() == "mine"
    assert not (tmp_path / "new" / "a.csv").exists()
