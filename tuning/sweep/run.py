"""A sweep from its file to its table."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import torch

from decouple.device import choose_device
from decouple.errors import ConfigError, RunError
from decouple.progress import Progress
from stage1.prepare import require_methods
from stage2.candidates import make_candidates
from tuning.sweep.cell_states import DONE, FAILED, CellStates
from tuning.sweep.grid import SweepGrid, SweepTask
from tuning.sweep.grid_file import read_grid_file
from tuning.sweep.published import published_values
from tuning.sweep.result_table import ResultRow, table_rows, write_table
from tuning.sweep.settings import SweepConfig
from tuning.sweep.task_runner import run_tasks


def run_sweep(config: SweepConfig) -> tuple[CellStates, list[ResultRow]]:
    """Run the cells that are not done, and write the table; return the states and the table's rows.

    Raises:
        DecoupleError: something in the file is wrong, or another process runs the sweep; nothing has been run then.
        InterruptedRunError: Ctrl-C came; what is done is saved, and in the table.
    """
    grid, tasks = read_checked_grid(config)
    published = published_values(grid)
    folder = Path(config.runs) / grid.name
    folder.mkdir(parents=True, exist_ok=True)
    states, cells = CellStates(folder), [cell for task in tasks for cell in task.cells]
    with states.lock():
        shutil.copyfile(grid.path, folder / "sweep.yaml")
        states.begin(cells)
        try:
            _run_unfinished(grid, tasks, states, config)
        finally:
            rows = table_rows(grid, cells, states.read(), published)
            write_table(folder, grid.name, rows)
    return states, rows


def read_checked_grid(config: SweepConfig) -> tuple[SweepGrid, list[SweepTask]]:
    """Return the grid of the file and its tasks, all checked.

    Raises:
        DecoupleError: something in the file is wrong.
    """
    if config.file is None:
        raise ConfigError("name the file of the sweep: decouple sweep FILE.yaml")
    grid = read_grid_file(Path(config.file))
    choose_device(config.device)
    folder = Path(config.runs) / grid.name
    tasks = list(grid.tasks(folder))
    for task in tasks:
        require_methods(task.config)
        for cell in task.cells:
            make_candidates(cell.settings.method, cell.settings)
    if (folder / "run.json").exists():
        raise RunError(f"{folder} is a run; give the sweep another 'name' in {config.file}")
    return grid, tasks


def _run_unfinished(grid: SweepGrid, tasks: Sequence[SweepTask], states: CellStates, config: SweepConfig) -> None:
    """Run the pending cells, with `retry` the failed ones too."""
    ended = {DONE} if config.retry else {DONE, FAILED}
    known = states.read()
    cells = [cell for task in tasks for cell in task.cells]
    unfinished = {cell.name for cell in cells if known[cell.name].state not in ended}
    pending = [
        SweepTask(task.config, task_cells)
        for task in tasks
        if (task_cells := tuple(cell for cell in task.cells if cell.name in unfinished))
    ]
    states.reopen([cell for task in pending for cell in task.cells])
    done = len(cells) - len(unfinished)
    with Progress(f"sweep {grid.name}", total=len(cells), unit="cells", done=done) as progress:

        def report() -> None:
            current = states.read()
            ended_cells = len(cells) - sum(current[name].state not in (DONE, FAILED) for name in unfinished)
            if ended_cells > progress.done:
                progress.advance(ended_cells - progress.done)
                progress.note(f"{ended_cells} of {len(cells)} cells")

        run_tasks(
            pending,
            states,
            workers=config.workers or grid.workers,
            device=config.device,
            gpus=torch.cuda.device_count(),
            report=report,
        )
        report()
