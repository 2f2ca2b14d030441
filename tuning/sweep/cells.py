"""The work of a sweep: its cells, and the stage-one runs that they share."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from decouple.files.replicates import replicate_name
from decouple.group_schemes import GroupScheme
from stage1.settings import Stage1Config
from stage2.settings import Stage2Config
from tuning.sweep.tune_settings import TuneStep


@dataclass(frozen=True)
class TauSource:
    """Where the tau of a cell is chosen: a stage-two result of a run, or, without names, a companion of its own run."""

    run: str | None = None  # its folder beside that of the cell's run
    entry: str | None = None  # of stage two in that run
    weights: str = "last"


@dataclass(frozen=True, kw_only=True)
class SweepCell:
    """One method on one stage-one run."""

    data: str
    stage1: str
    stage2: str  # names of the three entries
    seed: int
    folder: Path  # of the sweep
    run_folder: Path  # of the stage-one run
    entry: str  # name of the result in the run
    settings: Stage2Config
    fingerprint: str  # of all settings that affect the result
    tau_from: TauSource | None = None
    groups: GroupScheme = "many_medium_few"  # of the table
    training_loss: bool = False  # whether the table has a column of it

    @property
    def run(self) -> str:
        """The name of the stage-one run."""
        return self.run_folder.name

    @property
    def name(self) -> str:
        """The key of the cell in cells.json."""
        return f"{replicate_name(f'{self.data}-{self.stage1}', self.seed)}/{self.stage2}"


@dataclass(frozen=True, kw_only=True)
class SweepTask:
    """A stage-one run and cells on it: the work of one process."""

    config: Stage1Config
    cells: tuple[SweepCell, ...]
    tune: TuneStep | None = None  # search that comes before the training
    after: frozenset[Path] = frozenset()  # runs whose tasks must have ended before this one begins
    pooled: bool = False  # whether other sweeps share the run
    figures: bool = True  # whether the figures of the run are drawn

    @property
    def run(self) -> Path:
        """The folder of the run."""
        return Path(self.config.runs) / str(self.config.name)

    def with_cells(self, cells: Sequence[SweepCell]) -> "SweepTask":
        """Return the task with other cells."""
        return dataclasses.replace(self, cells=tuple(cells))

    def on_device(self, device: str) -> "SweepTask":
        """Return the task with another device."""
        cells = (
            dataclasses.replace(cell, settings=dataclasses.replace(cell.settings, device=device)) for cell in self.cells
        )
        return dataclasses.replace(self, config=dataclasses.replace(self.config, device=device), cells=tuple(cells))
