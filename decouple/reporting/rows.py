"""Rows of a table as Markdown; a row is a mapping from heading to value."""

from collections.abc import Mapping, Sequence

Rows = Sequence[Mapping[str, object]]


def markdown_rows(rows: Rows) -> str:
    """Return rows as a table in GitHub Markdown; columns in order of appearance, a missing value is "-"."""
    headings = headings_of(rows)
    marks = ("---" if is_text_column(rows, heading) else "---:" for heading in headings)
    lines = [_line(headings), "|" + "|".join(marks) + "|"]
    lines += [_line([cell_text(row.get(heading)) for heading in headings]) for row in rows]
    return "\n".join(lines) + "\n"


def headings_of(rows: Rows) -> list[str]:
    """Return the columns of rows in order of appearance."""
    return list(dict.fromkeys(key for row in rows for key in row))


def cell_text(value: object) -> str:
    """Return a value as the text of a cell, a missing one as "-"."""
    return "-" if value is None or value == "" else str(value)


def is_text_column(rows: Rows, heading: str) -> bool:
    """Return whether a column holds texts rather than numbers."""
    return not all(cell_text(row.get(heading))[0] in "(+-0123456789" for row in rows)


def _line(texts: Sequence[str]) -> str:
    escaped = ("".join(f"\\{sign}" if sign in r"\|*`<[" else sign for sign in text) for text in texts)
    return "| " + " | ".join(escaped) + " |"
