"""Tables for the terminal, and the results table as Markdown."""

import math
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Literal

from rich import box
from rich.table import Table
from rich.text import Text

from decouple.errors import DataError
from decouple.reporting.columns import RESULT_COLUMNS, Column, ResultRow, best_rows, shown, value_of
from decouple.reporting.names import printable

_MAX_CLASSES = 40  # of more classes, the class table shows only the first and the last
_END_CLASSES = 15
_RESULTS_WIDTH = 100
_MAX_NAME_WIDTH = 40  # on a terminal; a longer name continues below


def results_table(
    rows: Mapping[str, ResultRow], *, title: str | None = None, columns: Sequence[Column] = RESULT_COLUMNS
) -> Table:
    """Return a table of methods by metrics in percent, at most 100 characters wide.

    The best of each column is bold (the lowest for ECE), ties included; a missing value is "-".
    """
    table = _new_table(title)
    body = _result_cells(rows, columns)
    headings = [column.heading for column in columns]
    used_width = sum(
        2 + max(len(text) for text in (heading, *(cells[index][0] for _, cells in body)))
        for index, heading in enumerate(headings)
    )
    table.add_column("method", overflow="fold", max_width=_RESULTS_WIDTH - used_width)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for method, cells in body:
        table.add_row(Text(method), *(Text(text, style="bold" if best else "") for text, best in cells))
    return table


def markdown_table(rows: Mapping[str, ResultRow]) -> str:
    """Return `results_table` as GitHub Markdown, the best of each column between double asterisks."""
    lines = [
        "| method | " + " | ".join(column.heading for column in RESULT_COLUMNS) + " |",
        "|---|" + "---:|" * len(RESULT_COLUMNS),
    ]
    for method, cells in _result_cells(rows, RESULT_COLUMNS):
        values = (f"**{text}**" if best else text for text, best in cells)
        lines.append(f"| {_escape(method)} | {' | '.join(values)} |")
    return "\n".join(lines) + "\n"


def class_table(class_names: Sequence[str], columns: Mapping[str, Sequence[object]], *, full: bool = False) -> Table:
    """Return a table with one row per class, `columns` (group, images per split), and a last row with sums.

    More than 40 classes are cut to the first and the last 15 unless `full`; sums are always over all classes. Only
    columns of whole numbers have one.

    Raises:
        DataError: a column does not have one entry per class.
    """
    num_classes = len(class_names)
    table = _new_table(None)
    table.add_column("label", justify="right")
    table.add_column("class", overflow="fold", max_width=_MAX_NAME_WIDTH)
    for heading, entries in columns.items():
        if len(entries) != num_classes:
            raise DataError(f"column '{heading}' has {len(entries)} entries for {num_classes} classes")
        table.add_column(Text(heading), justify=_justify(entries), no_wrap=True)
    for label in _shown_labels(num_classes, full=full):
        if label is None:
            table.add_row(*["..."] * (2 + len(columns)))
        else:
            cells = (_plain(entries[label]) for entries in columns.values())
            table.add_row(str(label), Text(printable(class_names[label])), *map(Text, cells))
    table.add_section()
    sums = (_sum(entries) for entries in columns.values())
    table.add_row("", f"total ({num_classes:,} classes)", *sums, style="bold")
    return table


def rows_table(rows: Sequence[Mapping[str, object]], best: int | None) -> Table:
    """Return a table of `rows`; the columns are their keys in order of appearance, a missing value is "-".

    The row at position `best` is bold and marked "best" in its last cell, since a pipe loses bold.
    """
    headings = list(dict.fromkeys(key for row in rows for key in row))
    table = _new_table(None)
    for heading in headings:
        justify = _justify([row.get(heading) for row in rows])
        table.add_column(Text(heading), justify=justify, no_wrap=justify == "right", overflow="fold")
    if best is not None:
        table.add_column("")
    for position, row in enumerate(rows):
        cells = [Text(_plain(row.get(heading))) for heading in headings]
        marks = [Text("best" if position == best else "")] if best is not None else []
        table.add_row(*cells, *marks, style="bold" if position == best else "")
    return table


def _new_table(title: str | None) -> Table:
    """Return an empty table in the common style."""
    return Table(
        title=Text(title) if title else None,
        title_justify="left",
        title_style="bold",
        header_style="",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )


def _result_cells(rows: Mapping[str, ResultRow], columns: Sequence[Column]) -> list[tuple[str, list[tuple[str, bool]]]]:
    """Return for each method its name and its cells, each a text and whether it is the best of its column."""
    values = [[value_of(metrics, column) for metrics in rows.values()] for column in columns]
    best = [best_rows(column_values, column) for column_values, column in zip(values, columns, strict=True)]
    return [
        (
            printable(method),
            [
                (shown(column[row]), row in best_rows_of_column)
                for column, best_rows_of_column in zip(values, best, strict=True)
            ],
        )
        for row, method in enumerate(rows)
    ]


def _shown_labels(num_classes: int, *, full: bool) -> list[int | None]:
    """Return the labels of the rows in order; None stands for those left out."""
    if full or num_classes <= _MAX_CLASSES:
        return list(range(num_classes))
    return [*range(_END_CLASSES), None, *range(num_classes - _END_CLASSES, num_classes)]


def _sum(entries: Sequence[object]) -> str:
    """Return the sum of a column of whole numbers, "" for any other column."""
    integers = [int(entry) for entry in entries if isinstance(entry, Integral)]
    return f"{sum(integers):,}" if len(integers) == len(entries) else ""


def _justify(entries: Sequence[object]) -> Literal["left", "right"]:
    """Return the alignment of a column: text left, numbers (also as text, or missing) right."""
    return "right" if all(_plain(entry)[0] in "+-0123456789" for entry in entries) else "left"


def _plain(value: object) -> str:
    """Return `value` as a cell: whole numbers with thousands separators, others with four digits, None as "-"."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return f"{int(value):,}"
    return f"{value:.4g}" if isinstance(value, float) else printable(str(value))


def _escape(name: str) -> str:
    r"""Return `name` with a backslash before Markdown's markup; "_" inside a word needs none."""
    return "".join(f"\\{letter}" if letter in r"\|*`<[" else letter for letter in name)
