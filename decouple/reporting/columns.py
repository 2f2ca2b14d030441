"""The columns of a results table: the key of each in the metrics of a run, and which values are best."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ResultRow = Mapping[str, object]  # the Metrics of one split, as written or as read back from a run folder's JSON


@dataclass(frozen=True)
class Column:
    """One metric: its heading and the path of keys to it in `Metrics`."""

    heading: str
    keys: tuple[str, ...]
    lower_is_better: bool = False


ALL = Column("all", ("top1",))
BALANCED = Column("balanced", ("balanced",))
MANY_MEDIUM_FEW = tuple(Column(name, ("groups", "many_medium_few", name)) for name in ("many", "medium", "few"))
THIRDS = tuple(Column(name, ("groups", "thirds", name)) for name in ("head", "middle", "tail"))
MACRO_F1 = Column("macro-F1", ("macro_f1",))
ECE = Column("ECE", ("ece",), lower_is_better=True)
RESULT_COLUMNS = (ALL, BALANCED, *MANY_MEDIUM_FEW, *THIRDS, MACRO_F1, ECE)


def value_of(metrics: ResultRow, column: Column) -> float | None:
    """Return the value of `column`, or None when it is absent, null or not a finite number."""
    value = _follow(metrics, column.keys)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def interval_of(metrics: ResultRow, column: Column) -> tuple[float, float] | None:
    """Return the 95 % interval of `column` as (low, high), or None when there is none.

    Intervals are stored under "intervals" with the keys of the values, without "groups".
    """
    interval = _follow(metrics, ("intervals", *(key for key in column.keys if key != "groups")))
    return (float(interval[0]), float(interval[1])) if interval is not None else None


def shown(value: float | None) -> str:
    """Return `value` with two decimals, or "-"."""
    return "-" if value is None else f"{value:.2f}"


def best_rows(values: Sequence[float | None], column: Column) -> set[int]:
    """Return the positions of the best of `values`; values equal to two decimals, as printed, tie.

    A single value has no competitor, so the set is then empty.
    """
    rounded = {row: float(shown(value)) for row, value in enumerate(values) if value is not None}
    if len(rounded) < 2:
        return set()
    best = min(rounded.values()) if column.lower_is_better else max(rounded.values())
    return {row for row, value in rounded.items() if value == best}


def _follow(metrics: ResultRow, keys: Sequence[str]) -> Any:
    """Return the value at the path `keys`, one level per key, or None where the path ends early."""
    value: Any = metrics
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
