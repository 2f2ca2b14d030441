"""Rows of a table as Markdown and as an HTML page; a row is a mapping from heading to value."""

import base64
import html
from collections.abc import Mapping, Sequence

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 14px sans-serif; color: #222; margin: 2em }}
table {{ border-collapse: collapse }}
th, td {{ padding: 3px 10px; border-bottom: 1px solid #e3e3e3; text-align: right; white-space: nowrap }}
th.text, td.text {{ text-align: left }}
</style></head><body>
<h1>{title}</h1>
{picture}
<table>
{rows}
</table>
{notes}
</body></html>
"""
_PICTURE = '<p><img src="data:image/png;base64,{data}" alt="" style="max-width: 100%"></p>'


def markdown_rows(rows: Sequence[Mapping[str, object]]) -> str:
    """Return rows as a table in GitHub Markdown; columns in order of appearance, a missing value is "-"."""
    headings = _headings(rows)
    marks = ("---" if _is_text(rows, heading) else "---:" for heading in headings)
    lines = [_line(headings), "|" + "|".join(marks) + "|"]
    lines += [_line([_text(row.get(heading)) for heading in headings]) for row in rows]
    return "\n".join(lines) + "\n"


def html_page(
    title: str, rows: Sequence[Mapping[str, object]], notes: Sequence[str] = (), picture: bytes | None = None
) -> str:
    """Return a page with the rows as one table and `notes` as paragraphs below it; it loads nothing from outside.

    `picture` is a PNG for the space above the table.
    """
    headings = _headings(rows)
    marks = {heading: ' class="text"' if _is_text(rows, heading) else "" for heading in headings}
    lines = ["".join(f"<th{marks[heading]}>{html.escape(heading)}</th>" for heading in headings)]
    lines += [
        "".join(f"<td{marks[heading]}>{html.escape(_text(row.get(heading)))}</td>" for heading in headings)
        for row in rows
    ]
    return _PAGE.format(
        title=html.escape(title),
        picture="" if picture is None else _PICTURE.format(data=base64.b64encode(picture).decode()),
        rows="\n".join(f"<tr>{line}</tr>" for line in lines),
        notes="\n".join(f"<p>{html.escape(note)}</p>" for note in notes),
    )


def _headings(rows: Sequence[Mapping[str, object]]) -> list[str]:
    return list(dict.fromkeys(key for row in rows for key in row))


def _text(value: object) -> str:
    return "-" if value is None or value == "" else str(value)


def _is_text(rows: Sequence[Mapping[str, object]], heading: str) -> bool:
    return not all(_text(row.get(heading))[0] in "+-0123456789" for row in rows)


def _line(texts: Sequence[str]) -> str:
    escaped = ("".join(f"\\{sign}" if sign in r"\|*`<[" else sign for sign in text) for text in texts)
    return "| " + " | ".join(escaped) + " |"
