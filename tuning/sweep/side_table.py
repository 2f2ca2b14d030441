"""A small table beside that of a sweep: CSV with unrounded numbers, and Markdown for reading."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from decouple.files.atomic import write_text
from decouple.files.csv_files import csv_text
from decouple.reporting.rows import markdown_rows


def write_side_table(
    path: Path,
    title: str,
    rows: Sequence[Mapping[str, object]],
    lines: Sequence[Mapping[str, object]],
    note: str | None = None,
) -> None:
    """Write the table, or without rows delete that of an earlier call.

    Args:
        path: of both files, without their endings.
        title: heading of the Markdown file.
        rows: of the CSV file, all with the same columns.
        lines: the rows formatted for reading.
        note: text under the Markdown table.
    """
    table, text = path.with_suffix(".csv"), path.with_suffix(".md")
    if not rows:
        for file in (table, text):
            file.unlink(missing_ok=True)
        return
    write_text(table, csv_text(rows, list(rows[0])))
    below = "" if note is None else f"\n{note}\n"
    write_text(text, f"# {title}\n\n{markdown_rows(lines)}{below}")
