"""Ranges of settings as the command line writes them: `momentum=0.8:0.99`, `lr=0.01:0.3:log`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from decouple.errors import ConfigError

_EXAMPLE = "NAME=LOW:HIGH or NAME=LOW:HIGH:log, such as momentum=0.8:0.99 or lr=0.01:0.3:log"


@dataclass(frozen=True)
class NamedRange:
    """A setting, and the values between which a search varies it."""

    name: str
    low: float
    high: float
    log: bool = False


def parse_ranges(texts: Sequence[str]) -> tuple[NamedRange, ...]:
    """Return the ranges that the texts stand for.

    Raises:
        ConfigError: a text is no range, its ends are not in order, or a name comes twice.

    Example:
        >>> parse_ranges(["lr=0.01:0.3:log"])
        (NamedRange(name='lr', low=0.01, high=0.3, log=True),)
    """
    ranges = tuple(_parse_range(text) for text in texts)
    names = [entry.name for entry in ranges]
    duplicate = next((name for name in names if names.count(name) > 1), None)
    if duplicate is not None:
        raise ConfigError(f"`range` names '{duplicate}' twice; keep one of the ranges")
    return ranges


def _parse_range(text: str) -> NamedRange:
    name, _, ends = text.partition("=")
    low, _, high = ends.removesuffix(":log").partition(":")
    try:
        values = float(low), float(high)
    except ValueError:
        values = math.nan, math.nan
    if not name or not all(math.isfinite(value) for value in values):
        raise ConfigError(f"`range` takes {_EXAMPLE}; got '{text}'")
    if not values[0] < values[1]:
        raise ConfigError(f"`range` needs the lower end first, got '{text}'")
    log = ends.endswith(":log")
    if log and values[0] <= 0:
        raise ConfigError(f"the lower end of a logarithmic `range` must be above 0, got '{text}'")
    return NamedRange(name, *values, log=log)
