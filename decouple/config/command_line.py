"""The command line of a command: words in, settings out."""

import re
from argparse import ArgumentError
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, get_origin, get_type_hints

from jsonargparse import ArgumentParser

from decouple.config.argument_parser import make_parser
from decouple.config.fields import Values, flag_of, positional_field
from decouple.config.settings_yaml import checked_mapping
from decouple.config.table_options import parse_assignments
from decouple.config.value_types import Hints, finite_values, wrong_value
from decouple.config.yaml_file import read_yaml
from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean

Settings = TypeVar("Settings")


@dataclass(frozen=True)
class Parsed(Generic[Settings]):
    """Settings, and the names of those set on the command line or in the file rather than left at their default."""

    settings: Settings
    explicit: frozenset[str]


def parse(settings_type: type[Settings], argv: list[str], command: str) -> Parsed[Settings]:
    """Return the settings that `argv` asks for; options on the command line win over those in the `--config` file.

    Raises:
        ConfigError: an unknown option or key, a value of the wrong type, or one that the settings refuse.
        SystemExit: `--help` was asked for and has been printed.
    """
    parser, hints = make_parser(settings_type, command), get_type_hints(settings_type)
    values = _parse_options(parser, _with_flag(settings_type, argv, hints, command), hints)
    path = values.pop("config", None)
    if path is not None:
        values = {**checked_mapping(settings_type, read_yaml(Path(path)), path), **values}
    return Parsed(settings_type(**values), frozenset(values))


def _with_flag(settings_type: type[Any], argv: list[str], hints: Hints, command: str) -> list[str]:
    """Return `argv` with the name of the positional option before its values."""
    first = positional_field(settings_type)
    count = next((index for index, argument in enumerate(argv) if argument.startswith("-")), len(argv))
    if first is None or not count:
        return argv
    flag, metavar = flag_of(first.name), first.metadata["metavar"]
    hint: object = hints[first.name]
    if count > 1 and get_origin(hint) is not tuple:
        raise ConfigError(
            f"unexpected '{argv[1]}' after '{command} {argv[0]}'; there is one {metavar}, "
            "and options start with two dashes"
        )
    if any(argument.split("=")[0] == flag for argument in argv):
        raise ConfigError(f"{metavar} is given twice, before the options and with {flag}; keep one of the two")
    return [flag, *argv]


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


def _parse_mapping(name: str, value: Any, hints: Hints) -> Any:
    """Return the value of an option; that of a mapping is parsed from its `name=value` arguments."""
    return parse_assignments(value, flag_of(name)) if get_origin(hints.get(name)) is dict else value


def _unknown_argument(parser: ArgumentParser, argument: str, hints: Hints) -> str:
    name = argument.split("=")[0]
    if not name.startswith("-"):
        rule = f"write: {parser.usage}" if parser.usage else "options start with two dashes"
        return f"unexpected '{name}' after '{parser.prog}'; {rule}"
    options: Sequence[str] = [flag_of(field) for field in hints]
    return f"unknown option '{name}'.{did_you_mean(name, options)} See '{parser.prog} --help'."
