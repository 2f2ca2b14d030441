"""The parser of a settings dataclass: an argument for each field."""

from dataclasses import Field, fields
from typing import Any, get_args, get_origin, get_type_hints

from jsonargparse import ArgumentParser

from decouple.config.fields import flag_of, positional_field
from decouple.config.value_types import takes_several


def make_parser(settings_type: type[Any], command: str) -> ArgumentParser:
    """Return the parser of a command."""
    summary = " ".join((settings_type.__doc__ or "").split())
    parser = ArgumentParser(prog=command, description=summary, exit_on_error=False, allow_abbrev=False)
    first = positional_field(settings_type)
    if first is not None:
        parser.usage = f"{command} {first.metadata['metavar']} [--options]"
    parser.add_argument("--config", type=str, help="YAML file of the options below; the command line wins")
    hints = get_type_hints(settings_type)
    for entry in fields(settings_type):
        _add_option(parser, entry, hints[entry.name])
    return parser


def _add_option(parser: ArgumentParser, entry: Field[Any], hint: Any) -> None:
    name, text = flag_of(entry.name), entry.metadata["help"]
    default: Any = entry.default  # `option` always gives one
    if hint is bool:
        parser.add_argument(name, action="store_true", default=default, help=text)
    elif get_origin(hint) is dict:
        parser.add_argument(name, type=str, nargs="+", default=[], metavar="NAME=VALUE", help=text)
    elif get_origin(hint) is tuple:
        parser.add_argument(name, type=get_args(hint)[0], nargs="+", default=list(default), help=text)
    elif takes_several(hint):
        parser.add_argument(name, type=get_args(hint)[0], nargs="+", default=None, help=text)
    else:
        parser.add_argument(name, type=hint, default=default, help=text)
