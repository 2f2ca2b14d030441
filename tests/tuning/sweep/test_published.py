from pathlib import Path

import pytest

from decouple.errors import ConfigError
from tuning.sweep.cell_states import CellState
from tuning.sweep.grid_file import read_grid_file
from tuning.sweep.published import PublishedKey, PublishedValue, published_values
from tuning.sweep.published_file import COLUMNS
from tuning.sweep.result_table import table_rows
from tuning.sweep.tasks import grid_tasks

PLAN = """
name: x
data: [{name: d, published: {dataset: digits, imbalance_ratio: 10}}]
stage1: [{name: ce, published: {stage1: ce}}]
stage2: [{method: none, published: {stage2: none}}, {method: tau}]
seeds: 2
published: p.csv
"""


def _found(rows: list[dict[str, str]], folder: Path, plan: str = PLAN) -> dict[PublishedKey, PublishedValue]:
    plain = {"source": "s", "table": "1", "dataset": "digits", "imbalance_ratio": "10.0", "stage1": "ce",
             "stage2": "none", "split": "all", "metric": "top1", "value": "50", "unit": "percent"}  # fmt: skip
    lines = [",".join({**plain, **row}.get(name, "") for name in COLUMNS) for row in rows]
    (folder / "p.csv").write_text("\n".join([",".join(COLUMNS), *lines]))
    (folder / "g.yaml").write_text(plan)
    return published_values(read_grid_file(folder / "g.yaml"))


def test_the_row_of_the_same_cell_split_metric_and_unit(tmp_path: Path) -> None:
    rows = [
        {"value": "60.5", "std": "0.3"},
        {"split": "few", "value": "20"},
        {"split": "many", "value": "0.9", "unit": "raw"},  # another unit
        {"metric": "f1", "value": "70"},  # another metric
        {"split": "class_0", "value": "70"},  # another split
        {"stage1": "focal", "value": "1"},
        {"stage2": "tau", "value": "2"},  # tau has no `published` in the plan
        {"imbalance_ratio": "100", "value": "3"},
    ]
    assert _found(rows, tmp_path) == {
        ("d", "ce", "none", "all", "top1"): PublishedValue(60.5, 0.3, "s 1"),
        ("d", "ce", "none", "few", "top1"): PublishedValue(20.0, None, "s 1"),
    }


def test_a_split_may_have_another_name_there(tmp_path: Path) -> None:
    rows = [{"split": "balanced", "value": "60.5"}, {"value": "1"}]
    result = _found(rows, tmp_path, PLAN + "published_splits: {all: balanced}\n")
    assert result == {("d", "ce", "none", "all", "top1"): PublishedValue(60.5, None, "s 1")}


@pytest.mark.parametrize(
    ("rows", "plan", "message"),
    [
        ([{}, {"table": "2"}], PLAN, r"2 rows of .* fit d, ce, none, all \(table 1 of s: 50; table 2 of s: 50\)"),
        ([{"value": "many"}], PLAN, "'many' .* is not a number"),
        ([], PLAN.replace("dataset:", "datset:"), "unknown column 'datset' .* Did you mean 'dataset'?"),
        ([], PLAN.replace("p.csv", "none.csv"), "cannot read the published values in .*none.csv: No such file"),
        ([], PLAN.replace("p.csv", "g.yaml"), "have no column source"),
    ],
)
def test_refusals(rows: list[dict[str, str]], plan: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        _found(rows, tmp_path, plan)


def _done(figures: dict[str, tuple[float | None, ...]]) -> CellState:
    return CellState(state="done", fingerprint="f", figures=figures)


def test_the_difference_by_hand(tmp_path: Path) -> None:
    published = _found([{"value": "60.5", "std": "0.3"}], tmp_path)
    plan = read_grid_file(tmp_path / "g.yaml")
    cells = [cell for task in grid_tasks(plan, tmp_path) for cell in task.cells]
    states = {
        "d-ce-s0/none": _done({"all/top1": (61.0, 50.0, 70.0), "all/balanced": (1, 0, 2)}),
        "d-ce-s1/none": _done({"all/top1": (64.0, 54.0, 72.0), "all/balanced": (3, 2, 4)}),
        "d-ce-s0/tau": _done({"all/top1": (70.0, 60.0, 80.0)}),
        "d-ce-s1/tau": CellState(state="failed", fingerprint="f", error="e"),
    }
    rows = {(row["stage2"], row["metric"]): row for row in table_rows(plan, cells, states, published)}
    # 61 and 64: mean 62.5, deviation sqrt(2 * 1.5^2) = 2.12; 62.5 - 60.5 = 2.
    first = rows["none", "top1"]
    assert (first["mean"], first["n"], first["failed"], first["low"], first["high"]) == (62.5, 2, 0, 52.0, 71.0)
    assert first["std"] == pytest.approx(4.5**0.5)
    assert (first["published"], first["published_std"], first["difference"], first["source"]) == (60.5, 0.3, 2.0, "s 1")
    assert rows["none", "balanced"]["published"] is None
    tau = rows["tau", "top1"]
    assert (tau["mean"], tau["std"], tau["n"], tau["failed"], tau["difference"]) == (70.0, None, 1, 1, None)
    assert not [row for row in rows.values() if row["split"] == "many"]  # no cell has a value
