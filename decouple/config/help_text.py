"""The help of a command: examples first, then every option with its type as people name it, and its default."""

import shutil
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields
from typing import Any, get_args, get_origin, get_type_hints

from decouple.config.call_options import CallOptions
from decouple.config.fields import flag_of, positional_fields
from decouple.config.value_types import type_name

MAX_WIDTH, MIN_WIDTH = 110, 40  # columns
_INDENT = "      "


def help_text(
    settings_type: type[Any], command: str, *, call_options: Mapping[str, str] | None = None, examples: Sequence[str]
) -> str:
    """Return the help of a command, as wide as the terminal within limits.

    Args:
        settings_type: the settings of the command.
        command: its name with that of the program.
        call_options: name on the command line -> field of `CallOptions`.
        examples: commands without the name of the program.
    """
    width = min(MAX_WIDTH, max(MIN_WIDTH, shutil.get_terminal_size().columns))
    hints = get_type_hints(settings_type)
    words = "".join(f" {field.metadata['metavar']}" for field in positional_fields(settings_type))
    lines = ["examples:", *(f"  decouple {example}" for example in examples), ""] if examples else []
    lines += [f"usage: {command}{words} [--options]", ""]
    lines += _wrapped(" ".join((settings_type.__doc__ or "").split()), width)
    lines += ["", "options:"]
    for field in fields(settings_type):
        lines += _entry(flag_of(field.name), field, type_text(field, hints[field.name]), width)
    lines += ["", "options of every call, which no file and no run stores:"]
    config = "read options above from a YAML file; the command line wins"
    lines += _lines("--config", config, "a file, or the name of a packaged recipe; list: show them", width)
    for name, source in (call_options or {}).items():
        lines += _entry(flag_of(name), CallOptions.__dataclass_fields__[source], "yes if present", width)
    return "\n".join([*lines, *_lines("--help", "show this text", "", width), ""])


def type_text(field: Field[Any], hint: Any) -> str:
    """Return what an option accepts: "a whole number", "one of a, b", "a folder"."""
    if hint is bool:
        return "yes if present"
    if get_origin(hint) is dict:
        return "one or more of NAME=VALUE"
    kind = field.metadata.get("kind")
    if get_origin(hint) is tuple:
        return f"one or more, each {kind or type_name(get_args(hint)[0])}"
    return kind or type_name(hint)


def default_text(field: Field[Any]) -> str:
    """Return the default of an option: "none" without one, and "no" for a switch."""
    if field.default is None or field.default is MISSING or field.default == ():
        return "none"
    if isinstance(field.default, bool):
        return "yes" if field.default else "no"
    if isinstance(field.default, tuple):
        return " ".join(map(str, field.default))
    return str(field.default)


def _entry(flag: str, field: Field[Any], kind: str, width: int) -> list[str]:
    text = field.metadata["help"]
    is_explained = field.default in (None, ()) and "default" in text  # "default: the latest"
    note = kind if is_explained else f"{kind}; default: {default_text(field)}"
    return _lines(flag, text, f"{note}; the name may be left out" if "metavar" in field.metadata else note, width)


def _lines(flag: str, text: str, note: str, width: int) -> list[str]:
    """Return an option: its name and what it accepts, and below them what it does."""
    head = _wrapped(f"{flag}  ({note})" if note else flag, width - 2)
    body = _wrapped(text, width - len(_INDENT))
    return [f"  {head[0]}", *(f"{_INDENT}{line}" for line in (*head[1:], *body))]


def _wrapped(text: str, width: int) -> list[str]:
    """Return lines that break between words alone, so that names and options can be copied."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
