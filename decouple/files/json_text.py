"""JSON that people can read and that is quick to write: mappings are indented, lists of plain values are one line."""

import json
from collections.abc import Mapping

_SCALARS = frozenset({int, float, str, bool, type(None)})


def json_text(value: object, indent: str = "") -> str:
    """Return a value of mappings, lists, texts, numbers, flags and None as JSON.

    The encoder of the standard library indents in Python, a number a line, which takes a second for a table of
    confusions of 1,000 classes; without indentation it is compiled code.

    Raises:
        ValueError: a number is NaN or infinite.
        TypeError: a value is of another type.

    Example:
        >>> print(json_text({"top1": 52.5, "confusion": [[9, 1], [4, 6]]}))
        {
          "top1": 52.5,
          "confusion": [
            [9, 1],
            [4, 6]
          ]
        }
    """
    if isinstance(value, Mapping) and value:
        entries = [f"{json.dumps(str(key))}: {json_text(entry, indent + '  ')}" for key, entry in value.items()]
        return _block("{", entries, "}", indent)
    if isinstance(value, list | tuple) and not is_plain_list(value):
        return _block("[", [json_text(entry, indent + "  ") for entry in value], "]", indent)
    return json.dumps(value, allow_nan=False)


def is_plain_list(value: list[object] | tuple[object, ...]) -> bool:
    """Return whether a list holds nothing but texts, numbers, flags and None."""
    return {type(entry) for entry in value} <= _SCALARS


def _block(start: str, entries: list[str], end: str, indent: str) -> str:
    lines = f",\n{indent}  ".join(entries)
    return f"{start}\n{indent}  {lines}\n{indent}{end}"
