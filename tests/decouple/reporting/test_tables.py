import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from decouple.errors import DataError
from decouple.reporting.columns import ResultRow
from decouple.reporting.tables import class_table, markdown_table, results_table, rows_table


def _row(top1: float, ece: float | None) -> ResultRow:
    return {
        "top1": top1,
        "balanced": 100.0,
        "groups": {
            "many_medium_few": {"many": 100.0, "medium": None, "few": top1 / 2},
            "thirds": {"head": 100.0, "middle": 100.0, "tail": 100.0},
        },
        "macro_f1": 100.0,
        "ece": ece,
    }


ROWS = {"none": _row(40.0, 20.0), "crt": _row(45.0, 5.5), "tau": _row(41.0, None)}


def _printed(table: Table, width: int = 120, *, terminal: bool = False) -> str:
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=terminal, no_color=not terminal, _environ={}).print(table)
    return out.getvalue()


def _line(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.lstrip().startswith(start))


def test_the_best_of_each_column_is_bold() -> None:
    printed = _printed(results_table(ROWS), terminal=True)
    bold = "\x1b[1m{}\x1b[0m"
    assert bold.format("45.00") in _line(printed, "crt")
    assert bold.format("22.50") in _line(printed, "crt")  # few
    assert bold.format(" 5.50") in _line(printed, "crt")
    assert "\x1b[1m40.00" not in printed
    assert "\x1b[1m20.00" not in printed


def test_missing_values_are_dashes() -> None:
    assert _line(_printed(results_table(ROWS)), "tau").split() == [
        "tau", "41.00", "100.00", "100.00", "-", "20.50", "100.00", "100.00", "100.00", "100.00", "-",
    ]  # fmt: skip


def test_results_fit_in_100_columns_whatever_the_names() -> None:
    rows = {f"{name} [bold] with a name far too long for any table": row for name, row in ROWS.items()}
    lines = _printed(results_table(rows, title="CIFAR-100-LT [test]")).splitlines()
    assert max(cell_len(line.rstrip()) for line in lines) <= 100
    assert lines[0].rstrip() == "CIFAR-100-LT [test]"
    assert "…" not in _printed(results_table(rows), width=100)


def test_markdown_has_the_same_cells() -> None:
    assert markdown_table({"a|b": _row(40.0, 20.0), "tau_norm": _row(45.0, 5.5)}).splitlines() == [
        "| method | all | balanced | many | medium | few | head | middle | tail | macro-F1 | ECE |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        r"| a\|b | 40.00 | **100.00** | **100.00** | - | 20.00 | **100.00** | **100.00** | **100.00** | **100.00** "
        "| 20.00 |",
        "| tau_norm | **45.00** | **100.00** | **100.00** | - | **22.50** | **100.00** | **100.00** | **100.00** "
        "| **100.00** | **5.50** |",
    ]


def test_class_table_sums_its_numbers() -> None:
    table = class_table(["cat", "dog"], {"group": ["many", "few"], "train": [1200, 30], "test": [10, 10]})
    printed = _printed(table)
    assert _line(printed, "0").split() == ["0", "cat", "many", "1,200", "10"]
    assert _line(printed, "total").split() == ["total", "(2", "classes)", "1,230", "20"]


def test_only_whole_numbers_are_summed_and_numbers_stand_right() -> None:
    table = class_table(["cat", "dog"], {"group": ["many", "few"], "accuracy": ["80.00", "-"], "share": [0.5, None]})
    assert [column.justify for column in table.columns] == ["right", "left", "left", "right", "right"]
    assert _line(_printed(table), "total").split() == ["total", "(2", "classes)"]


@pytest.mark.parametrize(("num_classes", "full", "rows"), [(40, False, 41), (41, False, 32), (41, True, 42)])
def test_a_long_class_table_shows_its_ends(num_classes: int, full: bool, rows: int) -> None:
    names = [f"class{label}" for label in range(num_classes)]
    table = class_table(names, {"train": list(range(num_classes))}, full=full)
    assert table.row_count == rows
    printed = _printed(table)
    assert ("..." in printed) == (rows == 32)
    assert "class14" in printed
    assert ("class15 " in printed) == (rows != 32)
    assert f"class{num_classes - 15}" in printed
    assert _line(printed, "total").split()[-1] == f"{num_classes * (num_classes - 1) // 2:,}"


def test_class_table_takes_any_name(awkward_names: list[str]) -> None:
    printed = _printed(class_table(awkward_names, {"train": [1] * 10}))
    printed.encode()
    assert "\x1b" not in printed
    assert "[bold]" in printed


def test_class_table_refuses_a_short_column() -> None:
    with pytest.raises(DataError, match="column 'train' has 1 entries for 2 classes"):
        class_table(["cat", "dog"], {"train": [1]})


def test_rows_table_marks_the_best() -> None:
    rows: list[dict[str, object]] = [
        {"trial": 0, "weight decay": 3.21e-5, "accuracy": None},
        {"trial": 1, "accuracy": 41.23456, "kept": True},
    ]
    printed = _printed(rows_table(rows, 1))
    assert _line(printed, "trial").split() == ["trial", "weight", "decay", "accuracy", "kept"]
    assert _line(printed, "0").split() == ["0", "3.21e-05", "-", "-"]
    assert _line(printed, "1").split() == ["1", "-", "41.23", "yes", "best"]
    assert rows_table([], None).row_count == 0
