"""The parser of a settings dataclass: an argument for each field."""

from argparse import HelpFormatter
from collections.abc import Mapping, Sequence
from dataclasses import Field, fields
from typing import Any, get_args, get_origin, get_type_hints

from jsonargparse import ArgumentParser

from decouple.config.fields import flag_of
from decouple.config.help_text import help_text
from decouple.config.value_types import takes_several


class HelpfulParser(ArgumentParser):
    """A parser that prints the help of `decouple.config.help_text`."""

    text = ""

    def format_help(self, formatter: HelpFormatter | None = None) -> str:
        """Return the help of the command."""
        return self.text


def make_parser(
    settings_type: type[Any],
    command: str,
    *,
    call_options: Mapping[str, str] | None = None,
    examples: Sequence[str] = (),
) -> ArgumentParser:
    """Return the parser of a command.

    Args:
        settings_type: the settings of the command.
        command: its name.
        call_options: name on the command line -> field of `CallOptions`.
        examples: commands that the help begins with.
    """
    parser = HelpfulParser(prog=command, exit_on_error=False, allow_abbrev=False)
    parser.text = help_text(settings_type, command, call_options=call_options, examples=examples)
    parser.add_argument("--config", type=str)
    hints = get_type_hints(settings_type)
    for entry in fields(settings_type):
        _add_option(parser, entry, hints[entry.name])
    for name in call_options or {}:
        parser.add_argument(flag_of(name), action="store_true")
    return parser


def _add_option(parser: ArgumentParser, entry: Field[Any], hint: Any) -> None:
    name = flag_of(entry.name)
    default: Any = entry.default  # `option` always gives one
    if hint is bool:
        parser.add_argument(name, action="store_true", default=default)
    elif get_origin(hint) is dict:
        parser.add_argument(name, type=str, nargs="+", default=[])
    elif get_origin(hint) is tuple:
        parser.add_argument(name, type=get_args(hint)[0], nargs="+", default=list(default))
    elif takes_several(hint):
        parser.add_argument(name, type=get_args(hint)[0], nargs="+", default=None)
    else:
        parser.add_argument(name, type=hint, default=default)
