"""What a process of a sweep does: one stage-one run, and all cells on it."""

import contextlib
import dataclasses
import time
import traceback
from collections.abc import Sequence

from decouple.datasets.data import TEST, TEST_LONGTAILED
from decouple.errors import DecoupleError, InterruptedRunError
from decouple.files.run_dir import RunDir
from decouple.log import logger
from decouple.reporting.run_figures import draw_stage1, draw_stage2
from stage1.complete_run import complete_run
from stage2.recommendation import record_recommended
from stage2.run_methods import run_stage2
from stage2.saved_classifiers import STAGE_ONE_METHOD
from tuning.held_out_tau import record_source
from tuning.sweep.carried_tau import carried_tau
from tuning.sweep.cell_metrics import CellMetrics, cell_metrics
from tuning.sweep.cell_recorder import CellRecorder
from tuning.sweep.cell_states import DONE, FAILED, CellState
from tuning.sweep.cells import SweepCell, SweepTask
from tuning.sweep.pool import run_lock
from tuning.sweep.search_columns import search_columns
from tuning.sweep.training_loss import training_losses
from tuning.sweep.tune_step import tuned_run


def do_task(task: SweepTask) -> None:
    """Train the run, then fit its cells, then draw their figures; what fails is recorded, and the rest continues.

    Raises:
        InterruptedRunError: SIGTERM came during training; the state is saved.
    """
    with run_lock(task.run) if task.pooled else contextlib.nullcontext(), CellRecorder() as recorder:
        try:
            run = complete_run(task.config) if task.tune is None else tuned_run(task.config, task.tune)
        except InterruptedRunError:
            raise
        except Exception as error:
            sentence = _log_error(error)
            for cell in task.cells:
                recorder.record(cell, CellState(state=FAILED, fingerprint=cell.fingerprint, error=sentence))
            return
        stored = run.read_results().stage2 if task.pooled else {}  # of other sweeps
        done = [cell for cell in task.cells if _complete_cell(run, task, cell, recorder)]
        new = [cell for cell in done if cell.entry not in stored.get(cell.settings.weights, {})]
        _recommend(run, new)
        if task.figures:
            draw_figures(run, new)


def _recommend(run: RunDir, done: Sequence[SweepCell]) -> None:
    """Record the recommended classifier of the run, once for all its cells."""
    for checkpoint in dict.fromkeys(cell.settings.weights for cell in done):
        with run.lock():
            record_recommended(run, checkpoint)


def draw_figures(run: RunDir, done: Sequence[SweepCell]) -> None:
    """Draw the figures of a run, unless it has them, and those of its cells, as the commands of both stages do."""
    if not run.figure("training").exists():
        draw_stage1(run)
    for checkpoint in dict.fromkeys(cell.settings.weights for cell in done):
        draw_stage2(run, checkpoint, [cell.entry for cell in done if cell.settings.weights == checkpoint])


def _complete_cell(run: RunDir, task: SweepTask, cell: SweepCell, recorder: CellRecorder) -> bool:
    """Fit a cell and record its state; return whether it is done."""
    started = time.perf_counter()
    try:
        _fit_cell(run, task, cell)
        figures, metrics = _figures(run, cell, tuned=task.tune is not None), _metrics(run, task, cell)
    except InterruptedRunError:
        raise
    except Exception as error:
        recorder.record(cell, CellState(state=FAILED, fingerprint=cell.fingerprint, error=_log_error(error)))
        return False
    seconds = round(time.perf_counter() - started, 2)
    state = CellState(state=DONE, fingerprint=cell.fingerprint, seconds=seconds, figures=figures, metrics=metrics)
    recorder.record(cell, state)
    return True


def _fit_cell(run: RunDir, task: SweepTask, cell: SweepCell) -> None:
    """Fit the method, unless the run of a pool has the result."""
    checkpoint = cell.settings.weights
    if not task.pooled or cell.entry not in run.read_results().stage2.get(checkpoint, {}):
        if cell.tau_from is None:
            run_stage2(run, cell.settings, cell.entry, recommend=False)
            return
        tau = carried_tau(run, task.config, cell)
        run_stage2(run, dataclasses.replace(cell.settings, tau=tau.value), cell.entry, recommend=False)
        record_source(run, checkpoint, cell.entry, tau)


def _metrics(run: RunDir, task: SweepTask, cell: SweepCell) -> CellMetrics:
    weights, losses = cell.settings.weights, None
    entry = run.read_stage2(weights)[cell.entry]
    if cell.training_loss:
        classifier = STAGE_ONE_METHOD if entry.method == STAGE_ONE_METHOD else cell.entry
        losses = training_losses(run, task.config, weights, classifier, cell.groups)
    return cell_metrics(entry.metrics, run.read_data().group_counts, cell.groups, losses)


def _figures(run: RunDir, cell: SweepCell, *, tuned: bool) -> dict[str, tuple[float | None, ...]]:
    """Return "split/metric" -> [percent, low and high end of the interval] on the test split."""
    entry = run.read_stage2(cell.settings.weights)[cell.entry]
    test, long_tailed = entry.metrics[TEST], entry.metrics.get(TEST_LONGTAILED)
    intervals = test["intervals"]
    metrics: dict[str, tuple[float | None, list[float] | None]] = {
        "all/top1": (test["top1"], intervals["top1"]),
        "all/balanced": (test["balanced"], intervals["balanced"]),
    }
    for scheme in ("many_medium_few", "thirds", "halves"):
        for group, value in test["groups"][scheme].items():
            metrics[f"{scheme}.{group}/top1"] = (value, intervals[scheme][group])
    if long_tailed is not None:
        metrics["long_tailed/top1"] = (long_tailed["top1"], long_tailed["intervals"]["top1"])
    figures = {name: (value, *(interval or (None, None))) for name, (value, interval) in metrics.items()}
    searches = run.read_results().tuning.values() if tuned else ()
    return figures | {key: value for study in searches for key, value in search_columns(study).items()}


def _log_error(error: Exception) -> str:
    """Write an error to the log, of a bug with its traceback, and return it as one sentence."""
    if isinstance(error, DecoupleError):
        logger.warning(error)
        return str(error)
    traceback.print_exc()
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
