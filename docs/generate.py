"""Write what docstrings say of each method into docs/methods.md: `make docs`. A test compares the two."""

import re
from itertools import groupby
from pathlib import Path
from typing import Any

from decouple.commands.methods import KINDS, defaults_of, meaning_of
from decouple.docstrings import docstring_parts

PAGE = Path(__file__).with_name("methods.md")


def render(text: str) -> str:
    """Return the page with the text between each pair of marks made anew."""
    return re.sub(
        r"(<!-- generated: ([\w -]+) -->\n).*?(<!-- end -->\n)",
        lambda found: f"{found[1]}\n{_block(found[2])}\n{found[3]}",
        text,
        flags=re.DOTALL,
    )


def _block(kind: str) -> str:
    """Return one heading a method; names that one class stands behind, as those of the ResNets, share theirs."""
    entries = groupby(KINDS[kind].entries.items(), key=lambda entry: entry[1])
    return "\n".join(_entry([name for name, _ in names], documented) for documented, names in entries)


def _entry(names: list[str], documented: Any) -> str:
    said = docstring_parts(documented)
    options = [
        f"- `{option}` ({default}): {meaning_of(documented, option)}"
        for option, default in defaults_of(documented).items()
    ]
    paragraphs = [said.summary, *said.body, "\n".join(options), f"*Source:* {said.source}", f"*Use:* {said.use}"]
    body = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    heading = ", ".join(f"`{name}`" for name in names)
    return f"### {heading}\n\n{body}\n"


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
