"""Options of an entry of a table, such as the margin of a loss: `name=value` pairs, checked against its signature."""

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

import yaml

from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean

OptionValue = bool | int | float | str | None
Options = Mapping[str, OptionValue]


def options_of(entry: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the options that an entry of a table takes: the keyword-only parameters that have a default."""
    parameters = inspect.signature(entry).parameters.values()
    return {
        parameter.name: parameter
        for parameter in parameters
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and parameter.default is not inspect.Parameter.empty
    }


def parse_assignments(assignments: Iterable[str], label: str) -> dict[str, OptionValue]:
    """Return options written as `name=value`; `label` is how an error names the option that holds them.

    Raises:
        ConfigError: an assignment without "=", a name given twice, or a value that is no number, text, true or false.
    """
    options: dict[str, OptionValue] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not (name and equals and text):
            raise ConfigError(f"{label} takes name=value, such as gamma=1; got '{assignment}'")
        if name in options:
            raise ConfigError(f"{label} names '{name}' twice; keep one of the values")
        try:
            value = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError):
            value = text
        options[name] = text if value is None or not isinstance(value, OptionValue) else value
    return options


def check_options(entry: Callable[..., Any], name: str, table: str, options: Options) -> dict[str, Any]:
    """Return `options` with the types of the signature of `entry`.

    Args:
        entry: a class or function of a table.
        name: its name in the table.
        table: how an error names entries of the table ("loss", "sampler").
        options: name -> value.

    Raises:
        ConfigError: an option that the entry does not have (the nearest one is named), or a value of another type.
    """
    known = options_of(entry)
    checked = {}
    parameters = inspect.signature(entry).parameters.values()
    passes_on = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters)
    for option, value in options.items():
        if option not in known and passes_on:  # to another entry, which checks it
            checked[option] = value
            continue
        if option not in known:
            raise unknown_option(option, name, table, known)
        checked[option] = _converted(value, known[option].annotation, f"option '{option}' of {table} '{name}'")
    return checked


@contextmanager
def named_options(table: str, name: str) -> Iterator[None]:
    """Name the entry of a table in errors of its own checks: "option of loss 'focal': gamma must be 0 or more, got -1".

    Options of an entry are no options of a command, so their names carry no marks (see `decouple.errors`).
    """
    try:
        yield
    except ConfigError as error:
        raise ConfigError(f"option of {table} '{name}': {error}") from None


def unknown_option(option: str, name: str, table: str, known: Iterable[str]) -> ConfigError:
    """Return the error that lists the known options."""
    listed = ", ".join(known) or "none"
    return ConfigError(f"unknown option '{option}' of {table} '{name}'.{did_you_mean(option, known)} Known: {listed}.")


def _converted(value: OptionValue, annotation: Any, label: str) -> OptionValue:
    optional = isinstance(annotation, UnionType)  # such as float | None
    if optional:
        if str(value).lower() in ("none", "null"):
            return None
        annotation = next(member for member in get_args(annotation) if member is not NoneType)
    if get_origin(annotation) is Literal:
        allowed = get_args(annotation)
        if value in allowed:
            return value
        near = did_you_mean(str(value), allowed)
        raise ConfigError(f"{label} must be one of {', '.join(allowed)}, got '{value}'.{near}")
    if annotation is bool and isinstance(value, bool):
        return value
    if annotation is str and isinstance(value, str):
        return value
    if annotation in (int, float) and not isinstance(value, bool):
        number = _as_number(value)
        if number is not None and (annotation is float or number.is_integer()):
            return annotation(number)  # type: ignore[no-any-return]
    names = {bool: "true or false", str: "text", int: "a whole number", float: "a number"}
    raise ConfigError(f"{label} must be {names[annotation]}{' or none' if optional else ''}, got '{value}'")


def _as_number(value: OptionValue) -> float | None:
    """Return a finite float; YAML takes 1e-3 for text, and so may a user."""
    try:
        number = math.nan if value is None else float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
