"""Run the tasks of a sweep: a process for each task, so many at a time, or one after another in this process."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from decouple.errors import InterruptedRunError
from decouple.interrupt import deferred_interrupt
from tuning.process_pool import EndedWorker, ProcessPool, last_line, worker_device
from tuning.sweep.cell_states import FAILED, PENDING, CellState, CellStates
from tuning.sweep.cells import SweepTask
from tuning.sweep.worker import do_task

_STOPPED = "stopped; what is done is saved. The same command continues with the rest"


def run_tasks(
    tasks: Sequence[SweepTask], *, workers: int, device: str = "auto", gpus: int = 0, report: Callable[[], None]
) -> None:
    """Do the tasks, at most `workers` at a time; a worker that dies costs only the cells it had not finished.

    Args:
        tasks: what to do, begun in this order, each after those that it needs.
        workers: processes at a time; they share the cores evenly.
        device: what all compute on; auto and cuda: the GPUs in turn.
        gpus: number of GPUs on this machine.
        report: called now and then, when cells may have been finished.

    Raises:
        InterruptedRunError: Ctrl-C came; the workers have saved what they had.
    """
    waiting = list(tasks)
    running: dict[int, SweepTask] = {}  # by slot
    with ProcessPool(workers, stopped=_STOPPED, stop_seconds=None) as pool:
        while waiting or running:
            for slot in pool.free_slots:
                task = _next_task(waiting, running.values())
                if task is None:
                    break
                waiting.remove(task)
                running[slot] = task
                placed = task.on_device(worker_device(device, slot, gpus))
                pool.start(slot, task_log(task.run), do_task, placed)
            for worker in pool.wait():
                _record_failure(running.pop(worker.slot), worker)
            report()


def run_tasks_here(tasks: Iterable[SweepTask], *, device: str, report: Callable[[], None]) -> None:
    """Do the tasks one after another in this process; see `run_tasks`."""
    with deferred_interrupt() as interrupted:
        for task in tasks:
            if interrupted():
                raise InterruptedRunError(_STOPPED)
            do_task(task.on_device(device))
            report()


def task_log(run: Path) -> Path:
    """Return the file that gets what the worker of a run prints."""
    return run.parent / "logs" / f"{run.name}.log"


def _next_task(waiting: Sequence[SweepTask], running: Iterable[SweepTask]) -> SweepTask | None:
    """Return the first task whose needed runs have ended, and whose own run no other task works on."""
    busy = {task.run for task in running}
    unfinished = busy | {task.run for task in waiting if not task.after}
    return next((task for task in waiting if not task.after & unfinished and task.run not in busy), None)


def _record_failure(task: SweepTask, worker: EndedWorker) -> None:
    """Record as failed the cells that a worker left pending because it was killed or ended with an error."""
    if worker.code == 0:
        return
    message = f"the worker {worker}; its last words: {last_line(worker.log) or 'none'}"
    for cell in task.cells:
        states = CellStates(cell.folder)
        if states.read()[cell.name].state == PENDING:
            states.record(cell, CellState(state=FAILED, fingerprint=cell.fingerprint, error=message))
