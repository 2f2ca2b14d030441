"""A process that makes one stage-one run and all cells on it: `python -m tuning.sweep.worker`, told what on stdin."""

import contextlib
import dataclasses
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from decouple.config.settings_yaml import from_mapping
from decouple.datasets.data import TEST, TEST_LONGTAILED
from decouple.errors import DecoupleError, InterruptedRunError
from decouple.files.run_dir import RunDir
from decouple.log import console_log, logger
from decouple.memory import keep_freed_memory
from decouple.report.run_figures import draw_stage1, draw_stage2
from stage1.complete_run import complete_run
from stage1.settings import Stage1Config
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config
from tuning.sweep.plan import Cell, Task
from tuning.sweep.states import DONE, FAILED, States

INTERRUPTED_CODE = 130


def main() -> int:
    """Do the task that stands in the first line of stdin; stop when stdin ends, since the sweep has then gone."""
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_stop_with_the_sweep, daemon=True).start()
    torch.set_num_threads(order["threads"])
    keep_freed_memory()
    with console_log():  # the sweep has sent stdout and stderr to a file
        try:
            do_task(task_from_json(order["task"]), States(Path(order["folder"])))
        except (InterruptedRunError, KeyboardInterrupt) as stopped:
            logger.warning(stopped)
            return INTERRUPTED_CODE
    return 0


def do_task(task: Task, states: States) -> None:
    """Make the run, then its cells, then their figures; what fails is recorded, and the rest goes on.

    Raises:
        Interrupted: SIGTERM came during training; the state is saved.
    """
    try:
        run = complete_run(task.config)
    except InterruptedRunError:
        raise
    except Exception as error:
        sentence = _in_a_sentence(error)
        for cell in task.cells:
            states.record(cell, FAILED, error=sentence)
        return
    done = []
    for cell in task.cells:
        started = time.perf_counter()
        try:
            figures = _figures(run, cell)
        except Exception as error:
            states.record(cell, FAILED, error=_in_a_sentence(error))
            continue
        seconds = round(time.perf_counter() - started, 2)
        states.record(cell, DONE, seconds=seconds, figures=figures)
        done.append(cell)
    draw(run, done)


def draw(run: RunDir, done: Sequence[Cell]) -> None:
    """Draw the figures of a run, unless it has them, and those of its cells, as the commands of both stages do."""
    if not run.figure("training").exists():
        draw_stage1(run)
    for checkpoint in dict.fromkeys(cell.settings.weights for cell in done):
        draw_stage2(run, checkpoint, [cell.stage2 for cell in done if cell.settings.weights == checkpoint])


def task_to_json(task: Task) -> dict[str, Any]:
    """Return a task as JSON holds it."""
    return dataclasses.asdict(task)


def task_from_json(values: dict[str, Any]) -> Task:
    """Return the task that `task_to_json` was given."""
    cells = (Cell(**{**each, "settings": _settings(Stage2Config, each["settings"])}) for each in values["cells"])
    return Task(_settings(Stage1Config, values["config"]), tuple(cells))


def _settings(kind: type[Any], values: dict[str, Any]) -> Any:
    """Return settings from JSON; what is at its default is left out, since null is not always a value."""
    plain = kind()
    return from_mapping(kind, {name: value for name, value in values.items() if value != getattr(plain, name)}, "task")


def _figures(run: RunDir, cell: Cell) -> dict[str, Any]:
    """Fit the method, and return "split/metric" -> [percent, low and high end of the interval] on the test split."""
    run_stage2(run, cell.settings, cell.stage2)
    entry = run.read_stage2(cell.settings.weights)[cell.stage2]
    test, tail = entry.metrics[TEST], entry.metrics.get(TEST_LONGTAILED)
    intervals = test["intervals"]
    figures: dict[str, tuple[float | None, list[float] | None]] = {
        "all/top1": (test["top1"], intervals["top1"]),
        "all/balanced": (test["balanced"], intervals["balanced"]),
    }
    for scheme in ("many_medium_few", "thirds", "halves"):
        for group, value in test["groups"][scheme].items():
            figures[f"{scheme}.{group}/top1"] = (value, intervals[scheme][group])
    if tail is not None:
        figures["long_tailed/top1"] = (tail["top1"], tail["intervals"]["top1"])
    return {name: [value, *(interval or (None, None))] for name, (value, interval) in figures.items()}


def _in_a_sentence(error: Exception) -> str:
    """Return what went wrong, which stands in the log too; of a bug with its traceback."""
    if isinstance(error, DecoupleError):
        logger.warning(error)
        return str(error)
    traceback.print_exc()
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _stop_with_the_sweep() -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
