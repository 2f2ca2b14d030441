"""A sweep that has been read and checked: the grid of its file, or those of a collection, and their tasks."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from decouple.device import choose_device
from decouple.errors import ConfigError, DecoupleError, RunError
from stage1.prepare import require_methods
from stage2.candidates import make_candidates
from tuning.sweep.cell_states import DONE, FAILED, CellStates
from tuning.sweep.cells import SweepCell, SweepTask
from tuning.sweep.collection import read_sweep_file
from tuning.sweep.grid import SweepGrid
from tuning.sweep.published_check import require_published
from tuning.sweep.settings import SweepConfig
from tuning.sweep.tasks import grid_tasks, merge_tasks


@dataclass(frozen=True, kw_only=True)
class SweepPlan:
    """What a call of `decouple sweep` has to do."""

    name: str
    grids: tuple[SweepGrid, ...]  # one, or those of a collection
    tasks: tuple[SweepTask, ...]
    workers: int
    device: str

    @property
    def cells(self) -> list[SweepCell]:
        """All cells, of all grids."""
        return [cell for task in self.tasks for cell in task.cells]

    def cells_of(self, grid: SweepGrid, runs: Path) -> list[SweepCell]:
        """Return the cells of one of the grids."""
        return [cell for cell in self.cells if cell.folder == runs / grid.folder_name]


def read_plan(config: SweepConfig) -> SweepPlan:
    """Return the work that the file of a sweep describes, all checked that can be without images.

    Raises:
        DecoupleError: something in the file is wrong.
    """
    if config.file is None:
        raise ConfigError("name the file of the sweep: decouple sweep FILE.yaml")
    name, grids = read_sweep_file(Path(config.file), config.profile_run)
    choose_device(config.device)
    runs = Path(config.runs)
    tasks = []
    for grid in grids:
        for task in grid_tasks(grid, runs):
            _check(task, grid)
            tasks.append(task)
    for folder in {cell.folder for task in tasks for cell in task.cells} | {task.run.parent for task in tasks}:
        if (folder / "run.json").exists():
            raise RunError(f"{folder} is a run; give the sweep another 'name' in {config.file}")
    workers = config.workers or max(grid.workers for grid in grids)
    merged = tuple(merge_tasks(tasks))
    return SweepPlan(name=name, grids=grids, tasks=merged, workers=workers, device=config.device)


def checked_plan(config: SweepConfig) -> SweepPlan:
    """Return the work of a file, its published values checked as well; see `read_plan`."""
    plan = read_plan(config)
    for grid in plan.grids:
        require_published(grid)
    return plan


def _check(task: SweepTask, grid: SweepGrid) -> None:
    """Check the names and options that need the tables of losses, samplers and methods."""
    first = task.cells[0]
    with _named(f"data '{first.data}', stage1 '{first.stage1}' of {grid.path}"):
        require_methods(task.config)
    for cell in task.cells:
        with _named(f"stage2 '{cell.stage2}' of {grid.path}"):
            make_candidates(cell.settings.method, cell.settings)


@contextlib.contextmanager
def _named(entries: str) -> Iterator[None]:
    """Name the entries in an error of the block."""
    try:
        yield
    except DecoupleError as error:
        raise ConfigError(f"{error} ({entries})") from None


def unfinished_tasks(plan: SweepPlan, *, retry: bool) -> list[SweepTask]:
    """Return the tasks with those of their cells that have not ended, with `retry` the failed ones too."""
    ended = {DONE} if retry else {DONE, FAILED}
    known = {folder: CellStates(folder).read() for folder in {cell.folder for cell in plan.cells}}
    states = {(folder, name): state.state for folder, cells in known.items() for name, state in cells.items()}
    left = (
        task.with_cells([cell for cell in task.cells if states.get((cell.folder, cell.name)) not in ended])
        for task in plan.tasks
    )
    return [task for task in left if task.cells]
