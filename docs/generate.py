"""Write into the documents: docstrings of methods into methods.md, of modules into modules.md, and measured tables.

`make methods` runs it. A test compares the pages with the docstrings.
"""

import ast
import re
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout, whichever one is installed

from decouple.docstrings import docstring_parts
from docs.measured_differences import gains_table, order_table
from docs.measured_tables import measured_table
from stage2.catalogue import CATEGORIES, defaults_of, meaning_of

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "docs" / name for name in ("methods.md", "modules.md", "results.md")]
MEASURED = {"results": measured_table, "order": order_table, "gains": gains_table}  # of a table in results.md
PACKAGES = ("decouple", "samplers", "stage1", "stage2", "tuning")


def render(text: str) -> str:
    """Return the page with the text between each pair of marks replaced."""
    return re.sub(
        r"(<!-- generated: ([\w .-]+) -->\n).*?(<!-- end -->\n)",
        lambda match: f"{match[1]}\n{_block(match[2])}\n{match[3]}",
        text,
        flags=re.DOTALL,
    )


def _block(kind: str) -> str:
    if kind == "modules":
        return _modules()
    category, _, name = kind.partition(" ")
    return MEASURED[category](name) if category in MEASURED else _methods(kind)


def _modules() -> str:
    """Return a table for each folder of code: its files, and the first line of their docstrings."""
    folders = sorted({path.parent for package in PACKAGES for path in (ROOT / package).rglob("*.py")})
    return "\n".join(_folder(folder) for folder in folders)


def _folder(folder: Path) -> str:
    summaries = {path.name: _summary(path) for path in sorted(folder.glob("*.py"))}
    about = summaries.pop("__init__.py", "")
    rows = [f"| `{name}` | {summary} |" for name, summary in summaries.items()]
    return "\n".join(
        [f"### {folder.relative_to(ROOT).as_posix()}/\n", f"{about}\n", "| file | content |", "|---|---|", *rows, ""]
    )


def _summary(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split()).replace("|", "\\|")


def _methods(kind: str) -> str:
    """Return a section for each method; names of the same class, such as those of the ResNets, share one."""
    entries = groupby(CATEGORIES[kind].entries.items(), key=lambda entry: entry[1])
    return "\n".join(_entry([name for name, _ in names], documented) for documented, names in entries)


def _entry(names: list[str], documented: Any) -> str:
    parts = docstring_parts(documented)
    options = [
        f"- `{option}` ({default}): {meaning_of(documented, option)}"
        for option, default in defaults_of(documented).items()
    ]
    paragraphs = [parts.summary, *parts.body, "\n".join(options), f"*Source:* {parts.source}", f"*Use:* {parts.use}"]
    body = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    heading = ", ".join(f"`{name}`" for name in names)
    return f"### {heading}\n\n{body}\n"


if __name__ == "__main__":
    for page in PAGES:
        before = page.read_text(encoding="utf-8")
        after = render(before)
        page.write_text(after, encoding="utf-8")
        print(f"{'already up to date' if after == before else 'updated'}: {page}")
