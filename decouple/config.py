"""Settings: one frozen dataclass per command serves the command line, the YAML file, `--help` and validation.

A field made with `option` is the one definition of that option: its name, type, default and help text. This module and
the settings modules import neither torch nor anything slow, so that `--help` and a typing error answer at once.
"""

import re
import types
import typing
from dataclasses import Field, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints

import yaml
from jsonargparse import ArgumentParser

from decouple.errors import ConfigError
from decouple.lookup import did_you_mean

Settings = TypeVar("Settings")


def option(default: Any, help: str) -> Any:  # noqa: A002 - the word argparse uses
    """Declare one option of a settings dataclass; `help` names the unit and range where there is one."""
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True)
class Parsed(Generic[Settings]):
    """Settings, and which of them the user gave (on the command line or in the file) rather than left at default."""

    settings: Settings
    given: frozenset[str]


def parse(kind: type[Settings], argv: list[str], command: str) -> Parsed[Settings]:
    """Return the settings that `argv` asks for; options on the command line win over those in the `--config` file.

    Raises:
        ConfigError: an unknown option or key, a value of the wrong type, or one that the settings refuse.
        SystemExit: `--help` was asked for and has been printed.
    """
    parser = _make_parser(kind, command)
    hints = get_type_hints(kind)
    given = _explained(lambda: parser.parse_args(argv, defaults=False).as_dict(), hints, command, "--{}")
    path = given.pop("config", None)
    if path is not None:
        given = {**_read_file(parser, Path(path), hints, command), **given}
    settings = kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})
    return Parsed(settings, frozenset(given))


def to_yaml(settings: Any) -> str:
    """Return the resolved settings as YAML that `--config` reads back."""
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(settings).items()}
    return yaml.safe_dump(values, sort_keys=False)


def from_yaml(kind: type[Settings], text: str, source: str) -> Settings:
    """Return settings from YAML text written by `to_yaml`; `source` names the file in an error.

    Raises:
        ConfigError: the text is not a mapping of this kind's keys, or a value has the wrong type.
    """
    hints = get_type_hints(kind)
    values = _explained(
        lambda: _make_parser(kind, source).parse_object(_mapping(text, source), defaults=False).as_dict(),
        hints,
        source,
        f"'{{}}' in {source}",
    )
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def _make_parser(kind: type[Any], command: str) -> ArgumentParser:
    summary = (kind.__doc__ or "").strip()
    parser = ArgumentParser(
        prog=command, description=summary, exit_on_error=False, allow_abbrev=False, add_print_config=False
    )
    parser.add_argument(
        "--config", type=str, default=None, help="YAML file of the options below; the command line wins"
    )
    hints = get_type_hints(kind)
    for each in fields(kind):
        _add_option(parser, each, hints[each.name])
    return parser


def _add_option(parser: ArgumentParser, each: Field[Any], hint: Any) -> None:
    name, text = "--" + each.name.replace("_", "-"), each.metadata["help"]
    if hint is bool:
        parser.add_argument(name, action="store_true", default=each.default, help=text)
    elif get_origin(hint) is tuple:
        default = list(each.default)
        parser.add_argument(name, type=get_args(hint)[0], nargs="+", default=default, help=text)
    else:
        parser.add_argument(name, type=hint, default=each.default, help=text)


def _read_file(parser: ArgumentParser, path: Path, hints: dict[str, Any], command: str) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"cannot read the settings file {path}: {getattr(error, 'strerror', None) or error}"
        ) from None
    values = _mapping(text, str(path))
    return _explained(
        lambda: parser.parse_object(values, defaults=False).as_dict(), hints, command, f"'{{}}' in {path}"
    )


def _mapping(text: str, source: str) -> dict[str, Any]:
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        line = f" (line {error.problem_mark.line + 1})" if getattr(error, "problem_mark", None) else ""
        raise ConfigError(f"{source} is not valid YAML{line}: {getattr(error, 'problem', error)}") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"{source} must hold 'key: value' lines, not a {type(values).__name__}")
    return {str(key).replace("-", "_"): value for key, value in values.items() if key != "config"}


def _explained(parse_it: typing.Callable[[], dict[str, Any]], hints: dict[str, Any], command: str, place: str) -> Any:
    """Run the library's parser and turn its error into one sentence that names the option and the nearest name."""
    try:
        return parse_it()
    except Exception as error:  # the library raises several kinds, and their texts run over many lines
        message = str(error)
        unknown = re.search(
            r"unrecognized arguments: (\S+)|(?:does not accept|No action for|Unexpected).*?['\"]([\w.-]+)['\"]", message
        )
        if unknown:
            raise ConfigError(_unknown_option(unknown[1] or unknown[2], hints, command, place)) from None
        key = re.search(r"""key ["'](\w+)["']""", message)
        value = re.search(r"(?:Got value|Given value): (.*)", message)
        if key and key[1] in hints and value:
            shown = place.format(key[1] if place.startswith("'") else key[1].replace("_", "-"))
            near = did_you_mean(value[1], get_args(hints[key[1]])) if get_origin(hints[key[1]]) is Literal else ""
            raise ConfigError(f"{shown} must be {_in_words(hints[key[1]])}, got '{value[1].strip()}'.{near}") from None
        raise ConfigError(" ".join(message.split())) from None


def _unknown_option(name: str, hints: dict[str, Any], command: str, place: str) -> str:
    if place.startswith("'"):
        return f"unknown key {place.format(name)}.{did_you_mean(name.replace('-', '_'), hints)}"
    if not name.startswith("-"):
        return f"unexpected '{name}' after '{command}'; options start with two dashes, see '{command} --help'"
    options = ["--" + hint.replace("_", "-") for hint in hints]
    return f"unknown option '{name}'.{did_you_mean(name.split('=')[0], options)} See '{command} --help'."


def _in_words(hint: Any) -> str:
    """Return a type as a user would say it."""
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(map(str, get_args(hint)))
    if isinstance(hint, types.UnionType):
        return " or ".join(_in_words(part) for part in get_args(hint) if part is not types.NoneType)
    if get_origin(hint) is tuple:
        return f"a list, each {_in_words(get_args(hint)[0])}"
    return {int: "a whole number", float: "a number", str: "text", bool: "true or false"}.get(hint, str(hint))
