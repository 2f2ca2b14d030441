"""The file of published values: its columns, its rows, and the comparison of their texts."""

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean

COLUMNS = (
    "source", "table", "dataset", "imbalance_profile", "imbalance_ratio", "backbone", "pretrained", "stage1", "stage2",
    "split", "metric", "value", "std", "unit", "note",
)  # fmt: skip
KEYS = tuple(name for name in COLUMNS if name not in ("split", "metric", "value", "std", "unit", "note"))
PATTERN_KEYS = (*KEYS, "split", "metric", "value", "unit")


@dataclass(frozen=True)
class PublishedRow:
    """A line of the file."""

    line: int  # in the file, from 2
    texts: tuple[str, ...]  # in the order of COLUMNS

    def __getitem__(self, column: str) -> str:
        return self.texts[COLUMNS.index(column)]

    @property
    def source(self) -> str:
        """The text that reports it."""
        return self["source"]

    @property
    def table(self) -> str:
        """The table in that text."""
        return self["table"]

    @property
    def split(self) -> str:
        """The images."""
        return self["split"]

    @property
    def metric(self) -> str:
        """The metric."""
        return self["metric"]

    @property
    def unit(self) -> str:
        """percent or raw."""
        return self["unit"]

    @property
    def value(self) -> float | None:
        """The value; None where it, or its deviation, is no number."""
        try:
            float(self["std"] or 0)
            return float(self["value"])
        except ValueError:
            return None

    @property
    def std(self) -> float | None:
        """The standard deviation, if one is reported."""
        return float(self["std"]) if self["std"] else None

    def describe(self) -> str:
        """Return the row in one line, for messages."""
        names = ("dataset", "imbalance_profile", "imbalance_ratio", "backbone", "stage1", "stage2", "split", "metric")
        return f"table {self.table}: {', '.join(self[name] for name in names)} {self['value']}"


def read_published(path: Path) -> tuple[PublishedRow, ...]:
    """Return the rows of a file of published values.

    Raises:
        ConfigError: it cannot be read or lacks a column.
    """
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"cannot read the published values in {path}: {reason}") from None


def require_published_columns(names: Mapping[str, object], source: str) -> None:
    """Check that the names of a mapping are columns that say which row is meant.

    Raises:
        ConfigError: one is not, or the table is a number with a fraction.
    """
    for name in names:
        if name not in KEYS:
            raise ConfigError(f"unknown column '{name}' in {source}.{did_you_mean(str(name), KEYS)}")
    if isinstance(names.get("table"), float):  # YAML reads 5.10 as 5.1, which is another table
        raise ConfigError(f"'table' in {source} must be a text in quotes, since {names['table']} is read as a number")


def same_value(text: str, value: object) -> bool:
    """Return whether a text of the file is a value of a mapping, or the same number.

    Example:
        >>> same_value("100", 100.0), same_value("ce", "ce"), same_value("100", 50)
        (True, True, False)
    """
    if text == str(value):
        return True
    try:
        return float(text) == float(str(value))
    except ValueError:
        return False


def fits_columns(row: PublishedRow, columns: Mapping[str, object]) -> bool:
    """Return whether a row has the values of a mapping `published`; a table is a text, where 5.1 is not 5.10."""
    return all(
        row[name] == str(value) if name == "table" else same_value(row[name], value) for name, value in columns.items()
    )


def fits_pattern(row: PublishedRow, pattern: Mapping[str, object]) -> bool:
    """Return whether a row has all values of a pattern: texts with ``*``, numbers, or lists of which one is enough."""
    return all(
        any(
            (name != "table" and same_value(row[name], option)) or fnmatchcase(row[name], str(option))
            for option in _options(value)
        )
        for name, value in pattern.items()
    )


def _options(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


@functools.lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> tuple[PublishedRow, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise ConfigError(f"the published values in {path} have no column {', '.join(missing)}")
        return tuple(
            PublishedRow(line, tuple(row[name] or "" for name in COLUMNS)) for line, row in enumerate(reader, start=2)
        )
