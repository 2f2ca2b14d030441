"""Find a name in a table; an unknown name is an error that suggests the nearest one."""

from collections.abc import Mapping
from typing import TypeVar

from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean

Entry = TypeVar("Entry")


def look_up(table: Mapping[str, Entry], name: str, noun: str) -> Entry:
    """Return `table[name]`; `noun` is how an error calls an entry ("loss", "stage-2 method").

    Raises:
        ConfigError: no such name; the message holds the nearest one and the whole list.
    """
    if name not in table:
        raise ConfigError(f"unknown {noun} '{name}'.{did_you_mean(name, table)} Known: {', '.join(table)}.")
    return table[name]
