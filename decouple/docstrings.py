"""The parts of a docstring, from which the catalogue of methods is made."""

import inspect
import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DocstringParts:
    """The parts of the docstring of a method.

    Attributes:
        summary: its first line.
        body: the paragraphs below it, each on one line.
        source: the text behind "Source:", "" without one.
        use: the text behind "Use:", "" without one.
        arguments: argument -> its description.
    """

    summary: str
    body: tuple[str, ...]
    source: str
    use: str
    arguments: dict[str, str]


def docstring_parts(documented: Any) -> DocstringParts:
    """Return the parts of the docstring of a class or function."""
    text = inspect.getdoc(documented) or ""
    text, _, _ = text.partition("\nExample:\n")
    text, _, _ = text.partition("\nRaises:\n")
    text, _, arguments = text.partition("\nArgs:\n")
    text, use = _cut(text, "Use:")
    text, source = _cut(text, "Source:")
    summary, *body = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))
    return DocstringParts(summary, tuple(body), source, use, _arguments(arguments))


def _cut(text: str, mark: str) -> tuple[str, str]:
    """Return the text before a line that starts with `mark`, and the paragraph behind the mark on one line."""
    before, separator, after = text.partition(f"\n{mark}")
    return (before, " ".join(after.split())) if separator else (text, "")


def _arguments(text: str) -> dict[str, str]:
    entries = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", text, re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in entries}
