"""The results of a sweep as rows: one metric of one cell over its seeds, or of a mean over several cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from decouple.evaluation.statistics import mean_and_std
from tuning.sweep.averages import AverageGroup, Names, average_groups, names_of
from tuning.sweep.cell_states import DONE, FAILED, CellState
from tuning.sweep.cell_values import Value, cell_values
from tuning.sweep.cells import SweepCell
from tuning.sweep.grid import SweepGrid
from tuning.sweep.published import PublishedKey, PublishedValue
from tuning.sweep.table_columns import TableColumn


class ResultRow(TypedDict):
    """One metric of one cell over its seeds, or of a mean over cells; in percent, or as the metric is."""

    data: str
    stage1: str
    stage2: str
    split: str
    metric: str
    unit: str  # percent, or raw
    mean: float | None
    std: float | None  # standard deviation over seeds, or over the cells of a mean; None of one
    n: int  # seeds that are done, or cells of the mean that have a value
    failed: int
    low: float | None  # 95 % bootstrap interval over the test images; of several seeds the mean of the bounds
    high: float | None
    published: float | None
    published_std: float | None
    difference: float | None  # mean - published, in points, or as the metric is
    within: bool | None  # whether the published value lies in the interval
    source: str | None


@dataclass(frozen=True)
class _Summary:
    """A metric over seeds or cells."""

    mean: float | None
    std: float | None
    n: int
    low: float | None = None
    high: float | None = None


def table_rows(
    grid: SweepGrid,
    cells: Sequence[SweepCell],
    states: Mapping[str, CellState],
    published: Mapping[PublishedKey, PublishedValue],
) -> list[ResultRow]:
    """Return a row for each metric of each cell (data x stage one x stage two) over its seeds, then those of means."""
    columns = grid.table_columns
    seeds: dict[Names, list[CellState]] = {names_of(combination): [] for combination in grid.combinations()}
    for cell in cells:
        if (cell.data, cell.stage1, cell.stage2) in seeds:
            seeds[cell.data, cell.stage1, cell.stage2].append(states[cell.name])
    values = {
        names: [cell_values(state, columns, grid.groups) for state in done if state.state == DONE]
        for names, done in seeds.items()
    }
    failed = {names: sum(state.state == FAILED for state in done) for names, done in seeds.items()}
    rows = [
        _row(names, column, _over_seeds([seed[column] for seed in values[names]]), failed[names], published)
        for names in seeds
        for column in columns
    ]
    for group in average_groups(grid):
        members = [names_of(combination) for combination in group.combinations]
        group_failed = sum(failed[names] for names in members)
        for column in columns:
            summary = _over_members(group, [[seed[column] for seed in values[names]] for names in members])
            rows.append(_row(group.names, column, summary, group_failed, published))
    if grid.columns:
        return rows
    with_values = {(row["split"], row["metric"]) for row in rows if row["mean"] is not None} | {("all", "top1")}
    return [row for row in rows if (row["split"], row["metric"]) in with_values]  # a group may be empty everywhere


def _over_seeds(seeds: Sequence[Value]) -> _Summary:
    values = [seed for seed in seeds if seed.value is not None]
    if not values:
        return _Summary(None, None, 0)
    mean, std = mean_and_std([seed.value for seed in values if seed.value is not None])
    bounds = [(seed.low, seed.high) for seed in values if seed.low is not None and seed.high is not None]
    if not bounds:
        return _Summary(mean, std, len(values))
    low, high = np.mean(bounds, axis=0).tolist()
    return _Summary(mean, std, len(values), low, high)


def _over_members(group: AverageGroup, members: Sequence[Sequence[Value]]) -> _Summary:
    """Return mean and deviation over the cells of a mean, each the mean of its seeds; over seeds those of one cell."""
    if group.average.over == "seed":
        values = [seed.value for seed in members[0] if seed.value is not None]
    else:
        values = [mean for seeds in members if (mean := _over_seeds(seeds).mean) is not None]
    if not values:
        return _Summary(None, None, 0)
    ddof = 1 if group.average.std == "sample" else 0
    std = float(np.std(values, ddof=ddof)) if len(values) > 1 else None
    return _Summary(float(np.mean(values)), std, len(values))


def _row(
    names: Names,
    column: TableColumn,
    summary: _Summary,
    failed: int,
    published: Mapping[PublishedKey, PublishedValue],
) -> ResultRow:
    reference = published.get((*names, column.split, column.metric))
    value, low, high = None if reference is None else reference.value, summary.low, summary.high
    return ResultRow(
        data=names[0],
        stage1=names[1],
        stage2=names[2],
        split=column.split,
        metric=column.metric,
        unit=column.unit,
        mean=summary.mean,
        std=summary.std,
        n=summary.n,
        failed=failed,
        low=low,
        high=high,
        published=value,
        published_std=None if reference is None else reference.std,
        difference=None if value is None or summary.mean is None else summary.mean - value,
        within=None if value is None or low is None or high is None else low <= value <= high,
        source=None if reference is None else reference.source,
    )
