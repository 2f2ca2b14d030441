"""The table of a sweep for reading: tidy, a line for each value, and wide, a line for each cell."""

from collections.abc import Mapping, Sequence

from decouple.reporting.comparison import interval_text
from decouple.reporting.sweep_accuracy import Point
from tuning.sweep.grid import AXES, SweepGrid
from tuning.sweep.result_table import ResultRow
from tuning.sweep.table_columns import TableColumn

Line = dict[str, object]
NOTES = (
    "Percent on the test split, losses in nats: mean ± sample standard deviation over n seeds; 95 %: bootstrap "
    "interval over the test images, of several seeds the mean of the bounds.",
    "Difference: mean - published; in parentheses where the published value lies in the interval.",
)


def table_notes(grid: SweepGrid) -> list[str]:
    """Return the notes of a table about its experiment: the source, that of the profile, and what its means are."""
    source = None if grid.source is None else f"Source: {grid.source}"
    means = [f"{average.name}: mean ± {average.std} standard deviation over {average.over}" for average in grid.average]
    return [note for note in (source, grid.profile.note, *means) if note is not None]


def table_lines(rows: Sequence[ResultRow]) -> list[Line]:
    """Return the rows formatted for reading; columns of published values only where there are any."""
    has_published = any(row["published"] is not None for row in rows)
    return [
        {
            **{axis: dict(row)[axis] for axis in AXES},
            "figure": _column(row).heading,
            "mean": with_std(row["mean"], row["std"], row["unit"]),
            "95 %": interval_text(row["low"], row["high"]),
            "n": f"{row['n']}" + (f" ({row['failed']} failed)" if row["failed"] else ""),
            **(_published_texts(row) if has_published else {}),
        }
        for row in rows
    ]


def cell_lines(rows: Sequence[ResultRow], *, published: bool = False) -> list[Line]:
    """Return a line per cell, its metrics side by side, short enough for a terminal.

    Args:
        rows: of the table.
        published: whether the published values stand beside the differences.
    """
    compared = _compared(rows)
    lines = []
    for names, cell_rows in _by_cell(rows).items():
        line: Line = dict(zip(AXES, names, strict=True))
        line["n"] = max(row["n"] for row in cell_rows)
        for row in cell_rows:
            column = _column(row)
            line |= _wide_cells(row, column.heading, compared=column in compared, published=published)
        lines.append(line)
    return lines


def across_data_lines(rows: Sequence[ResultRow]) -> list[Line]:
    """Return a line per method (stage one and stage two), the data sets side by side, as many papers print a table."""
    lines: dict[tuple[str, str], Line] = {}
    several, compared = len({_column(row).key for row in rows}) > 1, _compared(rows)
    for row in rows:
        names = (row["stage1"], row["stage2"])
        line = lines.setdefault(names, {"stage1": names[0], "stage2": names[1]})
        heading = f"{row['data']} {_column(row).heading}" if several else row["data"]
        line |= _wide_cells(row, heading, compared=_column(row) in compared, published=True)
    return list(lines.values())


def without_constant_names(lines: Sequence[Line]) -> tuple[list[Line], list[str]]:
    """Return lines without the names that are the same in all, and these as texts.

    Example:
        >>> without_constant_names([{"data": "a", "stage1": "ce", "n": 1}, {"data": "a", "stage1": "bs", "n": 1}])
        ([{'stage1': 'ce', 'n': 1}, {'stage1': 'bs', 'n': 1}], ['data: a'])
    """
    constant = [
        axis for axis in AXES if len(lines) > 1 and axis in lines[0] and len({line[axis] for line in lines}) == 1
    ]
    shorter = [{key: value for key, value in line.items() if key not in constant} for line in lines]
    return shorter, [f"{axis}: {lines[0][axis]}" for axis in constant]


def wide_rows(rows: Sequence[ResultRow]) -> list[Line]:
    """Return a row per cell with unrounded numbers, for a CSV file: each column with what is published."""
    columns = list(dict.fromkeys(_column(row) for row in rows))
    table = []
    for names, cell_rows in _by_cell(rows).items():
        by_column = {_column(row): row for row in cell_rows}
        line: Line = dict(zip(AXES, names, strict=True))
        for column in columns:
            for name in ("mean", "std", "n", "published", "difference"):
                row = by_column.get(column)
                line[f"{column.key} {name}"] = None if row is None else dict(row)[name]
        table.append(line)
    return table


def points_of(rows: Sequence[ResultRow]) -> list[Point]:
    """Return the points of the figure: the balanced accuracy of each cell, those without a value too."""
    cells = _by_cell(rows)
    values = {
        names: (row["mean"], row["std"])
        for names, cell_rows in cells.items()
        for row in cell_rows
        if (row["split"], row["metric"]) == ("all", "balanced")
    }
    return [Point(*names, *values.get(names, (None, None))) for names in cells]


def with_std(value: float | None, std: float | None, unit: str = "percent") -> str:
    """Return "70.12 ± 0.34", losses and rates with four digits, or "-"."""
    if value is None:
        return "-"
    digits = ".2f" if unit == "percent" else ".4g"
    return f"{value:{digits}}" if std is None else f"{value:{digits}} ± {std:{digits}}"


def _by_cell(rows: Sequence[ResultRow]) -> Mapping[tuple[str, str, str], list[ResultRow]]:
    cells: dict[tuple[str, str, str], list[ResultRow]] = {}
    for row in rows:
        cells.setdefault((row["data"], row["stage1"], row["stage2"]), []).append(row)
    return cells


def _column(row: ResultRow) -> TableColumn:
    return TableColumn(row["split"], row["metric"])


def _compared(rows: Sequence[ResultRow]) -> set[TableColumn]:
    """Return the columns that have a published value in some row."""
    return {_column(row) for row in rows if row["published"] is not None}


def _wide_cells(row: ResultRow, heading: str, *, compared: bool, published: bool) -> Line:
    cells: Line = {heading: with_std(row["mean"], row["std"], row["unit"])}
    if compared and published:
        cells[f"{heading} published"] = with_std(row["published"], row["published_std"], row["unit"])
    if compared:
        cells[f"{heading} - published"] = _difference(row)
    return cells


def _difference(row: ResultRow) -> str:
    if row["difference"] is None:
        return "-"
    text = f"{row['difference']:+.2f}" if row["unit"] == "percent" else f"{row['difference']:+.4g}"
    return f"({text})" if row["within"] else text


def _published_texts(row: ResultRow) -> Line:
    return {
        "published": with_std(row["published"], row["published_std"], row["unit"]),
        "difference": _difference(row),
        "source": row["source"] or "-",
    }
