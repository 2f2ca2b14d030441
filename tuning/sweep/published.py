"""Published values to compare a sweep with: at most one row of a CSV file for a cell, a split and a metric."""

import csv
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean
from tuning.sweep.grid import SweepGrid
from tuning.sweep.table_options import group_names

COLUMNS = (
    "source", "table", "dataset", "imbalance_profile", "imbalance_ratio", "backbone", "pretrained", "stage1", "stage2",
    "split", "metric", "value", "std", "unit", "note",
)  # fmt: skip
_KEYS = tuple(name for name in COLUMNS if name not in ("split", "metric", "value", "std", "unit", "note"))
_UNIT = "percent"  # of every metric of a sweep
_MAX_LISTED = 3  # rows that an error names


@dataclass(frozen=True)
class PublishedValue:
    """A value reported in a paper."""

    value: float
    std: float | None
    source: str  # and the table in it


PublishedKey = tuple[str, str, str, str, str]  # data, stage1, stage2, split, metric


def published_values(grid: SweepGrid) -> dict[PublishedKey, PublishedValue]:
    """Return the published value of each metric that has one; only rows of the same split, metric and unit count.

    Cells are compared whose three entries all have a mapping `published`; together the mappings say which row.

    Raises:
        ConfigError: the file cannot be read or lacks a column, a mapping names another column, or several rows fit.
    """
    if grid.published is None:
        return {}
    path = grid.path.parent / grid.published
    rows, values = _read(path), dict[PublishedKey, PublishedValue]()
    splits = ["all", "long_tailed", *group_names(grid.groups)]
    for data, stage1, stage2 in grid.combinations():
        if data.published is None or stage1.published is None or stage2.published is None:
            continue
        keys = {**data.published, **stage1.published, **stage2.published}
        for key in keys:
            if key not in _KEYS:
                raise ConfigError(f"unknown column '{key}' in 'published' of {grid.path}.{did_you_mean(key, _KEYS)}")
        cell = f"{data.name}, {stage1.name}, {stage2.name}"
        for split, metric in itertools.product(splits, ("top1", "balanced")):
            matches = [row for row in rows if _matches(row, keys, grid.published_splits.get(split, split), metric)]
            if matches:
                values[data.name, stage1.name, stage2.name, split, metric] = _only(matches, f"{cell}, {split}", path)
    return values


def _read(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise ConfigError(f"the published values in {path} have no column {', '.join(missing)}")
            return list(reader)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"cannot read the published values in {path}: {reason}") from None


def _matches(row: Mapping[str, str], keys: Mapping[str, object], split: str, metric: str) -> bool:
    if (row["split"], row["metric"], row["unit"]) != (split, metric, _UNIT):
        return False
    return all(_same(row[key], str(value)) for key, value in keys.items())


def _same(one: str, two: str) -> bool:
    """Return whether two texts are equal, or the same number: 100 and 100.0."""
    try:
        return one == two or float(one) == float(two)
    except ValueError:
        return False


def _only(matches: Sequence[Mapping[str, str]], figure: str, path: Path) -> PublishedValue:
    if len(matches) > 1:
        listed = "; ".join(f"table {row['table']} of {row['source']}: {row['value']}" for row in matches[:_MAX_LISTED])
        raise ConfigError(
            f"{len(matches)} rows of {path} fit {figure} ({listed}); say which with 'source', 'table' or another column"
        )
    (row,) = matches
    try:
        return PublishedValue(
            float(row["value"]), float(row["std"]) if row["std"] else None, f"{row['source']} {row['table']}"
        )
    except ValueError:
        raise ConfigError(f"'{row['value']}' (std '{row['std']}') in {path} for {figure} is not a number") from None
