"""Which published values stand beside a cell of some sweep, and why the others do not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from decouple.errors import DecoupleError
from tuning.sweep.collection import read_sweep_file
from tuning.sweep.grid import SweepGrid
from tuning.sweep.published import published_matches
from tuning.sweep.published_check import unmatched_rows
from tuning.sweep.published_file import PublishedRow, fits_pattern, read_published
from tuning.sweep.unmatched import UnmatchedRows

NO_FILE = "no file of a sweep names this table"
NO_REASON = "no cell of the file stands beside it, and the file says no reason"


@dataclass(frozen=True)
class RowCoverage:
    """A published value, the files whose tables it stands in, or why there are none."""

    row: PublishedRow
    files: tuple[str, ...]
    reason: str  # why it stands beside no cell; "" if it does
    doubt: str = ""  # what speaks against the printed value


@dataclass(frozen=True)
class TableCoverage:
    """The published values of one table."""

    source: str
    table: str
    rows: int
    matched: int
    doubtful: int
    files: tuple[str, ...]
    reasons: Mapping[str, int]  # reason -> rows


def published_coverage(
    published: Path, files: Iterable[Path], doubts: Sequence[UnmatchedRows] = ()
) -> list[RowCoverage]:
    """Return every row of a file of published values with the sweeps that compare with it.

    A sweep that cannot be read covers nothing, and its error is the reason for the rows of the tables that it names.

    Args:
        published: the file of published values.
        files: files of sweeps; collections are left out, since their members count.
        doubts: rows whose value is in doubt, and why.

    Raises:
        ConfigError: the file of published values cannot be read.
    """
    matched: dict[int, list[str]] = {}
    reasons: dict[int, str] = {}
    for path in files:
        text = path.read_text(encoding="utf-8")
        if "\ninclude:" in f"\n{text}":
            continue
        try:
            grid = read_sweep_file(path)[1][0]
            _cover(grid, path.name, matched, reasons)
        except DecoupleError as error:
            reasons |= {
                row.line: f"{path.name} is refused: {str(error).replace(str(path), path.name)}"
                for row in _named_rows(published, text)
            }
    return [
        RowCoverage(
            row,
            tuple(matched.get(row.line, ())),
            "" if row.line in matched else reasons.get(row.line, NO_FILE),
            next((entry.reason for entry in doubts if fits_pattern(row, entry.rows)), ""),
        )
        for row in read_published(published)
    ]


def coverage_by_table(rows: Sequence[RowCoverage]) -> list[TableCoverage]:
    """Return the counts of each table, in the order of the file."""
    tables: dict[tuple[str, str], list[RowCoverage]] = {}
    for row in rows:
        tables.setdefault((row.row.source, row.row.table), []).append(row)
    return [_table(*names, members) for names, members in tables.items()]


def _table(source: str, table: str, rows: Sequence[RowCoverage]) -> TableCoverage:
    reasons = [row.reason for row in rows if not row.files]
    return TableCoverage(
        source=source,
        table=table,
        rows=len(rows),
        matched=len(rows) - len(reasons),
        doubtful=sum(bool(row.doubt) for row in rows),
        files=tuple(dict.fromkeys(name for row in rows for name in row.files)),
        reasons={reason: reasons.count(reason) for reason in dict.fromkeys(reasons)},
    )


def _cover(grid: SweepGrid, name: str, matched: dict[int, list[str]], reasons: dict[int, str]) -> None:
    if grid.published is None:
        return
    matches = published_matches(grid)
    for line in dict.fromkeys(row.line for row in matches.matches.values()):
        matched.setdefault(line, []).append(name)
    for row, entry in unmatched_rows(grid, matches):
        reasons[row.line] = NO_REASON if entry is None else entry.reason


def _named_rows(published: Path, text: str) -> list[PublishedRow]:
    """Return the rows of the tables whose source and number occur in the text of a file that cannot be read."""
    return [
        row
        for row in read_published(published)
        if row.source in text and any(f"table: {quote}{row.table}{quote}" in text for quote in ('"', "'"))
    ]
