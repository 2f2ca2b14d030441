"""The columns of a sweep's table: a metric on a split, on a group of classes or on a class."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.class_counts import class_groups
from decouple.errors import ConfigError
from decouple.group_schemes import GroupScheme, group_names, scaled_sizes
from decouple.nearest_name import did_you_mean
from tuning.sweep.search_columns import SEARCH_METRICS, SEARCH_PERCENT

ALL, LONG_TAILED, TUNE = "all", "long_tailed", "tune"
NATS = frozenset({"nll", "loss"})  # metrics that are no percentages
SHARES = frozenset({"auc"})
SPLIT_METRICS = (
    "top1", "top5", "balanced", "micro", "recall", "precision", "macro_f1", "weighted_f1", "g_mean", "ece", "nll",
    "auc", "loss",
)  # fmt: skip
GROUP_METRICS = (
    "top1", "recall", "micro", "precision", "macro_f1", "weighted_f1", "within_macro_f1", "within_weighted_f1", "nll",
    "loss",
)  # fmt: skip
CLASS_METRICS = ("top1", "recall", "precision", "f1", "nll")
_CLASS = re.compile(r"class_(\d+)")
_CLASSES = re.compile(r"classes_(\d+)_(\d+)")


@dataclass(frozen=True)
class TableColumn:
    """A column: a metric on a split.

    A split is `all` (the test split), `long_tailed` (the long-tailed one), a class group of the sweep, `class_3`, or
    `classes_0_9` (inclusive); groups and classes are those of the test split, or with `long_tailed.` in front of the
    long-tailed one. The split `tune` has the results of the searches.

    Example:
        >>> TableColumn("all", "top1").heading, TableColumn("head", "top1").heading, TableColumn("head", "nll").heading
        ('top1', 'head', 'head nll')
    """

    split: str
    metric: str

    @property
    def heading(self) -> str:
        """The column in a table for people."""
        if self.split == ALL:
            return self.metric
        return self.split if self.metric == "top1" else f"{self.split} {self.metric}"

    @property
    def key(self) -> str:
        """The column as a text."""
        return f"{self.split}/{self.metric}"

    @property
    def base(self) -> str:
        """The split of the run that it is computed on: all, long_tailed or tune."""
        first = self.split.partition(".")[0]
        return first if first in (LONG_TAILED, TUNE) else ALL

    @property
    def part(self) -> str | None:
        """The group or the classes of that split; None: all of it."""
        if self.split in (ALL, LONG_TAILED, TUNE):
            return None
        return self.split.removeprefix(f"{LONG_TAILED}.").removeprefix(f"{ALL}.")

    @property
    def unit(self) -> str:
        """percent, or raw."""
        if self.base == TUNE:
            return "percent" if self.metric in SEARCH_PERCENT else "raw"
        return "raw" if self.metric in NATS | SHARES else "percent"


def default_columns(groups: GroupScheme, *, searches: bool = False) -> tuple[TableColumn, ...]:
    """Return the columns of a sweep that names none: top1, balanced, the groups, and top1 on the long-tailed split.

    Args:
        groups: scheme of the groups.
        searches: whether trainings of the sweep have a search before them, whose results are columns too.
    """
    names = [(ALL, "top1"), (ALL, "balanced"), *((name, "top1") for name in group_names(groups)), (LONG_TAILED, "top1")]
    names += [(TUNE, metric) for metric in SEARCH_METRICS if searches]
    return tuple(TableColumn(*name) for name in names)


def require_column(column: TableColumn, groups: GroupScheme, source: str) -> None:
    """Check that a column has a meaning in a sweep with these groups.

    Raises:
        ConfigError: there is no such split, or it has no such metric.
    """
    part = column.part
    known: Sequence[str] = SPLIT_METRICS if part is None else GROUP_METRICS
    if column.base == TUNE:
        known = SEARCH_METRICS
    if part is not None and _CLASS.fullmatch(part):
        known = CLASS_METRICS
    elif part is not None and not _CLASSES.fullmatch(part) and part not in group_names(groups):
        splits = (ALL, LONG_TAILED, *group_names(groups), "class_0", "classes_0_9")
        raise ConfigError(
            f"unknown split '{column.split}' in {source}.{did_you_mean(part, splits)} Known: {', '.join(splits)}"
        )
    if column.metric not in known:
        raise ConfigError(
            f"'{column.split}' has no metric '{column.metric}' in {source}.{did_you_mean(column.metric, known)} "
            f"Known: {', '.join(known)}"
        )


def column_classes(
    columns: Sequence[TableColumn], groups: GroupScheme, train_counts: Sequence[int]
) -> dict[str, NDArray[np.int64]]:
    """Return the classes of the part of each column that has one; of classes that do not exist there are none.

    Sizes that do not sum to the classes keep their shares of them, since a trial run has fewer classes.

    Example:
        >>> column_classes([TableColumn("class_1", "recall"), TableColumn("classes_1_9", "nll")], "halves", [9, 8, 7])
        {'class_1': array([1]), 'classes_1_9': array([1, 2])}
    """
    by_group = class_groups(train_counts, scaled_sizes(groups, len(train_counts)))
    classes: dict[str, NDArray[np.int64]] = {}
    for part in dict.fromkeys(column.part for column in columns if column.part is not None):
        classes[part] = by_group[part] if part in by_group else _listed_classes(part, len(train_counts))
    return classes


def _listed_classes(part: str, num_classes: int) -> NDArray[np.int64]:
    match = _CLASS.fullmatch(part) or _CLASSES.fullmatch(part)
    if match is None:
        return np.arange(0)
    first, last = int(match[1]), int(match[match.re.groups])
    return np.arange(first, min(last + 1, num_classes))
