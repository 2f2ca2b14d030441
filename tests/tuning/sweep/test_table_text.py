"""Tables for people: wide by cell, wide by data, tidy; rounding, published values, and the interval mark."""

from typing import cast

from tuning.sweep.result_table import ResultRow
from tuning.sweep.table_files import page_tables
from tuning.sweep.table_text import across_data_lines, cell_lines, table_lines, wide_rows


def _row(data: str, stage1: str, mean: float, metric: str = "top1", **more: object) -> ResultRow:
    row = {
        "data": data, "stage1": stage1, "stage2": "none", "split": "all", "metric": metric, "unit": "percent",
        "mean": mean, "std": None, "n": 1, "failed": 0, "low": mean - 1, "high": mean + 1, "published": None,
        "published_std": None, "difference": None, "within": None, "source": None, **more,
    }  # fmt: skip
    return cast(ResultRow, row)


ROWS = [
    _row("a", "ce", 50.0, published=50.5, published_std=0.25, difference=-0.5, within=True, source="s 1"),
    _row("a", "ce", 1.23456, "nll", unit="raw", std=0.5),
    _row("a", "bs", 60.0, published=58.0, difference=2.0, within=False, source="s 1"),
    _row("a", "bs", 1.0, "nll", unit="raw"),
]


def test_a_line_for_each_cell() -> None:
    assert cell_lines(ROWS, published=True) == [
        {"data": "a", "stage1": "ce", "stage2": "none", "n": 1, "top1": "50.00", "top1 published": "50.50 ± 0.25",
         "top1 - published": "(-0.50)", "nll": "1.235 ± 0.5"},
        {"data": "a", "stage1": "bs", "stage2": "none", "n": 1, "top1": "60.00", "top1 published": "58.00",
         "top1 - published": "+2.00", "nll": "1"},
    ]  # fmt: skip


def test_data_sets_side_by_side() -> None:
    rows = [_row("a", "ce", 50.0), _row("a", "bs", 60.0), _row("b", "ce", 51.0, published=50.0, difference=1.0)]
    assert across_data_lines(rows) == [
        {"stage1": "ce", "stage2": "none", "a": "50.00", "a published": "-", "a - published": "-", "b": "51.00",
         "b published": "50.00", "b - published": "+1.00"},
        {"stage1": "bs", "stage2": "none", "a": "60.00", "a published": "-", "a - published": "-"},
    ]  # fmt: skip
    tables, constant = page_tables(rows)
    assert [table.heading for table in tables] == ["By data", "By cell", "Values"]
    assert constant == ["stage2: none"]


def test_a_line_for_each_value() -> None:
    lines = table_lines(ROWS)
    assert [line["figure"] for line in lines] == ["top1", "nll", "top1", "nll"]
    assert [line["difference"] for line in lines] == ["(-0.50)", "-", "+2.00", "-"]
    assert lines[0]["95 %"] == "49.00 to 51.00"


def test_wide_numbers_are_not_rounded() -> None:
    first = wide_rows(ROWS)[0]
    assert (first["all/nll mean"], first["all/nll std"], first["all/top1 published"]) == (1.23456, 0.5, 50.5)
