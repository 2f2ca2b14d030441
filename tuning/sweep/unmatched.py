"""The key `unmatched` of a sweep: published rows that no cell of it stands beside, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean
from tuning.sweep.published_file import PATTERN_KEYS


@dataclass(frozen=True)
class UnmatchedRows:
    """Rows of published values that no cell of a sweep stands beside, and why."""

    rows: Mapping[str, Any]  # column -> text with *, number, or list of these
    reason: str
    where: str  # for messages
    shared: bool = False  # whether other sweeps read it too, so that here it may fit no row


def parse_unmatched(value: object, path: Path) -> tuple[UnmatchedRows, ...]:
    """Return the entries of the key `unmatched`: mappings with `rows` and `reason`, or names of files of such a list.

    Raises:
        ConfigError: it is something else, or a column does not exist.
    """
    if not isinstance(value, list):
        raise ConfigError(f"'unmatched' in {path} must be a list of {{rows: ..., reason: ...}}, got '{value}'")
    entries: list[UnmatchedRows] = []
    for number, mapping in enumerate(value, start=1):
        if isinstance(mapping, str):
            entries += read_unmatched_file(path.parent / mapping)
        else:
            entries.append(_entry(mapping, f"entry {number} of 'unmatched' in {path}"))
    return tuple(entries)


def read_unmatched_file(path: Path) -> list[UnmatchedRows]:
    """Return the entries of a file that several sweeps share.

    Raises:
        ConfigError: it cannot be read, or is no list of such entries.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    if not isinstance(values, list):
        raise ConfigError(f"{path} must be a list of {{rows: ..., reason: ...}}")
    return [_entry(mapping, f"entry {number} of {path}", shared=True) for number, mapping in enumerate(values, start=1)]


def _entry(mapping: object, where: str, *, shared: bool = False) -> UnmatchedRows:
    if not isinstance(mapping, dict) or set(mapping) != {"rows", "reason"}:
        raise ConfigError(f"{where} must be {{rows: ..., reason: ...}}, got '{mapping}'")
    rows, reason = mapping["rows"], mapping["reason"]
    if not isinstance(rows, dict) or not rows:
        raise ConfigError(f"'rows' of {where} must be a mapping from columns to values, got '{rows}'")
    for column in rows:
        if column not in PATTERN_KEYS:
            raise ConfigError(f"unknown column '{column}' in {where}.{did_you_mean(str(column), PATTERN_KEYS)}")
    if not isinstance(reason, str) or not reason:
        raise ConfigError(f"'reason' of {where} must be a text, got '{reason}'")
    return UnmatchedRows(rows, reason, where, shared)
