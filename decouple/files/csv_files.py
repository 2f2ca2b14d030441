"""Tables as CSV text, written as pandas writes them, without the half second that importing pandas takes."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence

_FORMULA = re.compile(
    r"['=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
)  # what begins so is a formula to a spreadsheet; the last four are wide
_HARMLESS = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)?([eE][+-]?\d+)?%?")  # a number, or a sign alone


def csv_text(rows: Sequence[Mapping[str, object]], columns: Sequence[str] | None = None) -> str:
    """Return rows as CSV with a header line; None and NaN are empty fields, floats have all their digits.

    Texts are escaped, see `escape_formula`.

    Args:
        rows: one mapping for each line, all with the same keys.
        columns: names and order of the columns; default: the keys of the first row.

    Example:
        >>> print(csv_text([{"epoch": 1, "loss": 0.25}, {"epoch": 2, "loss": None}]), end="")
        epoch,loss
        1,0.25
        2,
    """
    names = list(rows[0]) if columns is None else list(columns)
    return csv_lines([names, *([row[name] for name in names] for row in rows)])


def csv_lines(rows: Iterable[Iterable[object]]) -> str:
    """Return rows of values as lines of CSV, in the form of `csv_text`.

    Example:
        >>> print(csv_lines([["moth", 0.5, None]]), end="")
        moth,0.5,
    """
    lines = _Lines()
    csv.writer(lines).writerows([_cell(value) for value in row] for row in rows)
    return "".join(lines)


class _Lines(list[str]):
    """Lines of `csv.writer`, ended as elsewhere; left to end them so itself, it would not quote a carriage return."""

    def write(self, line: str) -> None:
        self.append(line.removesuffix("\r\n") + "\n")


def escape_formula(text: str) -> str:
    r"""Return a text that no spreadsheet takes for a formula; `unescape_formula` returns the original.

    A text gets an apostrophe in front if it begins with ``=``, ``+``, ``-``, ``@``, a tab, a line break or an
    apostrophe, and is neither a number nor a sign alone.

    Example:
        >>> escape_formula("=1+1"), escape_formula("-2.5"), escape_formula("moth")
        ("'=1+1", '-2.5', 'moth')
    """
    return f"'{text}" if _FORMULA.match(text) and not _HARMLESS.fullmatch(text) else text


def unescape_formula(text: str) -> str:
    """Return the text that `escape_formula` was called with.

    Example:
        >>> unescape_formula("'=1+1"), unescape_formula("moth")
        ('=1+1', 'moth')
    """
    return text.removeprefix("'")


def _cell(value: object) -> object:
    if isinstance(value, str):
        return escape_formula(value)
    return "" if value is None or value != value else value  # NaN is unequal to itself
