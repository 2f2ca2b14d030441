"""The values of a cell in the columns of a table, from what cells.json holds."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from decouple.evaluation.class_totals import class_precisions
from decouple.evaluation.group_metrics import GroupMetrics, group_metrics
from decouple.group_schemes import GroupScheme, group_names, scheme_text
from tuning.sweep.cell_metrics import CellMetrics, SplitMetrics
from tuning.sweep.cell_states import CellState
from tuning.sweep.table_columns import TableColumn, column_classes

_SAME = {"micro": "top1", "recall": "balanced"}  # on a whole split
_GROUP_SAME = {"top1": "recall", "f1": "macro_f1"}  # on a group; a class is a group of one
_ALL = "all"


class Value(NamedTuple):
    """A metric with the ends of its 95 % interval over the test images."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


def cell_values(state: CellState, columns: Sequence[TableColumn], groups: GroupScheme) -> dict[TableColumn, Value]:
    """Return the value of a done cell in each column, without number where it has none.

    Args:
        state: of the cell.
        columns: of the table.
        groups: scheme of the groups of the sweep.
    """
    values = {column: _stored(state, column, groups) for column in columns}
    if state.metrics is None:
        return values
    for base, split in state.metrics.splits.items():
        own = [column for column in columns if column.base == base]
        parts = _parts(state.metrics, split, own, groups)
        for column in own:
            value = _value(split, column, parts)
            if value.value is not None:
                values[column] = value
    return values


def _stored(state: CellState, column: TableColumn, groups: GroupScheme) -> Value:
    """Return a value that stands in cells.json as such: of a search, or of a sweep of an old version."""
    key = column.key
    if column.part is not None and isinstance(groups, str):
        key = f"{groups}.{column.part}/{column.metric}"
    return Value(*state.figures.get(key, ()))


def _parts(
    metrics: CellMetrics, split: SplitMetrics, columns: Sequence[TableColumn], groups: GroupScheme
) -> Mapping[str, GroupMetrics]:
    """Return the metrics of each group or class of the columns."""
    classes = column_classes(columns, groups, metrics.train_counts())
    if not classes:
        return {}
    within = split.predicted_within() if metrics.groups == scheme_text(groups) else None
    parts = group_metrics(split.totals(), classes, within=within)
    return {name: row if name in group_names(groups) else _without_within(row) for name, row in parts.items()}


def _without_within(row: GroupMetrics) -> GroupMetrics:
    """Return metrics of classes that are no group of the sweep: which images were theirs alone is not stored."""
    return {**row, "within_macro_f1": None, "within_weighted_f1": None}


def _value(split: SplitMetrics, column: TableColumn, parts: Mapping[str, GroupMetrics]) -> Value:
    if column.metric == "loss":
        return Value(split.losses.get(column.part or _ALL))
    if column.part is not None:
        row = parts[column.part]
        metric = _GROUP_SAME.get(column.metric, column.metric)
        intervals = {"recall": row["recall_interval"], "micro": row["micro_interval"]}
        return Value(dict(row).get(metric), *(intervals.get(metric) or ()))  # type: ignore[arg-type]
    metric = _SAME.get(column.metric, column.metric)
    if metric == "precision":
        known = [precision for precision in class_precisions(split.totals()) if precision is not None]
        return Value(sum(known) / len(known) if known else None)
    return Value(split.values.get(metric), *split.intervals.get(metric, ()))
