"""The grid of a sweep as its file describes it: entries along three axes, and what is done with their combinations."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from decouple.datasets.settings import DataConfig
from decouple.group_schemes import GroupScheme
from tuning.sweep.cell_pattern import CellPattern
from tuning.sweep.profile import FULL, Profile
from tuning.sweep.table_columns import TableColumn, default_columns
from tuning.sweep.table_options import AverageOver
from tuning.sweep.tune_settings import TauFrom, TuneStep
from tuning.sweep.unmatched import UnmatchedRows

AXES = ("data", "stage1", "stage2")
DATA_OPTIONS = frozenset(field.name for field in fields(DataConfig))


@dataclass(frozen=True, kw_only=True)
class GridEntry:
    """One choice along one axis of the grid."""

    name: str
    source: str  # where it stands, for messages: "stage1 2 of grid.yaml"
    options: Mapping[str, Any]  # its own settings
    recipe: Mapping[str, Any] = field(
        default_factory=dict
    )  # settings under `options`, of the file it names as `config`
    published: Mapping[str, Any] | None = None  # columns of the table of published values, and their values


@dataclass(frozen=True, kw_only=True)
class DataEntry(GridEntry):
    """Images of the grid."""

    stage1: Mapping[str, Any] = field(default_factory=dict)  # stage-one settings on these images
    seeds: int | tuple[int, ...] | None = None  # at most so many, or these


@dataclass(frozen=True, kw_only=True)
class Stage1Entry(GridEntry):
    """A training of the grid."""

    seeds: int | tuple[int, ...] | None = None
    tune: TuneStep | None = None  # search that comes before the training


@dataclass(frozen=True, kw_only=True)
class Stage2Entry(GridEntry):
    """A method of the grid."""

    tau_from: TauFrom | None = None  # where its tau is chosen, if not on the run it is applied to


Combination = tuple[DataEntry, Stage1Entry, Stage2Entry]


@dataclass(frozen=True, kw_only=True)
class Override:
    """Settings of single combinations: of stage two if the pattern names one, else of stage one."""

    pattern: CellPattern
    settings: Mapping[str, Any]
    source: str

    @property
    def axis(self) -> str:
        """The axis whose settings these are."""
        return "stage1" if self.pattern.stage2 is None else "stage2"


@dataclass(frozen=True, kw_only=True)
class SweepGrid:
    """A sweep as its file describes it, under one profile."""

    path: Path
    name: str
    data: tuple[DataEntry, ...]
    stage1: tuple[Stage1Entry, ...]
    stage2: tuple[Stage2Entry, ...]
    title: str | None = None
    source: str | None = None  # of the experiment
    pool: str | None = None  # folder of the stage-one runs, which other sweeps share
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # axis -> settings under its entries
    overrides: tuple[Override, ...] = ()
    only: tuple[CellPattern, ...] = ()  # cells that are run; none: all
    exclude: tuple[CellPattern, ...] = ()  # cells that are not
    seeds: tuple[int, ...] | None = None  # None: the entries say, else 0
    workers: int = 1
    groups: GroupScheme = "many_medium_few"
    columns: tuple[TableColumn, ...] = ()
    average: tuple[AverageOver, ...] = ()
    figures: tuple[Mapping[str, Any], ...] = ()  # that are drawn of the results: `name` and options
    published: str | None = None  # CSV file
    published_splits: Mapping[str, str] = field(default_factory=dict)  # our split: what the published table calls it
    published_metrics: Mapping[str, str] = field(default_factory=dict)  # the same of metrics, or of "split/metric"
    unmatched: tuple[UnmatchedRows, ...] = ()  # published rows that no cell stands beside
    profile: Profile = FULL

    @property
    def folder_name(self) -> str:
        """The folder of the results under --runs: the name, with that of the profile unless it is the file as is."""
        return self.profile.folder_of(self.name)

    @property
    def pool_name(self) -> str | None:
        """The folder of the shared stage-one runs under --runs."""
        return None if self.pool is None else self.profile.folder_of(self.pool)

    @property
    def table_columns(self) -> tuple[TableColumn, ...]:
        """The columns of the table: those that the file names, or the usual ones."""
        return self.columns or default_columns(self.groups, searches=any(entry.tune for entry in self.stage1))

    @property
    def entries(self) -> dict[str, tuple[GridEntry, ...]]:
        """The entries of each axis."""
        return {"data": self.data, "stage1": self.stage1, "stage2": self.stage2}

    def overrides_of(self, axis: str, *names: str) -> list[Mapping[str, Any]]:
        """Return the settings of an axis that `overrides` gives to the entries of these names, in their order."""
        return [
            override.settings
            for override in self.overrides
            if override.axis == axis and override.pattern.matches(*names)
        ]

    def combinations(self) -> Iterator[Combination]:
        """Yield the combinations of entries that `only` and `exclude` leave, in the order of the file."""
        for combination in itertools.product(self.data, self.stage1, self.stage2):
            names = (combination[0].name, combination[1].name, combination[2].name)
            picked = all(
                not patterns or any(pattern.matches(*names) for pattern in patterns)
                for patterns in (self.only, self.profile.only)
            )
            if picked and not any(pattern.matches(*names) for pattern in self.exclude):
                yield combination

    def seeds_of(self, data: DataEntry, stage1: Stage1Entry) -> tuple[int, ...]:
        """Return the seeds of the cells of two entries: those that the file, both entries and the profile leave."""
        limits = (data.seeds, stage1.seeds)
        seeds = self.seeds
        if seeds is None:
            counts = [len(limit) if isinstance(limit, tuple) else limit for limit in limits if limit is not None]
            listed = next((limit for limit in limits if isinstance(limit, tuple)), None)
            seeds = listed or tuple(range(min(counts, default=1)))
        for limit in (*limits, self.profile.seeds):
            seeds = _limited(seeds, limit)
        return seeds


def _limited(seeds: tuple[int, ...], limit: int | tuple[int, ...] | None) -> tuple[int, ...]:
    if isinstance(limit, tuple):
        return tuple(seed for seed in seeds if seed in limit)
    return seeds[:limit]
