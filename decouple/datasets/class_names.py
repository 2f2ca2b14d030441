"""Names of classes that differ by case, blanks or the form of accents alone: probably one class, written twice."""

import unicodedata
from collections.abc import Sequence

from decouple.log import logger


def find_similar(name: str, names: Sequence[str]) -> str | None:
    """Return the first of `names` that is `name` but for case, blanks and the form of accents.

    Example:
        >>> find_similar("House  Sparrow ", ["wren", "house sparrow"])
        'house sparrow'
    """
    return next((other for other in names if other != name and _folded(other) == _folded(name)), None)


def how_names_differ(name: str, other: str) -> str:
    """Return "case", "blanks" or "the form of their accents" for two similar names.

    Example:
        >>> how_names_differ("Wren", "wren"), how_names_differ("wren ", "wren")
        ('case', 'blanks')
    """
    if _without_blanks(name) == _without_blanks(other):
        return "blanks"
    same_accents = unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", other)
    return "the form of their accents" if same_accents else "case"


def warn_of_similar(names: Sequence[str], source: str) -> None:
    """Warn if two classes have similar names; they remain two classes, such as the letters a and A."""
    first_of: dict[str, str] = {}
    pairs = [(first_of.setdefault(_folded(name), name), name) for name in names]
    pairs = [(first, second) for first, second in pairs if first != second]
    if pairs:
        first, second = pairs[0]
        how = f"{how_names_differ(first, second)} alone"
        how += f" ({len(pairs) - 1} more such pairs)" if len(pairs) > 1 else ""
        logger.warning(
            f"the classes '{first}' and '{second}' of {source} differ by {how}; "
            "they are trained as two classes: if they are one, give them the same name"
        )


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _without_blanks(name: str) -> str:
    return "".join(name.split())
