"""Checks of metrics that were read from a file, beyond their types: groups, intervals and numbers of classes."""

import functools
from collections.abc import Collection, Mapping

from decouple.class_counts import class_groups
from decouple.errors import DataError
from decouple.evaluation.metrics import GROUP_SCHEMES, Intervals, Metrics


def check_stored_metrics(metrics: Mapping[str, Metrics]) -> None:
    """Check the metrics of a classifier by split.

    Raises:
        DataError: there are none of the test split, or a group, an interval or a class is missing.
    """
    _require_keys("metrics", metrics, {"test"}, exact=False)
    for split, row in metrics.items():
        name, num_classes = f"metrics.{split}", len(row["per_class"])
        _require_keys(f"{name}.groups", row["groups"], GROUP_SCHEMES)
        for scheme, groups in row["groups"].items():
            _require_keys(f"{name}.groups.{scheme}", groups, _group_names(scheme))
        _check_intervals(f"{name}.intervals", row["intervals"])
        confusion = row["confusion"]
        if confusion is not None and [len(counts) for counts in confusion] != [num_classes] * num_classes:
            raise DataError(f"'{name}.confusion' must hold {num_classes} rows of {num_classes} numbers")
        for key, entries in row.get("class_totals", {}).items():
            if not isinstance(entries, list) or len(entries) != num_classes:
                raise DataError(f"'{name}.class_totals.{key}' must hold {num_classes} values, one for each class")


def num_stored_classes(metrics: Mapping[str, Metrics]) -> set[int]:
    """Return the numbers of classes that the metrics of all splits have; one, unless the file is damaged."""
    return {len(row["per_class"]) for row in metrics.values()}


def _check_intervals(name: str, intervals: Intervals) -> None:
    by_figure = {"top1": intervals["top1"], "balanced": intervals["balanced"]}
    by_scheme = {scheme: intervals[scheme] for scheme in ("many_medium_few", "thirds", "halves")}
    for scheme, groups in by_scheme.items():
        _require_keys(f"{name}.{scheme}", groups, _group_names(scheme))
        by_figure |= {f"{scheme}.{group}": interval for group, interval in groups.items() if interval is not None}
    for figure, interval in by_figure.items():
        if len(interval) != 2:
            raise DataError(f"'{name}.{figure}' must hold two numbers, got {interval}")


def _require_keys(name: str, values: Mapping[str, object], keys: Collection[str], *, exact: bool = True) -> None:
    missing, unknown = [key for key in keys if key not in values], [key for key in values if key not in keys]
    if missing:
        raise DataError(f"'{name}.{missing[0]}' is missing")
    if exact and unknown:
        raise DataError(f"'{name}.{unknown[0]}' is not known")


@functools.cache
def _group_names(scheme: str) -> frozenset[str]:
    return frozenset(class_groups([3, 2, 1], scheme))
