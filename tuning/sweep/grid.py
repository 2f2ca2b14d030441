"""The grid of a sweep: its entries, the stage-one runs that they make up, and the cells on each run."""

import dataclasses
import hashlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Generic, TypeVar

from decouple.checks import require_choice, require_whole
from decouple.config.settings_yaml import to_yaml
from decouple.datasets.settings import DataConfig
from decouple.files.replicates import replicate_name
from stage1.settings import Stage1Config
from stage2.settings import Stage2Config

GROUPS = {
    "many_medium_few": ("many", "medium", "few"),
    "thirds": ("head", "middle", "tail"),
    "halves": ("head", "tail"),
}
DATA_OPTIONS = frozenset(field.name for field in fields(DataConfig))

Settings = TypeVar("Settings", DataConfig, Stage1Config, Stage2Config)


@dataclass(frozen=True)
class GridEntry(Generic[Settings]):
    """One choice along one axis of the grid."""

    name: str
    settings: Settings
    published: Mapping[str, Any] | None  # columns of the table of published values, and their values


@dataclass(frozen=True)
class SweepCell:
    """One method on one stage-one run."""

    data: str
    stage1: str
    stage2: str
    seed: int
    run: str  # name of the stage-one run
    settings: Stage2Config
    fingerprint: str  # of all settings that affect the result

    @property
    def name(self) -> str:
        """The key of the cell in cells.json."""
        return f"{self.run}/{self.stage2}"


@dataclass(frozen=True)
class SweepTask:
    """A stage-one run and all cells on it: the work of one process."""

    config: Stage1Config
    cells: tuple[SweepCell, ...]

    def on_device(self, device: str) -> "SweepTask":
        """Return the task with another device."""
        cells = (
            dataclasses.replace(cell, settings=dataclasses.replace(cell.settings, device=device)) for cell in self.cells
        )
        return SweepTask(dataclasses.replace(self.config, device=device), tuple(cells))


@dataclass(frozen=True)
class SweepGrid:
    """A sweep as its file describes it."""

    path: Path
    name: str
    data: tuple[GridEntry[DataConfig], ...]
    stage1: tuple[GridEntry[Stage1Config], ...]
    stage2: tuple[GridEntry[Stage2Config], ...]
    seeds: tuple[int, ...]
    workers: int
    groups: str  # a key of GROUPS
    published: str | None  # CSV file
    published_splits: Mapping[str, str]  # our split: what the published table calls it

    def __post_init__(self) -> None:
        require_whole("workers", self.workers, at_least=1)
        require_choice("groups", self.groups, GROUPS)

    def tasks(self, runs: Path) -> Iterator[SweepTask]:
        """Yield the stage-one runs, which go into the folder `runs`, with their cells."""
        for data, stage1, seed in itertools.product(self.data, self.stage1, self.seeds):
            data_settings = {name: getattr(data.settings, name) for name in DATA_OPTIONS}
            run = replicate_name(f"{data.name}-{stage1.name}", seed)
            config = dataclasses.replace(stage1.settings, **data_settings, seed=seed, name=run, runs=str(runs))
            yield SweepTask(config, tuple(_cell(data.name, stage1.name, entry, config) for entry in self.stage2))


def _cell(data: str, stage1: str, stage2: GridEntry[Stage2Config], config: Stage1Config) -> SweepCell:
    settings = dataclasses.replace(stage2.settings, seed=config.seed)
    text = to_yaml(dataclasses.replace(config, runs="", name=None, device="auto")) + to_yaml(settings)
    digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return SweepCell(data, stage1, stage2.name, config.seed, str(config.name), settings, digest)
