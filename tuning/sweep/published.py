"""Published values to compare a sweep with: at most one row of a CSV file for a cell, a split and a metric."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from decouple.errors import ConfigError
from tuning.sweep.averages import average_groups, names_of
from tuning.sweep.grid import SweepGrid
from tuning.sweep.published_file import PublishedRow, fits_columns, read_published, require_published_columns
from tuning.sweep.table_columns import ALL, TUNE, TableColumn

_SEARCHES = {"lowest_top1": "top1_val_min", "highest_top1": "top1_val_max", "best": "weight_decay"}  # ours -> theirs
_MAX_LISTED = 3  # rows that an error names


@dataclass(frozen=True)
class PublishedValue:
    """A value reported in a paper."""

    value: float
    std: float | None
    source: str  # and the table in it


PublishedKey = tuple[str, str, str, str, str]  # data, stage1, stage2, split, metric
_Names = tuple[str, str, str]


@dataclass(frozen=True)
class Target:
    """A cell or a mean of the table, and the columns of the file that say which rows are its."""

    names: _Names
    columns: Mapping[str, Any]


@dataclass(frozen=True)
class PublishedMatches:
    """The rows of the file beside the values of a sweep."""

    rows: tuple[PublishedRow, ...]  # of the file
    matches: Mapping[PublishedKey, PublishedRow]
    targets: tuple[Target, ...]

    @property
    def values(self) -> dict[PublishedKey, PublishedValue]:
        """The published value of each metric of the table that has one."""
        return {key: _value(row) for key, row in self.matches.items()}

    @property
    def tables(self) -> set[tuple[str, str]]:
        """Source and table of each target that names both."""
        named = [target.columns for target in self.targets]
        return {(str(keys["source"]), str(keys["table"])) for keys in named if "source" in keys and "table" in keys}


def published_values(grid: SweepGrid) -> dict[PublishedKey, PublishedValue]:
    """Return the published value of each metric of the table that has one; see `published_matches`."""
    return {} if grid.published is None else published_matches(grid).values


def published_matches(grid: SweepGrid) -> PublishedMatches:
    """Return the row of the file for each metric that has one; only rows of the same split, metric and unit count.

    Cells are compared whose three entries all have a mapping `published`, and means that have one; together the
    mappings say which row.

    Raises:
        ConfigError: the file cannot be read or lacks a column, a mapping names another column, or several rows fit.
    """
    path = grid.path.parent / str(grid.published)
    rows, targets, matches = read_published(path), tuple(_targets(grid)), dict[PublishedKey, PublishedRow]()
    columns = [(column, *published_name(grid, column)) for column in grid.table_columns]
    for target in targets:
        candidates = [row for row in rows if fits_columns(row, target.columns)]
        for column, split, metric in columns:
            fitting = [row for row in candidates if (row.split, row.metric, row.unit) == (split, metric, column.unit)]
            if fitting:
                figure = f"{', '.join(target.names)}, {column.split}"
                matches[*target.names, column.split, column.metric] = _only(fitting, figure, str(path))
    return PublishedMatches(rows, matches, targets)


def published_name(grid: SweepGrid, column: TableColumn) -> tuple[str | None, str]:
    """Return the split and the metric that the file calls a column; no split where it has that name for another one."""
    splits, metrics = grid.published_splits, grid.published_metrics
    if column.base == TUNE:
        their_name = _SEARCHES.get(column.metric, column.metric)
        return splits.get(TUNE, ALL), metrics.get(column.key, metrics.get(column.metric, their_name))
    split: str | None = splits.get(column.split, column.split)
    if column.split not in splits and column.split in splits.values():
        split = None
    metric = metrics.get(column.key, metrics.get(column.metric, column.metric))
    if column.part is not None and column.part.startswith("class_") and metric == "recall":
        metric = "top1"
    return split, metric


def _targets(grid: SweepGrid) -> Iterator[Target]:
    for combination in grid.combinations():
        mappings = [entry.published for entry in combination]
        if any(mapping is None for mapping in mappings):
            continue
        keys = {key: value for mapping in mappings for key, value in (mapping or {}).items()}
        require_published_columns(keys, f"'published' of {grid.path}")
        yield Target(names_of(combination), keys)
    for group in average_groups(grid):
        if group.published is not None:
            require_published_columns(group.published, f"'published' of {grid.path}")
            yield Target(group.names, group.published)


def _only(rows: Sequence[PublishedRow], figure: str, path: str) -> PublishedRow:
    if len(rows) > 1:
        listed = "; ".join(f"table {row.table} of {row.source}: {row['value']}" for row in rows[:_MAX_LISTED])
        raise ConfigError(
            f"{len(rows)} rows of {path} fit {figure} ({listed}); say which with 'source', 'table' or another column"
        )
    row = rows[0]
    if row.value is None:
        raise ConfigError(f"'{row['value']}' (std '{row['std']}') in {path} for {figure} is not a number")
    return row


def _value(row: PublishedRow) -> PublishedValue:
    return PublishedValue(row.value or 0.0, row.std, f"{row.source} {row.table}")
