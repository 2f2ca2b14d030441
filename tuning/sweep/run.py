"""A sweep from its file to its table."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from decouple.device import choose_device
from decouple.errors import ConfigError, RunError
from decouple.progress import Progress
from stage1.prepare import require_methods
from stage2.candidates import make_candidates
from tuning.sweep.plan import Plan, Task, read_plan
from tuning.sweep.pool import run_tasks
from tuning.sweep.published import published_values
from tuning.sweep.settings import SweepConfig
from tuning.sweep.states import DONE, FAILED, States
from tuning.sweep.table import Row, table_rows, write_table


def run_sweep(config: SweepConfig) -> tuple[States, list[Row]]:
    """Run the cells that are not done, and write the table; return the states and the table's rows.

    Raises:
        DecoupleError: something in the file is wrong, or another process runs the sweep; nothing has been run then.
        Interrupted: Ctrl-C came; what is done is kept, and in the table.
    """
    if config.file is None:
        raise ConfigError("name the file of the sweep: decouple sweep FILE.yaml")
    plan = read_plan(Path(config.file))
    published = published_values(plan)
    choose_device(config.device)
    folder = Path(config.runs) / plan.name
    tasks = list(plan.tasks(folder))
    for task in tasks:
        require_methods(task.config)
        for cell in task.cells:
            make_candidates(cell.settings.method, cell.settings)
    if (folder / "run.json").exists():
        raise RunError(f"{folder} is a run; give the sweep another 'name' in {config.file}")
    folder.mkdir(parents=True, exist_ok=True)
    states, cells = States(folder), [cell for task in tasks for cell in task.cells]
    with states.hold():
        shutil.copyfile(plan.path, folder / "sweep.yaml")
        states.begin(cells)
        try:
            _run_open(plan, tasks, states, config)
        finally:
            rows = table_rows(plan, cells, states.read(), published)
            write_table(folder, plan.name, rows)
    return states, rows


def _run_open(plan: Plan, tasks: Sequence[Task], states: States, config: SweepConfig) -> None:
    """Run what is pending, and what failed if it is to be tried again."""
    ended = {DONE} if config.retry else {DONE, FAILED}
    known = states.read()
    cells = [cell for task in tasks for cell in task.cells]
    open_cells = {cell.name for cell in cells if known[cell.name]["state"] not in ended}
    pending = [
        Task(task.config, found)
        for task in tasks
        if (found := tuple(cell for cell in task.cells if cell.name in open_cells))
    ]
    states.reopen([cell for task in pending for cell in task.cells])
    shown = len(cells) - len(open_cells)
    with Progress(f"sweep {plan.name}", total=len(cells), unit="cells", done=shown) as progress:

        def report() -> None:
            nonlocal shown
            now = states.read()
            ready = len(cells) - sum(now[name]["state"] not in (DONE, FAILED) for name in open_cells)
            if ready > shown:
                progress.advance(ready - shown)
                shown = ready
                progress.note(f"{shown} of {len(cells)} cells")

        run_tasks(pending, states, config.workers or plan.workers, config.device, report)
        report()
