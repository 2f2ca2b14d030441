"""List which published values stand beside a cell of configs/tables: docs/published-coverage.md and .csv.

`make coverage` runs it.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout, whichever one is installed

from decouple.files.csv_files import csv_text
from decouple.reporting.rows import markdown_rows
from tuning.sweep.published_coverage import RowCoverage, TableCoverage, coverage_by_table, published_coverage
from tuning.sweep.published_file import COLUMNS
from tuning.sweep.unmatched import read_unmatched_file

ROOT = Path(__file__).resolve().parents[1]
PAGE, LIST = ROOT / "docs" / "published-coverage.md", ROOT / "docs" / "published-coverage.csv"
_COLUMNS = (*COLUMNS[:11], "value", "unit")


def coverage() -> list[RowCoverage]:
    """Return every row of configs/published.csv with the files that compare with it."""
    configs = ROOT / "configs"
    files = sorted((configs / "tables").glob("*.yaml"))
    return published_coverage(configs / "published.csv", files, read_unmatched_file(configs / "published-doubts.yaml"))


def render_page(rows: Sequence[RowCoverage]) -> str:
    """Return the page: the counts of each table, the reasons, and the doubts."""
    tables = coverage_by_table(rows)
    matched = sum(table.matched for table in tables)
    lines = [
        "# Published values beside measured cells",
        "",
        f"`configs/published.csv` holds {len(rows):,} values of {len(tables)} tables. The files in `configs/tables`",
        f"define a cell for {matched:,} of them; {len(rows) - matched:,} stand beside none, for the reasons below.",
        "These, and those in doubt, are the rows of `docs/published-coverage.csv`. `make coverage` writes both files.",
        "",
        markdown_rows([_line(table) for table in tables]),
        "## Values without a cell",
        "",
        _reasons(tables),
        "## Printed values that are in doubt",
        "",
        "These stand beside cells all the same, so that a difference to them can be read with the reason at hand.",
        "",
        _doubts(rows),
    ]
    return "\n".join(lines)


def render_list(rows: Sequence[RowCoverage]) -> str:
    """Return the rows without a cell, and those in doubt, as CSV."""
    return csv_text([
        {
            **{name: row.row[name] for name in _COLUMNS},
            "files": " ".join(row.files),
            "reason": row.reason,
            "doubt": row.doubt,
        }
        for row in rows
        if row.reason or row.doubt
    ])  # fmt: skip


def _line(table: TableCoverage) -> dict[str, object]:
    return {
        "text": table.source.split("_")[0],
        "table": table.table,
        "values": table.rows,
        "with a cell": table.matched,
        "without": table.rows - table.matched,
        "in doubt": table.doubtful,
        "file": ", ".join(table.files) or None,
    }


def _reasons(tables: Sequence[TableCoverage]) -> str:
    lines: list[dict[str, object]] = [
        {"text": table.source.split("_")[0], "table": table.table, "values": count, "reason": reason}
        for table in tables
        for reason, count in table.reasons.items()
    ]
    return markdown_rows(lines) if lines else "None.\n"


def _doubts(rows: Sequence[RowCoverage]) -> str:
    counts: dict[tuple[str, str, str], int] = {}
    for row in rows:
        if row.doubt:
            key = (row.row.source.split("_")[0], row.row.table, row.doubt)
            counts[key] = counts.get(key, 0) + 1
    lines: list[dict[str, object]] = [
        {"text": text, "table": table, "values": count, "doubt": doubt}
        for (text, table, doubt), count in counts.items()
    ]
    return markdown_rows(lines) if lines else "None.\n"


def main() -> None:
    """Write both files."""
    rows = coverage()
    PAGE.write_text(render_page(rows), encoding="utf-8")
    LIST.write_text(render_list(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
