"""The types that options have: how they are named, which values of a file fit them, and how values are converted."""

import math
import re
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin

from decouple.config.fields import Values
from decouple.config.table_options import OptionValue
from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean

Hints: TypeAlias = dict[str, Any]  # field -> its annotation
Label: TypeAlias = Callable[[str], str]  # field -> how an error names it: "--lr", or "'lr' in grid.yaml"


def takes_several(hint: Any) -> bool:
    """Return whether an option takes one value or several: ``float | tuple[float, ...]``, perhaps with None."""
    return isinstance(hint, types.UnionType) and any(get_origin(member) is tuple for member in get_args(hint))


def fits_shape(value: object, hint: Any) -> bool:
    """Return whether a value of a file is null, a flag, a list or a mapping where the option is one.

    jsonargparse accepts null, any value for a flag, and a single value for a list.
    """
    if value is None:
        return types.NoneType in get_args(hint)
    if hint is bool:
        return isinstance(value, bool)
    if get_origin(hint) is dict:
        return isinstance(value, dict) and all(
            isinstance(name, str) and isinstance(entry, OptionValue) for name, entry in value.items()
        )
    if takes_several(hint):
        return not isinstance(value, dict)
    return isinstance(value, list) == (get_origin(hint) is tuple)


def as_on_command_line(value: Any, hint: Any) -> Any:
    """Return a value of a file in the form of the command line: a single one as a list, and YAML's yes as text."""
    if isinstance(value, bool) and {"yes", "no"} <= set(get_args(hint)):
        return "yes" if value else "no"
    return [value] if takes_several(hint) and value is not None and not isinstance(value, list) else value


def finite_values(values: Mapping[str, Any], hints: Hints, label: Label) -> Values:
    """Return the values with lists as tuples, or as the single value of an option that takes one or several.

    Raises:
        ConfigError: a number is infinite or NaN, which jsonargparse accepts.
    """
    for name, value in values.items():
        for number in value if isinstance(value, list) else [value]:
            if isinstance(number, float) and not math.isfinite(number):
                raise ConfigError(f"{label(name)} must be a number, got '{number}'.")
    return {name: _without_list(value, hints.get(name)) for name, value in values.items()}


def _without_list(value: Any, hint: Any) -> Any:
    if not isinstance(value, list):
        return value
    return value[0] if takes_several(hint) and len(value) == 1 else tuple(value)


def wrong_value(message: str, hints: Hints, label: Label) -> str:
    """Return one sentence for the many lines of jsonargparse about a value."""
    key = re.search(r"""key ["'](\w+)["']""", message)
    value = re.search(r"(?:Got value|Given value): (.*)", message)
    if key is None or value is None or key[1] not in hints:
        text = " ".join(message.removeprefix("argument ").split())
        text = re.sub(r": ignored explicit argument (.*)$", r" takes no value, got \1", text)
        return re.sub(r": expected (at least )?one argument$", " needs a value", text)
    hint: object = hints[key[1]]
    text = value[1].strip()
    near = did_you_mean(text, get_args(hint)) if get_origin(hint) is Literal else ""
    return f"{label(key[1])} must be {type_name(hint)}, got '{text}'.{near}"


def type_name(hint: Any) -> str:
    """Return a type as a user would name it."""
    if get_origin(hint) is Literal:
        return ("one of " if len(get_args(hint)) > 1 else "") + ", ".join(map(str, get_args(hint)))
    if takes_several(hint):
        return f"{type_name(get_args(hint)[0])}, or a list of them"
    if get_origin(hint) in (types.UnionType, Union):  # `int | Literal[...]` is a Union of typing
        return " or ".join(type_name(member) for member in get_args(hint) if member is not types.NoneType)
    if get_origin(hint) is tuple:
        return f"a list, each {type_name(get_args(hint)[0])}"
    if get_origin(hint) is dict:
        return "a mapping of names to numbers, texts, true or false"
    return {int: "a whole number", float: "a number", str: "text", bool: "true or false"}.get(hint, str(hint))
