"""The accuracy of every classifier of a run by class group, with intervals."""

from collections.abc import Mapping
from dataclasses import dataclass

from decouple.reporting.chosen_groups import chosen_group_columns
from decouple.reporting.columns import (
    ALL,
    BALANCED,
    ECE,
    MANY_MEDIUM_FEW,
    THIRDS,
    ResultRow,
    best_rows,
    interval_of,
    value_of,
)

METHOD_COLUMNS = (ALL, BALANCED, *MANY_MEDIUM_FEW, *THIRDS, ECE)


@dataclass(frozen=True)
class Cell:
    """A metric in percent with its 95 % interval."""

    value: float | None
    interval: tuple[float, float] | None
    best: bool  # of its column


@dataclass(frozen=True)
class MethodRow:
    """A classifier of the table."""

    name: str
    cells: tuple[Cell, ...]  # one for each heading
    note: str = ""  # how its hyper-parameters were selected


@dataclass(frozen=True)
class MethodTable:
    """Classifiers by class group."""

    headings: tuple[str, ...]
    rows: tuple[MethodRow, ...]


def method_table(metrics: Mapping[str, ResultRow], notes: Mapping[str, str], groups: str | None = None) -> MethodTable:
    """Return the table of classifiers; columns without any value are left out.

    Args:
        metrics: title of each classifier -> its metrics on the test split.
        notes: title -> how it was made, for those that have a note.
        groups: scheme whose groups the metrics hold, see `decouple.reporting.chosen_groups`; None: the usual columns.
    """
    rows = list(metrics.values())
    offered = METHOD_COLUMNS if groups is None else (ALL, BALANCED, *chosen_group_columns(groups), ECE)
    columns = [column for column in offered if any(value_of(row, column) is not None for row in rows)]
    best = {column: best_rows([value_of(row, column) for row in rows], column) for column in columns}
    return MethodTable(
        headings=tuple(column.heading for column in columns),
        rows=tuple(
            MethodRow(
                name,
                tuple(
                    Cell(value_of(row, column), interval_of(row, column), position in best[column])
                    for column in columns
                ),
                notes.get(name, ""),
            )
            for position, (name, row) in enumerate(metrics.items())
        ),
    )
