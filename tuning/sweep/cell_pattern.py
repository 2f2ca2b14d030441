"""Patterns of cells by the names of their entries: `{data: a, stage1: [b, c]}`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean

_AXES = ("data", "stage1", "stage2")


@dataclass(frozen=True)
class CellPattern:
    """Names of entries along each axis; None stands for all.

    Example:
        >>> CellPattern(stage1=("ce", "gcl")).matches("cifar10", "gcl", "tau")
        True
    """

    data: tuple[str, ...] | None = None
    stage1: tuple[str, ...] | None = None
    stage2: tuple[str, ...] | None = None

    def matches(self, data: str, stage1: str, stage2: str | None = None) -> bool:
        """Return whether a cell, or without `stage2` any cell of a run, is one of the pattern."""
        return all(
            allowed is None or name is None or name in allowed
            for allowed, name in ((self.data, data), (self.stage1, stage1), (self.stage2, stage2))
        )


def parse_patterns(value: object, names: Mapping[str, Iterable[str]], source: str) -> tuple[CellPattern, ...]:
    """Return the patterns of a list of mappings.

    Args:
        value: as read from YAML.
        names: axis -> names of its entries.
        source: where the list stands, for messages.

    Raises:
        ConfigError: it is no list of mappings, an axis or a name is unknown, or a pattern is empty.
    """
    if not isinstance(value, list) or not value or not all(isinstance(pattern, dict) for pattern in value):
        raise ConfigError(f"{source} must be a list of mappings such as {{stage1: ce}}, got '{value}'")
    return tuple(
        parse_pattern(pattern, names, f"entry {number} of {source}") for number, pattern in enumerate(value, start=1)
    )


def parse_pattern(values: Mapping[str, Any], names: Mapping[str, Iterable[str]], source: str) -> CellPattern:
    """Return the pattern of a mapping from axes to a name or a list of names; see `parse_patterns`."""
    if not values:
        raise ConfigError(f"{source} is empty; name entries of {', '.join(_AXES)}")
    parsed = {}
    for axis, value in values.items():
        if axis not in _AXES:
            raise ConfigError(
                f"unknown axis '{axis}' in {source}.{did_you_mean(str(axis), _AXES)} Known: data, stage1, stage2"
            )
        wanted = value if isinstance(value, list) else [value]
        known = list(names[axis])
        for name in wanted:
            if name not in known:
                raise ConfigError(
                    f"'{name}' in {source} is no entry of '{axis}'.{did_you_mean(str(name), known)} "
                    f"Known: {', '.join(known)}"
                )
        if not wanted:
            raise ConfigError(f"'{axis}' in {source} names no entry")
        parsed[axis] = tuple(wanted)
    return CellPattern(**parsed)
