"""Write the docstrings of losses, samplers, mixup variants and stage-two methods into docs/methods.md: `make methods`.

A test compares the page with the docstrings.
"""

import re
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout, whichever one is installed

from decouple.commands.methods import KINDS, defaults_of, meaning_of
from decouple.docstrings import docstring_parts

PAGE = Path(__file__).with_name("methods.md")


def render(text: str) -> str:
    """Return the page with the text between each pair of marks replaced."""
    return re.sub(
        r"(<!-- generated: ([\w -]+) -->\n).*?(<!-- end -->\n)",
        lambda match: f"{match[1]}\n{_block(match[2])}\n{match[3]}",
        text,
        flags=re.DOTALL,
    )


def _block(kind: str) -> str:
    """Return a section for each method; names of the same class, such as those of the ResNets, share one."""
    entries = groupby(KINDS[kind].entries.items(), key=lambda entry: entry[1])
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
    before = PAGE.read_text(encoding="utf-8")
    after = render(before)
    PAGE.write_text(after, encoding="utf-8")
    print(f"{'already up to date' if after == before else 'updated'}: {PAGE.resolve()}")
