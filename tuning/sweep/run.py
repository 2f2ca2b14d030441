"""A sweep from its file to its tables."""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from tuning.sweep.carried_table import CarriedRow, carried_rows, write_carried_table
from tuning.sweep.cell_states import CellStates
from tuning.sweep.cells import SweepCell, SweepTask
from tuning.sweep.grid import SweepGrid
from tuning.sweep.plan import SweepPlan, checked_plan, unfinished_tasks
from tuning.sweep.published import PublishedKey, PublishedValue, published_values
from tuning.sweep.result_table import ResultRow, table_rows
from tuning.sweep.settings import SweepConfig
from tuning.sweep.sweep_progress import SweepProgress
from tuning.sweep.table_files import write_table
from tuning.sweep.task_runner import run_tasks, run_tasks_here
from tuning.sweep.tuning_table import TuningRow, tuning_rows, write_tuning_table

_Published = dict[PublishedKey, PublishedValue]


@dataclass(frozen=True, kw_only=True)
class SweepResult:
    """The outcome of a sweep: of its file, or of one file of a collection."""

    grid: SweepGrid
    cells: Sequence[SweepCell]
    states: CellStates
    rows: Sequence[ResultRow]
    searches: Sequence[TuningRow]
    carried: Sequence[CarriedRow]


def run_sweep(config: SweepConfig) -> list[SweepResult]:
    """Run the cells of a file that are not done, and write the tables; return the results of each file.

    Raises:
        DecoupleError: something in a file is wrong, or another process runs the sweep; nothing has been run then.
        InterruptedRunError: Ctrl-C came; what is done is saved, and in the tables.
    """
    return run_plan(checked_plan(config), config)


def run_plan(plan: SweepPlan, config: SweepConfig) -> list[SweepResult]:
    """Run what `checked_plan` has returned for the same settings; see `run_sweep`."""
    runs = Path(config.runs)
    published = [published_values(grid) for grid in plan.grids]
    cells = [plan.cells_of(grid, runs) for grid in plan.grids]
    results: list[SweepResult] = []
    with _locked(plan, runs):
        for grid, grid_cells in zip(plan.grids, cells, strict=True):
            shutil.copyfile(grid.path, runs / grid.folder_name / "sweep.yaml")
            CellStates(runs / grid.folder_name).begin(grid_cells)
        try:
            _run_unfinished(plan, config)
        finally:
            results += [_result(*work, plan.tasks, runs) for work in zip(plan.grids, cells, published, strict=True)]
    return results


def _result(
    grid: SweepGrid, cells: Sequence[SweepCell], published: _Published, tasks: Sequence[SweepTask], runs: Path
) -> SweepResult:
    """Write the tables of a grid, and return its results."""
    states = CellStates(runs / grid.folder_name)
    rows = table_rows(grid, cells, states.read(), published)
    write_table(states.folder, grid, rows)
    own = [task.with_cells([cell for cell in task.cells if cell.folder == states.folder]) for task in tasks]
    searches, carried = tuning_rows(own), carried_rows(cells, states.read())
    write_tuning_table(states.folder, grid.title or grid.name, searches)
    write_carried_table(states.folder, grid.title or grid.name, carried)
    return SweepResult(grid=grid, cells=cells, states=states, rows=rows, searches=searches, carried=carried)


@contextlib.contextmanager
def _locked(plan: SweepPlan, runs: Path) -> Iterator[None]:
    """Hold the folders of all grids, so that no other process runs one of them."""
    with contextlib.ExitStack() as locks:
        for grid in plan.grids:
            folder = runs / grid.folder_name
            folder.mkdir(parents=True, exist_ok=True)
            locks.enter_context(CellStates(folder).lock())
        yield


def _run_unfinished(plan: SweepPlan, config: SweepConfig) -> None:
    """Run the pending cells, with `retry` the failed ones too."""
    tasks = unfinished_tasks(plan, retry=config.retry)
    pending = [cell for task in tasks for cell in task.cells]
    for folder in dict.fromkeys(cell.folder for cell in plan.cells):
        CellStates(folder).reopen([cell for cell in pending if cell.folder == folder])
    with SweepProgress(plan.name, total=len(plan.cells), pending=pending) as progress:
        _run(tasks, plan, progress)
        progress.update()


def _run(tasks: list[SweepTask], plan: SweepPlan, progress: SweepProgress) -> None:
    if plan.workers == 1 and all(grid.profile.stand_in for grid in plan.grids):  # a process takes longer than its work
        run_tasks_here(tasks, device=plan.device, report=progress.update)
        return
    gpus = torch.cuda.device_count()
    run_tasks(tasks, workers=plan.workers, device=plan.device, gpus=gpus, report=progress.update)
