"""The words of a command line that no option takes: the values of the options declared with `positional`."""

import re
from collections.abc import Sequence
from dataclasses import Field
from typing import Any, get_origin

from decouple.config.fields import flag_of
from decouple.config.value_types import Hints, takes_several
from decouple.errors import ConfigError

_VALUE = re.compile(r"(?!-)|-$|-[\d.]")  # a word, "-", or a negative number


def with_flags(argv: Sequence[str], positional: Sequence[Field[Any]], hints: Hints, command: str) -> list[str]:
    """Return `argv` with the names of positional options before their values, wherever these stand.

    An option takes as many words as its type says, an option of a list all that follow it; the other words are the
    values of the positional options in their order, of which one of a list takes the rest.

    Raises:
        ConfigError: there are more words than positional options take, or one of these is also given by name.
    """
    options, words = _split(argv, hints)
    rest = list(words)
    named: list[str] = []
    for field in positional:
        hint: object = hints[field.name]
        several = get_origin(hint) is tuple
        values, rest = (rest, []) if several else (rest[:1], rest[1:])
        if not values:
            break
        _require_not_named(options, field)
        named += [flag_of(field.name), *values]
    if rest and positional:
        raise ConfigError(_too_many(rest[0], positional, command))
    return [*named, *options, *rest]


def _split(argv: Sequence[str], hints: Hints) -> tuple[list[str], list[str]]:
    """Return the options with their values, and the words that no option takes."""
    flags = {flag_of(name): hint for name, hint in hints.items()}
    options: list[str] = []
    words: list[str] = []
    room = 0.0  # words that the option before still takes
    for argument in argv:
        if not _VALUE.match(argument):
            options.append(argument)
            room = 0.0 if "=" in argument else _room(argument, flags)
        elif room > 0:
            options.append(argument)
            room -= 1
        else:
            words.append(argument)
    return options, words


def _room(flag: str, flags: Hints) -> float:
    """Return how many words an option takes."""
    if flag == "--config":
        return 1
    if flag not in flags:  # its error is that it is unknown
        return 0 if flag in ("-h", "--help") else float("inf")
    hint: object = flags[flag]
    if hint is bool:
        return 0
    return float("inf") if get_origin(hint) in (tuple, dict) or takes_several(hint) else 1


def _require_not_named(options: Sequence[str], field: Field[Any]) -> None:
    flag = flag_of(field.name)
    if any(argument.split("=")[0] == flag for argument in options):
        raise ConfigError(f"{field.metadata['metavar']} is given twice, as a word and with {flag}; keep one of the two")


def _too_many(word: str, positional: Sequence[Field[Any]], command: str) -> str:
    metavars = " ".join(field.metadata["metavar"] for field in positional)
    return f"unexpected '{word}' after '{command}'; write: {command} {metavars} [--options]"
