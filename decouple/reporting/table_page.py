"""Tables as one HTML page in the style of the reports: light and dark, sorted by a click on a heading."""

import base64
import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from decouple.reporting.rows import cell_text, headings_of, is_text_column

_SCRIPT = """
document.querySelectorAll("table").forEach((table) => {
  const body = table.tBodies[0];
  const number = (text) => Number.parseFloat(text.replaceAll(",", "").replace("(", "").replace("\\u2212", "-"));
  table.tHead.addEventListener("click", (event) => {
    const heading = event.target.closest("th");
    if (!heading) return;
    const column = heading.cellIndex, numeric = heading.classList.contains("number");
    const up = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    const key = (row) => { const text = row.cells[column].textContent.trim(); return numeric ? number(text) : text; };
    const missing = (value) => typeof value === "number" && Number.isNaN(value);
    const compare = (a, b) => {
      if (missing(a) || missing(b)) return missing(a) - missing(b);
      return (up ? 1 : -1) * (numeric ? a - b : a.localeCompare(b, undefined, { numeric: true }));
    };
    body.replaceChildren(...[...body.rows].sort((a, b) => compare(key(a), key(b))));
  });
});
"""
_LIGHT = "--page: #ffffff; --card: #f6f7f9; --ink: #1d2126; --muted: #55606b; --line: #d8dde2; --accent: #0a58a8"
_DARK = "--page: #16181c; --card: #1e2126; --ink: #e7e9ec; --muted: #a8b0b9; --line: #363b42; --accent: #86bdff"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title><style>
:root {{ color-scheme: light dark; {light} }}
@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}
@media print {{ :root {{ {light} }} }}
body {{ margin: 0 auto; padding: 20px; max-width: 1400px; background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }}
h1 {{ font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere }}
h2 {{ font-size: 1.25rem; margin: 1.6rem 0 .4rem }}
p {{ max-width: 78ch; color: var(--muted) }} img {{ max-width: 100%; background: #fff; border-radius: 6px }}
.scroll {{ overflow-x: auto; border: 1px solid var(--line); border-radius: 10px }}
table {{ border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums }}
th, td {{ padding: 6px 10px; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap }}
tbody tr:last-child > * {{ border-bottom: 0 }}
thead th {{ background: var(--card); font-weight: 600; vertical-align: bottom }}
.number {{ text-align: right }}
thead button {{ all: unset; cursor: pointer }}
thead button::after {{ content: " ↕"; color: var(--muted); font-weight: 400 }}
th[aria-sort="ascending"] button::after {{ content: " ↑"; color: var(--accent) }}
th[aria-sort="descending"] button::after {{ content: " ↓"; color: var(--accent) }}
thead button:focus-visible {{ outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px }}
</style></head><body>
<h1>{title}</h1>
{tables}
{notes}
{picture}
<script>{script}</script>
</body></html>
"""
_PICTURE = '<p><img src="data:image/png;base64,{data}" alt=""></p>'


@dataclass(frozen=True)
class PageTable:
    """A table of a page."""

    heading: str
    rows: Sequence[Mapping[str, object]]


def table_page(title: str, tables: Sequence[PageTable], notes: Sequence[str] = (), picture: bytes | None = None) -> str:
    """Return a page with tables, and `notes` and a picture (PNG) below them; it loads nothing from outside."""
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    return _PAGE.format(
        policy=f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'",
        light=_LIGHT,
        dark=_DARK,
        title=html.escape(title),
        tables="\n".join(_table(table) for table in tables),
        notes="\n".join(f"<p>{html.escape(note)}</p>" for note in notes),
        picture="" if picture is None else _PICTURE.format(data=base64.b64encode(picture).decode()),
        script=_SCRIPT,
    )


def _table(table: PageTable) -> str:
    headings = headings_of(table.rows)
    marks = {heading: "" if is_text_column(table.rows, heading) else ' class="number"' for heading in headings}
    head = "".join(
        f'<th scope="col"{marks[heading]}><button type="button">{html.escape(heading)}</button></th>'
        for heading in headings
    )
    body = "\n".join(
        "<tr>"
        + "".join(f"<td{marks[heading]}>{html.escape(cell_text(row.get(heading)))}</td>" for heading in headings)
        + "</tr>"
        for row in table.rows
    )
    heading = f"<h2>{html.escape(table.heading)}</h2>\n"
    return (
        f'{heading}<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'
    )
