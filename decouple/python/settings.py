"""From keyword arguments to the settings of a command."""

import dataclasses
import inspect
import json
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_origin, get_type_hints

from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean

Settings = TypeVar("Settings")
Function = TypeVar("Function", bound=Callable[..., Any])


def settings_of(settings_type: type[Settings], options: Mapping[str, object]) -> Settings:
    """Return the settings of a command from keyword arguments; paths become text, lists become tuples.

    Raises:
        ConfigError: an unknown name, or a value that the settings refuse.

    Example:
        >>> from stage1.settings import Stage1Config
        >>> settings_of(Stage1Config, {"epochs": 3}).epochs
        3
        >>> settings_of(Stage1Config, {"epoch": 3})
        Traceback (most recent call last):
        decouple.errors.ConfigError: unknown option 'epoch'. Did you mean 'epochs'?
    """
    known = [field.name for field in dataclasses.fields(settings_type)]  # type: ignore[arg-type]
    unknown = next((name for name in options if name not in known), None)
    if unknown is not None:
        raise ConfigError(f"unknown option '{unknown}'.{did_you_mean(unknown, known)}")
    hints = get_type_hints(settings_type)
    return settings_type(**{name: _plain(value, hints[name]) for name, value in options.items()})


def _plain(value: object, hint: object) -> object:
    """Return a value in the type that the settings have: paths as text, and a mapping where they take text as JSON."""
    if isinstance(value, Mapping) and get_origin(hint) is not dict:
        return json.dumps(dict(value), default=float, ensure_ascii=False)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return tuple(value) if isinstance(value, list) else value


def with_options_of(settings_type: type[Any], *own: str) -> Callable[[Function], Function]:
    """Let `help` and editors show the options of a command, with defaults, as keywords of a function.

    Args:
        settings_type: settings of the command.
        own: fields that the function has parameters of its own for, or sets by itself.
    """

    def decorate(function: Function) -> Function:
        parameters = [
            parameter
            for parameter in inspect.signature(function).parameters.values()
            if parameter.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        parameters += [
            inspect.Parameter(
                field.name, inspect.Parameter.KEYWORD_ONLY, default=default_of(field), annotation=field.type
            )
            for field in dataclasses.fields(settings_type)
            if field.name not in own
        ]
        signature = inspect.signature(function).replace(parameters=parameters)
        function.__signature__ = signature  # type: ignore[attr-defined]
        return function

    return decorate


def default_of(field: dataclasses.Field[Any]) -> object:
    """Return the default value of a field of settings."""
    factory = field.default_factory
    return field.default if factory is dataclasses.MISSING else factory()
