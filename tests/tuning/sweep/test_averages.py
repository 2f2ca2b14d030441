"""Rows of means over an axis or a setting, with the deviation that the file asks for."""

from pathlib import Path

import pytest

from tuning.sweep.averages import average_groups
from tuning.sweep.cell_states import CellState
from tuning.sweep.grid_file import read_grid_file
from tuning.sweep.published import published_values
from tuning.sweep.published_file import COLUMNS
from tuning.sweep.result_table import ResultRow, table_rows
from tuning.sweep.tasks import grid_tasks

FILE = """
name: x
data:
  - {name: r20, stage1: {model: resnet20}, published: {backbone: r20}}
  - {name: r32, stage1: {model: resnet32}, published: {backbone: r32}}
stage1: [{name: ce, published: {stage1: ce}}, {name: bs, loss: balanced_softmax, published: {stage1: bs}}]
stage2: [{method: none, published: {stage2: none}}]
seeds: 2
columns: [{split: all, metric: top1}]
published: p.csv
"""


def _rows(average: str, folder: Path) -> dict[tuple[str, str, str], ResultRow]:
    (folder / "g.yaml").write_text(f"{FILE}average: [{average}]\n")
    if not (folder / "p.csv").exists():
        (folder / "p.csv").write_text(",".join(COLUMNS) + "\n")
    grid = read_grid_file(folder / "g.yaml")
    cells = [cell for task in grid_tasks(grid, folder) for cell in task.cells]
    base = {("r20", "ce"): 50.0, ("r20", "bs"): 60.0, ("r32", "ce"): 54.0, ("r32", "bs"): 70.0}
    states = {
        cell.name: CellState(
            state="done",
            fingerprint="f",
            figures={"all/top1": (base[cell.data, cell.stage1] + 2 * cell.seed, 0.0, 100.0)},
        )
        for cell in cells
    }
    rows = table_rows(grid, cells, states, published_values(grid))
    return {(row["data"], row["stage1"], row["stage2"]): row for row in rows}


def test_over_data_with_the_sample_deviation(tmp_path: Path) -> None:
    # Cells of ce: means over seeds 51 and 55; their mean 53, deviation sqrt(2^2 + 2^2) = 2.83.
    rows = _rows("{over: data, name: mean}", tmp_path)
    row = rows["mean", "ce", "none"]
    assert (row["mean"], row["n"], row["low"]) == (53.0, 2, None)
    assert row["std"] == pytest.approx(8**0.5)
    assert list(rows)[-2:] == [("mean", "ce", "none"), ("mean", "bs", "none")]


def test_over_stage_one_with_the_population_deviation(tmp_path: Path) -> None:
    # On r32: 55 and 71; mean 63, population deviation 8.
    row = _rows("{over: stage1, name: losses, std: population}", tmp_path)["r32", "losses", "none"]
    assert (row["mean"], row["std"]) == (63.0, 8.0)


def test_over_a_setting_that_differs(tmp_path: Path) -> None:
    rows = _rows("{over: model, name: mean}", tmp_path)
    assert rows["mean", "bs", "none"]["mean"] == 66.0  # of 61 and 71
    assert len(rows) == 6


def test_over_seeds(tmp_path: Path) -> None:
    row = _rows("{over: seed, name: seeds, std: population}", tmp_path)["r20", "ce seeds", "none"]
    assert (row["mean"], row["std"], row["n"]) == (51.0, 1.0, 2)


def test_a_mean_may_have_a_published_value(tmp_path: Path) -> None:
    common = {"stage1": "bs", "stage2": "none", "split": "all", "metric": "top1", "unit": "percent"}
    lines = [
        ",".join({**common, **row}.get(name, "") for name in COLUMNS)
        for row in ({"backbone": "mean_of_2", "value": "65", "std": "4"}, {"backbone": "r20", "value": "1"})
    ]
    (tmp_path / "p.csv").write_text("\n".join([",".join(COLUMNS), *lines]))
    average = "{over: data, name: mean, published: {backbone: mean_of_2}}"
    rows = _rows(average, tmp_path)
    row = rows["mean", "bs", "none"]
    assert (row["published"], row["published_std"], row["difference"], row["within"]) == (65.0, 4.0, 1.0, None)
    assert rows["mean", "ce", "none"]["published"] is None
    assert rows["r20", "bs", "none"]["within"] is True  # 1 lies between 0 and 100


def test_settings_that_differ_are_not_averaged(tmp_path: Path) -> None:
    (tmp_path / "g.yaml").write_text(f"{FILE}average: [{{over: epochs, name: mean}}]\n")
    groups = average_groups(read_grid_file(tmp_path / "g.yaml"))
    assert [len(group.combinations) for group in groups] == [1, 1, 1, 1]
