"""Checks of a sweep against the published values: what it names exists, and no row of its tables is left over."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean
from tuning.sweep.grid import AXES, SweepGrid
from tuning.sweep.profile import FULL
from tuning.sweep.published import PublishedMatches, published_matches
from tuning.sweep.published_file import PublishedRow, fits_pattern
from tuning.sweep.unmatched import UnmatchedRows

_MAX_LISTED = 3


def require_published(grid: SweepGrid) -> PublishedMatches | None:
    """Return the matches of a sweep as its file stands, whatever the profile; None where it names no published values.

    Raises:
        ConfigError: a mapping `published` fits no row, a row of a table that the sweep names is neither beside a value
            nor in `unmatched`, or an entry of `unmatched` is needless.
    """
    if grid.published is None:
        return None
    grid = dataclasses.replace(grid, profile=FULL)
    matches = published_matches(grid)
    _require_useful_entries(grid, matches)
    _require_useful_unmatched(grid, matches)
    left_over = [row for row, entry in unmatched_rows(grid, matches) if entry is None]
    if left_over:
        listed = "; ".join(row.describe() for row in left_over[:_MAX_LISTED])
        more = f" and {len(left_over) - _MAX_LISTED} more" if len(left_over) > _MAX_LISTED else ""
        raise ConfigError(
            f"no cell of {grid.path} stands beside {len(left_over)} published rows ({listed}{more}); add entries or "
            "columns, or name the rows with a reason in 'unmatched'"
        )
    return matches


def unmatched_rows(grid: SweepGrid, matches: PublishedMatches) -> Iterator[tuple[PublishedRow, UnmatchedRows | None]]:
    """Yield the rows of the tables of a sweep that stand beside no value, with the entry that says why."""
    matched = {row.line for row in matches.matches.values()}
    for row in matches.rows:
        if (row.source, row.table) in matches.tables and row.line not in matched:
            yield row, next((entry for entry in grid.unmatched if fits_pattern(row, entry.rows)), None)


def _require_useful_entries(grid: SweepGrid, matches: PublishedMatches) -> None:
    """Check that each mapping `published` of an entry fits some row."""
    matched = {key[:3] for key in matches.matches}
    for position, axis in enumerate(AXES):
        targets = {target.names[position] for target in matches.targets}
        useful = {names[position] for names in matched}
        for entry in grid.entries[axis]:
            if entry.published is not None and entry.name in targets and entry.name not in useful:
                raise ConfigError(
                    f"'published' of '{entry.name}' ({entry.source}) fits no row of {grid.published}: "
                    f"{_hint(entry.published, matches.rows)}"
                )
    for target in matches.targets:
        if target.names not in matched and target.names[0] not in {entry.name for entry in grid.data}:
            raise ConfigError(f"'published' of the mean '{', '.join(target.names)}' in {grid.path} fits no row")


def _require_useful_unmatched(grid: SweepGrid, matches: PublishedMatches) -> None:
    rows = [row for row, _ in unmatched_rows(grid, matches)]
    for entry in grid.unmatched:
        if not entry.shared and not any(fits_pattern(row, entry.rows) for row in rows):
            raise ConfigError(
                f"{entry.where} is needless: every row that it fits stands beside a value, or it fits none"
            )


def _hint(published: Mapping[str, Any], rows: Sequence[PublishedRow]) -> str:
    """Return which column is at fault, as far as one is."""
    for column, value in published.items():
        known = list(dict.fromkeys(row[column] for row in rows))
        if not any(fits_pattern(row, {column: value}) for row in rows):
            return f"no row has {column} '{value}'.{did_you_mean(str(value), known)}"
    return "no row has these columns with the split and the metric of a column of the table"
