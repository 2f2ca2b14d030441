"""Checks of the values of arguments: every dataclass, loss, sampler and method refuses with the same sentences.

A sentence names the argument, what is allowed and what was given: "tau must be between -10 and 10, got 100.0; 0 to 2 is
usual". The name is marked (see `decouple.errors`), so that the command line can write it as an option.
"""

import math
import numbers
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from decouple.errors import ConfigError, DataError
from decouple.nearest_name import did_you_mean


def require_number(
    name: str,
    value: object,
    *,
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
    usual: str = "",
) -> None:
    """Check that a value is a finite number within bounds; True and False are no numbers.

    Args:
        name: what the caller calls the argument.
        value: what was given.
        at_least: smallest allowed value; `above` excludes the bound itself.
        above: see `at_least`.
        at_most: largest allowed value; `below` excludes the bound itself.
        below: see `at_most`.
        usual: advice to add, such as "0 to 2 is usual".

    Raises:
        ConfigError: it is not.

    Example:
        >>> require_number("tau", 100.0, at_least=-10, at_most=10, usual="0 to 2 is usual")
        Traceback (most recent call last):
        decouple.errors.ConfigError: tau must be between -10 and 10, got 100.0; 0 to 2 is usual
    """
    number = _as_number(value)
    fits = (
        number is not None
        and (at_least is None or number >= at_least)
        and (above is None or number > above)
        and (at_most is None or number <= at_most)
        and (below is None or number < below)
    )
    if not fits:
        _refuse(name, value, _bounds("a number", at_least, above, at_most, below), usual)


def require_whole(
    name: str, value: object, *, at_least: int | None = None, at_most: int | None = None, usual: str = ""
) -> None:
    """Check that a value is a whole number within bounds; 3.0 is none, and neither is True.

    Raises:
        ConfigError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        bounds = "" if at_least is at_most is None else f", {_bounds('', at_least, None, at_most, None)}"
        _refuse(name, value, f"a whole number{bounds}", usual)
    require_number(name, value, at_least=at_least, at_most=at_most, usual=usual)


def require_choice(name: str, value: object, choices: Iterable[Any]) -> None:
    """Check that a value is one of `choices`; the message names the nearest one.

    Raises:
        ConfigError: it is not.
    """
    known = list(choices)
    if not any(type(value) is type(choice) and value == choice for choice in known):
        raise ConfigError(
            f"`{name}` must be one of {', '.join(map(str, known))}, got {value!r}{_nearest(value, known)}"
        )


def require_flag(name: str, value: object) -> None:
    """Check that a value is True or False.

    Raises:
        ConfigError: it is not.
    """
    if not isinstance(value, bool):
        _refuse(name, value, "True or False", "")


def require_text(name: str, value: object) -> None:
    """Check that a value is a text.

    Raises:
        ConfigError: it is not.
    """
    if not isinstance(value, str):
        _refuse(name, value, "a text", "")


def require_mapping(name: str, value: object) -> None:
    """Check that a value is a mapping.

    Raises:
        ConfigError: it is not.
    """
    if not isinstance(value, Mapping):
        _refuse(name, value, "a mapping", "")


def require_field_types(settings: Any, cls: type[Any] | None = None) -> None:
    """Check the values of a dataclass against the types of its fields, or of those of its base `cls`; no ranges.

    The types are int, float, bool, str, Literal, tuples of these, mappings, and any of them or None.

    Raises:
        ConfigError: a value has another type, or is not a finite number.
    """
    hints = get_type_hints(cls or type(settings))
    for field in fields(cls or settings):
        _require_type(field.name, getattr(settings, field.name), hints[field.name])


def require_folder_path(name: str, path: str) -> None:
    """Check that a path is a folder or can become one: neither it nor what it lies in is a file.

    Raises:
        ConfigError: it is, or lies below, a file.
    """
    file = next((part for part in (Path(path), *Path(path).parents) if part.is_file()), None)
    if file is not None:
        raise ConfigError(f"`{name}` must be a folder, and {file} is a file")


def require_device_name(name: object) -> None:
    """Check the form of a device's name: auto, cpu, cuda or cuda:N; whether there is one is another question.

    Raises:
        ConfigError: it has another form.
    """
    require_text("device", name)
    if not re.fullmatch(r"auto|(cpu|cuda)(:[0-9]+)?", str(name)):
        raise ConfigError(f"`device` must be auto, cpu, cuda or cuda:N, got {name!r}")


def require_instance(name: str, value: object, expected: type[object]) -> None:
    """Check that a value is of a type, for arguments whose wrong type would fail far from here.

    Raises:
        DataError: it is not.

    Example:
        >>> require_instance("splits", None, dict)
        Traceback (most recent call last):
        decouple.errors.DataError: splits must be dict, got NoneType
    """
    if not isinstance(value, expected):
        raise DataError(f"`{name}` must be {expected.__name__}, got {type(value).__name__}")


def require_shape(name: str, array: Any, axes: Sequence[str | int]) -> None:
    """Check the shape of a tensor or an array: an axis is a letter for any length, or the length it must have.

    Raises:
        DataError: it has another shape, or is neither a tensor nor an array.

    Example:
        >>> import numpy as np
        >>> require_shape("logits", np.zeros(3), ("B", 10))
        Traceback (most recent call last):
        decouple.errors.DataError: logits must have shape (B, 10), got (3,)
    """
    shape = getattr(array, "shape", None)
    wanted = f"({', '.join(map(str, axes))}{',' if len(axes) == 1 else ''})"
    if shape is None:
        raise DataError(f"`{name}` must be a tensor or an array of shape {wanted}, got {type(array).__name__}")
    fits = len(shape) == len(axes) and all(
        isinstance(axis, str) or axis == length for axis, length in zip(axes, shape, strict=True)
    )
    if not fits:
        raise DataError(f"`{name}` must have shape {wanted}, got {tuple(shape)}")


def _require_type(name: str, value: object, hint: Any) -> None:
    options = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    if value is None and NoneType in options:
        return
    hint = next(option for option in options if option is not NoneType)
    simple: dict[Any, Callable[[str, object], None]] = {
        bool: require_flag,
        int: require_whole,
        float: require_number,
        str: require_text,
    }
    if hint in simple:
        simple[hint](name, value)
    elif get_origin(hint) is Literal:
        require_choice(name, value, get_args(hint))
    elif get_origin(hint) is tuple:
        if not isinstance(value, list | tuple):
            _refuse(name, value, "a tuple", "")
        for element in cast(Sequence[object], value):
            _require_type(name, element, get_args(hint)[0])
    elif get_origin(hint) is dict:
        require_mapping(name, value)


def _nearest(value: object, known: Iterable[object]) -> str:
    near = did_you_mean(str(value), map(str, known))
    return f".{near}" if near else ""


def _as_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    try:
        number = float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return None
    return number if math.isfinite(number) else None


def _bounds(plain: str, at_least: float | None, above: float | None, at_most: float | None, below: float | None) -> str:
    if at_least is not None and at_most is not None:
        return f"between {at_least:g} and {at_most:g}"
    low = f"{at_least:g} or more" if at_least is not None else f"above {above:g}" if above is not None else ""
    high = f"at most {at_most:g}" if at_most is not None else f"below {below:g}" if below is not None else ""
    return " and ".join(filter(None, (low, high))) or plain


def _refuse(name: str, value: object, allowed: str, usual: str) -> None:
    raise ConfigError(f"`{name}` must be {allowed}, got {value!r}{f'; {usual}' if usual else ''}")
