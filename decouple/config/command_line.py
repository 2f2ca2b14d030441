"""The command line of a command: words in, settings out."""

import re
import sys
from argparse import ArgumentError
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, get_origin, get_type_hints, runtime_checkable

from jsonargparse import ArgumentParser

from decouple.config.argument_parser import make_parser
from decouple.config.call_options import CallOptions, call_option_names, take_call_options
from decouple.config.fields import Values, flag_of, positional_fields
from decouple.config.recipes import LIST, recipe_list, settings_file
from decouple.config.settings_yaml import checked_mapping
from decouple.config.table_options import parse_assignments
from decouple.config.value_types import Hints, finite_values, wrong_value
from decouple.config.words import with_flags
from decouple.config.yaml_file import read_yaml
from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean

Settings = TypeVar("Settings")


@dataclass(frozen=True)
class Parsed(Generic[Settings]):
    """Settings, and the names of those set on the command line or in the file rather than left at their default."""

    settings: Settings
    explicit: frozenset[str]
    call: CallOptions = field(default_factory=CallOptions)
    remarks: tuple[str, ...] = ()  # on how the command line and the file were brought together


@runtime_checkable
class AdaptsFile(Protocol):
    """Settings whose values in a file give way to those on the command line."""

    @classmethod
    def adapt_file(cls, file_values: Values, typed: Values) -> tuple[Values, tuple[str, ...]]:
        """Return the values of the file as they fit the typed ones, and a remark for each change."""


def parse(
    settings_type: type[Settings],
    argv: list[str],
    command: str,
    *,
    call_options: Sequence[str] = (),
    examples: Sequence[str] = (),
) -> Parsed[Settings]:
    """Return the settings that `argv` asks for; options on the command line win over those in the `--config` file.

    Args:
        settings_type: the settings of the command.
        argv: what follows the name of the command.
        command: its name, as errors say it.
        call_options: fields of `CallOptions` that it takes.
        examples: commands that `--help` begins with, without the name of the program.

    Raises:
        ConfigError: an unknown option or key, a value of the wrong type, or one that the settings refuse.
        SystemExit: `--help` or `--config list` was asked for and has been printed.
    """
    names = call_option_names(settings_type, call_options)
    parser = make_parser(settings_type, command, call_options=names, examples=examples)
    hints = {**get_type_hints(settings_type), **dict.fromkeys(names, bool)}
    with_names = with_flags(argv, positional_fields(settings_type), hints, command)
    try:
        values = _parse_options(parser, with_names, hints)
    except ConfigError as error:
        raise ConfigError(error.message + _renamed_call_option(error.message, names)) from None
    call = take_call_options(values, names)
    name = values.pop("config", None)
    if name == LIST:
        sys.stdout.write(recipe_list(get_type_hints(settings_type)))
        raise SystemExit(0)
    file_values: Values = {}
    remarks: tuple[str, ...] = ()
    if name is not None:
        path = settings_file(name)
        file_values = checked_mapping(settings_type, read_yaml(path), str(path))
        if issubclass(settings_type, AdaptsFile):
            file_values, remarks = settings_type.adapt_file(file_values, values)
    values = {**file_values, **values}
    return Parsed(settings_type(**values), frozenset(values), call, remarks)


def _parse_options(parser: ArgumentParser, argv: list[str], hints: Hints) -> Values:
    nested = [argument for argument in argv if re.match(r"--[\w-]+\.", argument)]  # else --lr.x is parsed as --lr
    try:
        if not nested:
            values = finite_values(parser.parse_args(argv, defaults=False).as_dict(), hints, flag_of)
            return {name: _parse_mapping(name, value, hints) for name, value in values.items()}
        message = ""
    except ArgumentError as error:
        message = str(error)
    unknown = nested or re.findall(r"^unrecognized arguments: (\S+)", message)
    raise ConfigError(_unknown_argument(parser, unknown[0], hints) if unknown else wrong_value(message, hints, flag_of))


def _renamed_call_option(message: str, names: Mapping[str, str]) -> str:
    """Return the remedy where an option lacks its value because a call option of that name is called otherwise."""
    renamed = {f"{flag_of(option)} needs a value": name for name, option in names.items() if name != option}
    return f", a file; {flag_of(renamed[message])} prints the table as CSV" if message in renamed else ""


def _parse_mapping(name: str, value: Any, hints: Hints) -> Any:
    """Return the value of an option; that of a mapping is parsed from its `name=value` arguments."""
    return parse_assignments(value, flag_of(name)) if get_origin(hints.get(name)) is dict else value


def _unknown_argument(parser: ArgumentParser, argument: str, hints: Hints) -> str:
    name = argument.split("=")[0]
    if not name.startswith("-"):
        return f"unexpected '{name}' after '{parser.prog}'; options start with two dashes"
    options: Sequence[str] = [flag_of(name) for name in hints]
    return f"unknown option '{name}'.{did_you_mean(name, options)} See '{parser.prog} --help'."
