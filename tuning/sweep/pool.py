"""The workers of a sweep: so many processes at a time, a process for each task."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from decouple.errors import InterruptedRunError
from decouple.interrupt import deferred_interrupt
from tuning.sweep.plan import Task
from tuning.sweep.states import FAILED, PENDING, States
from tuning.sweep.worker import task_to_json

_POLL_SECONDS = 0.1

Running = dict[int, tuple["subprocess.Popen[str]", Task]]  # by slot


def run_tasks(tasks: Sequence[Task], states: States, workers: int, device: str, report: Callable[[], None]) -> None:
    """Do the tasks, at most `workers` at a time; a worker that dies costs only the cells it had not finished.

    Args:
        tasks: what to do, begun in this order.
        states: where the workers write what has become of the cells.
        workers: processes at a time; they share the cores evenly.
        device: what all compute on; auto: the CUDA devices in turn, else the CPU.
        report: called now and then, when cells may have been finished.
    Raises:
        Interrupted: Ctrl-C came; the workers have saved what they had.
    """
    waiting = list(tasks)
    running: Running = {}
    devices = _devices(device)
    threads = max(1, (os.cpu_count() or 1) // workers)
    with deferred_interrupt() as asked:
        try:
            while (waiting or running) and not asked():
                for slot in range(workers):
                    if slot not in running and waiting:
                        running[slot] = _start(waiting.pop(0), states, devices[slot % len(devices)], threads)
                _collect(running, states)
                report()
                time.sleep(_POLL_SECONDS)
        finally:
            for process, _ in running.values():
                process.terminate()
            for process, _ in running.values():
                process.wait()  # before stdin is closed, which would be a second signal
                process.communicate()
    if waiting or running:
        raise InterruptedRunError("stopped; what is done is kept. The same command goes on with the rest")


def _devices(device: str) -> list[str]:
    if device == "auto" and torch.cuda.is_available():
        return [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    return ["cpu" if device == "auto" else device]


def log_of(folder: Path, run: str) -> Path:
    """Return the file that gets what a worker prints."""
    return folder / "logs" / f"{run}.log"


def _start(task: Task, states: States, device: str, threads: int) -> "tuple[subprocess.Popen[str], Task]":
    log = log_of(states.folder, str(task.config.name))
    log.parent.mkdir(exist_ok=True)
    placed = Task(
        dataclasses.replace(task.config, device=device),
        tuple(
            dataclasses.replace(cell, settings=dataclasses.replace(cell.settings, device=device)) for cell in task.cells
        ),
    )
    with log.open("a", encoding="utf-8") as opened:
        process = subprocess.Popen(
            [sys.executable, "-m", "tuning.sweep.worker"],
            stdin=subprocess.PIPE,
            stdout=opened,
            stderr=opened,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": str(threads)},
            start_new_session=True,  # Ctrl-C reaches the sweep alone, which tells its workers once
        )
    assert process.stdin is not None
    order = {"folder": str(states.folder), "threads": threads, "task": task_to_json(placed)}
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    return process, task


def _collect(running: Running, states: States) -> None:
    """Take out the workers that have ended; cells that one left behind have failed."""
    for slot, (process, task) in list(running.items()):
        code = process.poll()
        if code is None:
            continue
        del running[slot]
        process.communicate()
        if code == 0:
            continue
        known = states.read()
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        last = _last_line(log_of(states.folder, str(task.config.name)))
        for cell in task.cells:
            if known[cell.name]["state"] == PENDING:
                states.record(cell, FAILED, error=f"the worker {how}; its last words: {last}")


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "none")
