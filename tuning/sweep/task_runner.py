"""Run the tasks of a sweep: a process for each task, so many at a time."""

from collections.abc import Callable, Sequence
from pathlib import Path

from tuning.process_pool import EndedWorker, ProcessPool, last_line, worker_device
from tuning.sweep.cell_states import FAILED, PENDING, CellState, CellStates
from tuning.sweep.grid import SweepTask
from tuning.sweep.worker import do_task

_STOPPED = "stopped; what is done is saved. The same command continues with the rest"


def run_tasks(
    tasks: Sequence[SweepTask],
    states: CellStates,
    *,
    workers: int,
    device: str = "auto",
    gpus: int = 0,
    report: Callable[[], None],
) -> None:
    """Do the tasks, at most `workers` at a time; a worker that dies costs only the cells it had not finished.

    Args:
        tasks: what to do, begun in this order.
        states: where the workers record the states of the cells.
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
            for slot in pool.free_slots[: len(waiting)]:
                running[slot] = task = waiting.pop(0)
                placed = task.on_device(worker_device(device, slot, gpus))
                pool.start(slot, task_log(states.folder, str(task.config.name)), do_task, placed, states)
            for worker in pool.wait():
                _record_failure(running.pop(worker.slot), worker, states)
            report()


def task_log(folder: Path, run: str) -> Path:
    """Return the file that gets what the worker of a run prints."""
    return folder / "logs" / f"{run}.log"


def _record_failure(task: SweepTask, worker: EndedWorker, states: CellStates) -> None:
    """Record as failed the cells that a worker left pending because it was killed or ended with an error."""
    if worker.code == 0:
        return
    known = states.read()
    message = f"the worker {worker}; its last words: {last_line(worker.log) or 'none'}"
    for cell in task.cells:
        if known[cell.name].state == PENDING:
            states.record(cell, CellState(state=FAILED, fingerprint=cell.fingerprint, error=message))
