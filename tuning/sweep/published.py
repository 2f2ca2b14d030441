"""Published values beside those of a sweep: a row of a CSV file for a cell, a split and a metric, or none."""

import csv
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from decouple.errors import ConfigError
from decouple.lookup import did_you_mean
from tuning.sweep.plan import GROUPS, Plan

COLUMNS = (
    "source", "table", "dataset", "imbalance_profile", "imbalance_ratio", "backbone", "pretrained", "stage1", "stage2",
    "split", "metric", "value", "std", "unit", "note",
)  # fmt: skip
_KEYS = tuple(name for name in COLUMNS if name not in ("split", "metric", "value", "std", "unit", "note"))
_UNIT = "percent"  # of every figure of a sweep
_SHOWN = 3  # rows that an error names


@dataclass(frozen=True)
class Published:
    """What somebody else reported."""

    value: float
    std: float | None
    source: str  # and the table in it


Key = tuple[str, str, str, str, str]  # data, stage1, stage2, split, metric


def published_values(plan: Plan) -> dict[Key, Published]:
    """Return the published value of each figure that has one; only rows of the same split, metric and unit count.

    Compared are the cells whose three entries all have a mapping `published`; together they say which row.

    Raises:
        ConfigError: the file cannot be read or lacks a column, a mapping names another column, or several rows fit.
    """
    if plan.published is None:
        return {}
    path = plan.path.parent / plan.published
    rows, found = _read(path), dict[Key, Published]()
    splits = ["all", "long_tailed", *GROUPS[plan.groups]]
    for data, stage1, stage2 in itertools.product(plan.data, plan.stage1, plan.stage2):
        if data.published is None or stage1.published is None or stage2.published is None:
            continue
        keys = {**data.published, **stage1.published, **stage2.published}
        for key in keys:
            if key not in _KEYS:
                raise ConfigError(f"unknown column '{key}' in 'published' of {plan.path}.{did_you_mean(key, _KEYS)}")
        place = f"{data.name}, {stage1.name}, {stage2.name}"
        for split, metric in itertools.product(splits, ("top1", "balanced")):
            fitting = [row for row in rows if _fits(row, keys, plan.published_splits.get(split, split), metric)]
            if fitting:
                found[data.name, stage1.name, stage2.name, split, metric] = _only(fitting, f"{place}, {split}", path)
    return found


def _read(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as opened:
            reader = csv.DictReader(opened)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise ConfigError(f"the published values in {path} have no column {', '.join(missing)}")
            return list(reader)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"cannot read the published values in {path}: {reason}") from None


def _fits(row: Mapping[str, str], keys: Mapping[str, object], split: str, metric: str) -> bool:
    if (row["split"], row["metric"], row["unit"]) != (split, metric, _UNIT):
        return False
    return all(_same(row[key], str(value)) for key, value in keys.items())


def _same(one: str, two: str) -> bool:
    """Return whether two texts are equal, or the same number: 100 and 100.0."""
    try:
        return one == two or float(one) == float(two)
    except ValueError:
        return False


def _only(fitting: Sequence[Mapping[str, str]], place: str, path: Path) -> Published:
    if len(fitting) > 1:
        named = "; ".join(f"table {row['table']} of {row['source']}: {row['value']}" for row in fitting[:_SHOWN])
        raise ConfigError(
            f"{len(fitting)} rows of {path} fit {place} ({named}); say which with 'source', 'table' or another column"
        )
    (row,) = fitting
    try:
        return Published(
            float(row["value"]), float(row["std"]) if row["std"] else None, f"{row['source']} {row['table']}"
        )
    except ValueError:
        raise ConfigError(f"'{row['value']}' (std '{row['std']}') in {path} for {place} is not a number") from None
