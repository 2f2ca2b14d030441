"""Settings: one frozen dataclass per command serves the command line, the YAML file, `--help` and validation.

A field made with `option` is the one definition of that option: its name, type, default and help text. This module and
the settings modules import neither torch nor anything slow, so that `--help` and a typing error answer at once.
"""

import math
import re
import types
from argparse import ArgumentError
from collections.abc import Callable, Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml
from jsonargparse import ArgumentParser

from decouple.errors import ConfigError
from decouple.lookup import did_you_mean
from decouple.options import OptionValue, read_words

Settings = TypeVar("Settings")


def option(default: Any, help: str) -> Any:
    """Declare one option of a settings dataclass; `help` names the unit and range where there is one."""
    if isinstance(default, dict):
        return field(default_factory=default.copy, metadata={"help": help})
    return field(default=default, metadata={"help": help})


def words(default: Any, help: str, *, metavar: str) -> Any:
    """Declare the option, one of a settings class at most, whose value may stand before all options without its name.

    ``decouple compare A B`` is ``decouple compare --run A B``. An option of a list takes all words, any other one.
    """
    return field(default=default, metadata={"help": help, "metavar": metavar})


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
    given = _read_command_line(parser, _name_first_words(kind, argv, hints, command), hints)
    path = given.pop("config", None)
    if path is not None:
        given = {**_check_mapping(parser, read_yaml(Path(path)), path, hints), **given}
    return Parsed(kind(**given), frozenset(given))


def to_yaml(settings: Any) -> str:
    """Return the resolved settings as YAML that `--config` reads back."""
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(settings).items()}
    return yaml.safe_dump(values, sort_keys=False)


def from_yaml(kind: type[Settings], path: Path) -> Settings:
    """Return the settings in a YAML file.

    Raises:
        ConfigError: the file is not a mapping of this kind's keys, or a value has the wrong type or is refused.
    """
    return from_mapping(kind, read_yaml(path), str(path))


def from_mapping(kind: type[Settings], values: Mapping[str, Any], place: str) -> Settings:
    """Return the settings in a mapping read from YAML; `place` is what an error calls it ("stage1 of grid.yaml").

    Raises:
        ConfigError: a key is none of this kind's, or a value has the wrong type or is refused.
    """
    return kind(**_check_mapping(_make_parser(kind, "decouple"), values, place, get_type_hints(kind)))


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file, its values not checked.

    Raises:
        ConfigError: the file cannot be read or does not hold a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
        values, keys = yaml.safe_load(text), _keys(yaml.compose(text, Loader=yaml.SafeLoader))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"cannot read the settings file {path}: {reason}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    if values is None:  # nothing but comments
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"{path} must hold 'key: value' lines, not a {type(values).__name__}")
    twice = [key for key in keys if keys.count(key) > 1]
    if twice:
        raise ConfigError(f"'{twice[0].split(chr(0))[-1]}' stands in {path} more than once; keep one of the lines")
    return values


def _keys(node: yaml.Node | None, above: str = "") -> list[str]:
    """Return the keys of a mapping and of those in it, as they are written behind the ones above, repeated ones too."""
    found = []
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            found += [f"{above}{key.value}", *_keys(value, f"{above}{key.value}\0")]
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            found += _keys(value, f"{above}{number}\0")
    return found


def _first_field(kind: type[Any]) -> Field[Any] | None:
    """Return the field that is declared with `words`."""
    return next((each for each in fields(kind) if "metavar" in each.metadata), None)


def _name_first_words(kind: type[Any], argv: list[str], hints: dict[str, Any], command: str) -> list[str]:
    """Return `argv` with the option's name put before the words that stand before all options."""
    first = _first_field(kind)
    number = next((place for place, word in enumerate(argv) if word.startswith("-")), len(argv))
    if first is None or not number:
        return argv
    flag, metavar = _flag(first.name), first.metadata["metavar"]
    if number > 1 and get_origin(hints[first.name]) is not tuple:
        raise ConfigError(
            f"unexpected '{argv[1]}' after '{command} {argv[0]}'; there is one {metavar}, "
            "and options start with two dashes"
        )
    if any(word.split("=")[0] == flag for word in argv):
        raise ConfigError(f"{metavar} is given twice, before the options and with {flag}; keep one of the two")
    return [flag, *argv]


def _make_parser(kind: type[Any], command: str) -> ArgumentParser:
    summary = " ".join((kind.__doc__ or "").split())
    parser = ArgumentParser(prog=command, description=summary, exit_on_error=False, allow_abbrev=False)
    first = _first_field(kind)
    if first is not None:
        parser.usage = f"{command} {first.metadata['metavar']} [--options]"
    parser.add_argument("--config", type=str, help="YAML file of the options below; the command line wins")
    hints = get_type_hints(kind)
    for each in fields(kind):
        _add_option(parser, each, hints[each.name])
    return parser


def _add_option(parser: ArgumentParser, each: Field[Any], hint: Any) -> None:
    name, text = _flag(each.name), each.metadata["help"]
    if hint is bool:
        parser.add_argument(name, action="store_true", default=each.default, help=text)
    elif get_origin(hint) is dict:
        parser.add_argument(name, type=str, nargs="+", default=[], metavar="NAME=VALUE", help=text)
    elif get_origin(hint) is tuple:
        parser.add_argument(name, type=get_args(hint)[0], nargs="+", default=list(_as_any(each.default)), help=text)
    elif _takes_several(hint):
        parser.add_argument(name, type=get_args(hint)[0], nargs="+", default=None, help=text)
    else:
        parser.add_argument(name, type=hint, default=each.default, help=text)


def _check_mapping(
    parser: ArgumentParser, values: Mapping[str, Any], place: str, hints: dict[str, Any]
) -> dict[str, Any]:
    for key, value in values.items():
        if key not in hints:
            raise ConfigError(f"unknown key '{key}' in {place}.{did_you_mean(str(key), hints)}")
        if not _shape_fits(value, hints[key]):
            given = "null" if value is None else value
            raise ConfigError(f"'{key}' in {place} must be {_in_words(hints[key])}, got '{given}'.")
    mappings = {key: value for key, value in values.items() if get_origin(hints[key]) is dict}
    plain = {key: _listed(value, hints[key]) for key, value in values.items() if key not in mappings}
    try:
        read = parser.parse_object(plain, defaults=False).as_dict()
        return {**_checked(read, hints, lambda key: f"'{key}' in {place}"), **mappings}
    except ArgumentError as error:
        raise ConfigError(_wrong_value(str(error), hints, lambda key: f"'{key}' in {place}")) from None


def _takes_several(hint: Any) -> bool:
    """Return whether an option takes one value or several: ``float | tuple[float, ...]``, perhaps with None."""
    return isinstance(hint, types.UnionType) and any(get_origin(part) is tuple for part in get_args(hint))


def _listed(value: Any, hint: Any) -> Any:
    """Return a value in a file as the command line makes it: a single one as a list, and YAML's yes as the word."""
    if isinstance(value, bool) and {"yes", "no"} <= set(get_args(hint)):
        return "yes" if value else "no"
    return [value] if _takes_several(hint) and value is not None and not isinstance(value, list) else value


def _shape_fits(value: Any, hint: Any) -> bool:
    """Check what the library lets through in a file: null, any value for a flag, a single value for a list."""
    if value is None:
        return types.NoneType in get_args(hint)
    if hint is bool:
        return isinstance(value, bool)
    if get_origin(hint) is dict:
        return isinstance(value, dict) and all(
            isinstance(name, str) and isinstance(each, OptionValue) for name, each in value.items()
        )
    if _takes_several(hint):
        return not isinstance(value, dict)
    return isinstance(value, list) == (get_origin(hint) is tuple)


def _read_command_line(parser: ArgumentParser, argv: list[str], hints: dict[str, Any]) -> dict[str, Any]:
    nested = [word for word in argv if re.match(r"--[\w-]+\.", word)]  # the library would take --lr.x as part of --lr
    try:
        if not nested:
            return _read_mappings(_checked(parser.parse_args(argv, defaults=False).as_dict(), hints, _flag), hints)
        message = ""
    except ArgumentError as error:
        message = str(error)
    unknown = nested or re.findall(r"^unrecognized arguments: (\S+)", message)
    if not unknown:
        raise ConfigError(_wrong_value(message, hints, _flag))
    word = unknown[0].split("=")[0]
    if not word.startswith("-"):
        rule = f"write: {parser.usage}" if parser.usage else "options start with two dashes"
        raise ConfigError(f"unexpected '{word}' after '{parser.prog}'; {rule}")
    options = [_flag(name) for name in hints]
    raise ConfigError(f"unknown option '{word}'.{did_you_mean(word, options)} See '{parser.prog} --help'.")


def _read_mappings(values: dict[str, Any], hints: dict[str, Any]) -> dict[str, Any]:
    """Return the values with those of mappings read from their `name=value` words."""
    return {
        name: read_words(value, _flag(name)) if get_origin(hints.get(name)) is dict else value
        for name, value in values.items()
    }


def _wrong_value(message: str, hints: dict[str, Any], place: Callable[[str], str]) -> str:
    """Turn the library's many-line complaint about a value into one sentence."""
    key = re.search(r"""key ["'](\w+)["']""", message)
    value = re.search(r"(?:Got value|Given value): (.*)", message)
    if key is None or value is None or key[1] not in hints:
        text = " ".join(message.removeprefix("argument ").split())
        text = re.sub(r": ignored explicit argument (.*)$", r" takes no value, got \1", text)
        return re.sub(r": expected (at least )?one argument$", " needs a value", text)
    hint, given = hints[key[1]], value[1].strip()
    near = did_you_mean(given, get_args(hint)) if get_origin(hint) is Literal else ""
    return f"{place(key[1])} must be {_in_words(hint)}, got '{given}'.{near}"


def _checked(values: dict[str, Any], hints: dict[str, Any], place: Callable[[str], str]) -> dict[str, Any]:
    """Return the values with lists as tuples, or as the one value of an option that takes one or several.

    Infinity and NaN, which the library takes for numbers, are refused.
    """
    for name, given in values.items():
        numbers = [each for each in (given if isinstance(given, list) else [given]) if isinstance(each, float)]
        for value in (each for each in numbers if not math.isfinite(each)):
            raise ConfigError(f"{place(name)} must be a number, got '{value}'.")
    return {name: _plain(value, hints.get(name)) for name, value in values.items()}


def _plain(value: Any, hint: Any) -> Any:
    if not isinstance(value, list):
        return value
    return value[0] if _takes_several(hint) and len(value) == 1 else tuple(value)


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _as_any(value: Any) -> Any:
    """Hide from the type checker that a field could be without a default; `option` always gives one."""
    return value


def _in_words(hint: Any) -> str:
    """Return a type as a user would say it."""
    if get_origin(hint) is Literal:
        return ("one of " if len(get_args(hint)) > 1 else "") + ", ".join(map(str, get_args(hint)))
    if _takes_several(hint):
        return f"{_in_words(get_args(hint)[0])}, or a list of them"
    if get_origin(hint) in (types.UnionType, Union):  # `int | Literal[...]` is a Union of typing
        return " or ".join(_in_words(part) for part in get_args(hint) if part is not types.NoneType)
    if get_origin(hint) is tuple:
        return f"a list, each {_in_words(get_args(hint)[0])}"
    if get_origin(hint) is dict:
        return "a mapping of names to numbers, texts, true or false"
    return {int: "a whole number", float: "a number", str: "text", bool: "true or false"}.get(hint, str(hint))
