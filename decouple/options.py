"""Options of an entry of a table, such as the margin of a loss: read as `name=value`, checked against its signature."""

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

import yaml

from decouple.errors import ConfigError
from decouple.lookup import did_you_mean

OptionValue = bool | int | float | str | None
Options = Mapping[str, OptionValue]


def options_of(entry: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the options that an entry of a table takes: the keyword-only parameters that have a default."""
    parameters = inspect.signature(entry).parameters.values()
    return {
        each.name: each
        for each in parameters
        if each.kind is inspect.Parameter.KEYWORD_ONLY and each.default is not inspect.Parameter.empty
    }


def read_words(words: Iterable[str], place: str) -> dict[str, OptionValue]:
    """Return the options written as `name=value`; `place` is what an error calls the place where they stand.

    Raises:
        ConfigError: a word without "=", a name given twice, or a value that is no number, text, true or false.
    """
    found: dict[str, OptionValue] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not (name and equals and text):
            raise ConfigError(f"{place} takes name=value, such as gamma=1; got '{word}'")
        if name in found:
            raise ConfigError(f"{place} names '{name}' twice; keep one of the values")
        try:
            value = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError):
            value = text
        found[name] = text if value is None or not isinstance(value, OptionValue) else value
    return found


def check_options(entry: Callable[..., Any], name: str, kind: str, options: Options) -> dict[str, Any]:
    """Return `options` with the types that the signature of `entry` asks for.

    `name` is the entry's in its table and `kind` what an error calls such entries ("loss", "sampler").

    Raises:
        ConfigError: an option that the entry does not have (the nearest one is named), or a value of another type.
    """
    known = options_of(entry)
    checked: dict[str, Any] = {}
    parameters = inspect.signature(entry).parameters.values()
    passes_on = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
    for option, value in options.items():
        if option not in known and passes_on:  # to another entry, which checks it
            checked[option] = value
            continue
        if option not in known:
            raise unknown_option(option, name, kind, known)
        checked[option] = _converted(value, known[option].annotation, f"option '{option}' of {kind} '{name}'")
    return checked


@contextmanager
def named_options(kind: str, name: str) -> Iterator[None]:
    """Name the entry of a table in errors of its own checks: "option of loss 'focal': gamma must be 0 or more, got -1".

    Options of an entry are no options of a command, so their names carry no marks (see `decouple.errors`).
    """
    try:
        yield
    except ConfigError as error:
        raise ConfigError(f"option of {kind} '{name}': {error}") from None


def unknown_option(option: str, name: str, kind: str, known: Iterable[str]) -> ConfigError:
    """Return the error that says which options there are."""
    listed = ", ".join(known) or "none"
    return ConfigError(f"unknown option '{option}' of {kind} '{name}'.{did_you_mean(option, known)} Known: {listed}.")


def _converted(value: OptionValue, annotation: Any, place: str) -> OptionValue:
    optional = isinstance(annotation, UnionType)  # such as float | None
    if optional:
        if str(value).lower() in ("none", "null"):
            return None
        annotation = next(each for each in get_args(annotation) if each is not NoneType)
    if get_origin(annotation) is Literal:
        allowed = get_args(annotation)
        if value in allowed:
            return value
        near = did_you_mean(str(value), allowed)
        raise ConfigError(f"{place} must be one of {', '.join(allowed)}, got '{value}'.{near}")
    if annotation is bool and isinstance(value, bool):
        return value
    if annotation is str and isinstance(value, str):
        return value
    if annotation in (int, float) and not isinstance(value, bool):
        number = _as_number(value)
        if number is not None and (annotation is float or number.is_integer()):
            return annotation(number)  # type: ignore[no-any-return]
    words = {bool: "true or false", str: "text", int: "a whole number", float: "a number"}
    raise ConfigError(f"{place} must be {words[annotation]}{' or none' if optional else ''}, got '{value}'")


def _as_number(value: OptionValue) -> float | None:
    """Return a finite float; YAML takes 1e-3 for text, and so may a user."""
    try:
        number = math.nan if value is None else float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
