"""The commands and options that a completion script knows, and what may follow each option."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

from decouple.command_table import COMMANDS
from decouple.config.call_options import CallOptions, call_option_names
from decouple.config.fields import flag_of, positional_fields
from decouple.config.recipes import FOLDER, LIST
from decouple.config.value_types import takes_several
from decouple.datasets.settings import BENCHMARKS, FILES

Follows: TypeAlias = Literal["run", "file", "words", "nothing"]  # what follows an option
RUN: Literal["run"] = "run"
FILE: Literal["file"] = "file"
WORDS: Literal["words"] = "words"
NOTHING: Literal["nothing"] = "nothing"


@dataclass(frozen=True, kw_only=True)
class CompletedOption:
    """An option of a command."""

    flag: str
    follows: Follows
    words: tuple[str, ...] = ()  # the values, where they are a few names
    several: bool = False
    help: str = ""


@dataclass(frozen=True, kw_only=True)
class CompletedCommand:
    """A command, its options, and what its words without an option are."""

    name: str  # one or two words
    summary: str
    options: tuple[CompletedOption, ...]
    follows: Follows
    words: tuple[str, ...] = ()


def completed_commands() -> list[CompletedCommand]:
    """Return every command of the program."""
    return [_command(name) for name in COMMANDS]


def first_words() -> list[str]:
    """Return the first words of all commands."""
    return list(dict.fromkeys(name.split()[0] for name in COMMANDS))


def second_words(first: str) -> list[str]:
    """Return the second words of the commands that begin with `first`."""
    return [name.split()[1] for name in COMMANDS if name.startswith(f"{first} ")]


def _command(name: str) -> CompletedCommand:
    command = COMMANDS[name]
    module, settings = command.settings.split(":")
    settings_type = getattr(importlib.import_module(module), settings)
    hints = get_type_hints(settings_type)
    options = [_option(field.name, hints[field.name], field.metadata["help"]) for field in fields(settings_type)]
    for flag, source in call_option_names(settings_type, command.call_options).items():
        help_text = CallOptions.__dataclass_fields__[source].metadata["help"]
        options.append(CompletedOption(flag=flag_of(flag), follows=NOTHING, help=help_text))
    recipes = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    options.append(CompletedOption(flag="--config", follows=FILE, words=(LIST, *recipes), help="YAML file or recipe"))
    options.append(CompletedOption(flag="--help", follows=NOTHING, help="examples and all options"))
    words = [
        option for field in positional_fields(settings_type) for option in options if option.flag == flag_of(field.name)
    ]
    return CompletedCommand(
        name=name,
        summary=command.summary,
        options=tuple(options),
        follows=_least_specific(words),
        words=words[0].words if words else (),
    )


def _option(name: str, hint: Any, help_text: str) -> CompletedOption:
    several = get_origin(hint) in (tuple, dict) or takes_several(hint)
    words = _words(name, hint)
    follows: Follows = WORDS if words else FILE
    if hint is bool:
        follows = NOTHING
    elif name == "run":
        follows = RUN
    return CompletedOption(flag=flag_of(name), follows=follows, words=words, several=several, help=help_text)


def _words(name: str, hint: Any) -> tuple[str, ...]:
    """Return the names that an option accepts, where its type or the program has a list of them."""
    if name == "data":
        return (*BENCHMARKS, *FILES)
    if name == "device":
        return ("auto", "cpu", "cuda")
    members = [member for member in (hint, *get_args(hint)) if get_origin(member) is Literal]
    return tuple(str(value) for member in members for value in get_args(member))


def _least_specific(options: Sequence[CompletedOption]) -> Follows:
    """Return what the words of a command are: runs, then files where there are several kinds."""
    kinds = [option.follows for option in options]
    if not kinds:
        return NOTHING
    return FILE if FILE in kinds and RUN not in kinds else kinds[0]
