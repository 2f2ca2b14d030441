"""Find a name in a table, or suggest the nearest name."""

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

from decouple.errors import ConfigError

Entry = TypeVar("Entry")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the known name nearest to `name`, or "" when none is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Did you mean '{near[0]}'?" if near else ""


def look_up(table: Mapping[str, Entry], name: str, noun: str) -> Entry:
    """Return `table[name]`; `noun` is how an error calls an entry ("loss", "stage-2 method").

    Raises:
        ConfigError: no such name; the message holds the nearest one and the whole list.
    """
    if name not in table:
        raise ConfigError(f"unknown {noun} '{name}'.{did_you_mean(name, table)} Known: {', '.join(table)}.")
    return table[name]
