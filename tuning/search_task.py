"""A search as a task for one process or several on this machine, each with its own device, all on one study."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import optuna
from optuna.trial import FrozenTrial

from decouple.errors import InterruptedRunError, RunError
from decouple.files.run_dir import RunDir
from decouple.progress import Progress
from tuning.process_pool import EndedWorker, ProcessPool, last_line, worker_device
from tuning.search_spec import Search, SearchSpec
from tuning.settings import SearchConfig
from tuning.stale_trials import MAX_RETRIES, fail_stale_trials
from tuning.study import finished_trials, open_study
from tuning.study_storage import StudyLocation, open_storage
from tuning.trial_loop import run_trials

STOPPED = "stopped; the finished trials are saved. Go on by giving the same command again"
_END_SECONDS = 5.0  # that a worker has to end by itself when the study is complete

Config = TypeVar("Config", bound=SearchConfig)


@dataclass(frozen=True)
class SearchTask(Generic[Config]):
    """All that a process needs to take part in a search; can be pickled."""

    make_search: Callable[[RunDir, Config], Search]  # a function of some module
    run: RunDir
    config: Config
    location: StudyLocation

    def worker_log(self, slot: int) -> Path:
        """Return the file that gets what a worker prints."""
        return self.run.path / "tuning" / f"{self.location.name}.worker-{slot}.log"


def run_task(task: SearchTask[Config], search: Search, *, workers: int = 1, gpus: int = 0) -> list[FrozenTrial]:
    """Search with `workers` processes, spread over `gpus` GPUs; return all trials that count.

    Args:
        task: what workers are given.
        search: what `task.make_search` returns, made by the caller anyway to check it.
        workers: number of processes; 1: this one.
        gpus: number of GPUs on this machine.

    Raises:
        ConfigError: the study was begun with other settings.
        RunError: the storage fails, or a worker does.
        InterruptedRunError: Ctrl-C or SIGTERM came; calling again goes on.
    """
    if workers == 1:
        try:
            return run_trials(task.location, search)
        except KeyboardInterrupt:
            raise InterruptedRunError(STOPPED) from None
    with open_storage(task.location) as storage:
        study = open_study(storage, task.location, search.spec, exclusive=not task.location.shared)
        if len(finished_trials(study)) < search.spec.trials:
            _supervise(task, search.spec, study, workers, gpus)
        return finished_trials(study)


def _supervise(task: SearchTask[Config], spec: SearchSpec, study: optuna.Study, workers: int, gpus: int) -> None:
    """Keep the workers running until the study has its trials."""
    done = len(finished_trials(study))
    title = f"tuning {spec.title}, {workers} workers"
    with (
        Progress(title, total=spec.trials, unit="trials", done=done) as progress,
        ProcessPool(workers, stopped=STOPPED, max_killed=MAX_RETRIES * workers) as pool,
    ):
        for slot in range(workers):
            task.worker_log(slot).unlink(missing_ok=True)
            _start_worker(pool, task, slot, gpus)
        while (now := len(finished_trials(study))) < spec.trials:
            if now > done:
                best = max((trial.value for trial in finished_trials(study) if trial.value is not None), default=0.0)
                progress.advance(now - done, best=best)
                progress.note(
                    f"{now} of {spec.trials} trials, the best with validation {spec.selection_metric} {best:.2f} %"
                )
                done = now
            for worker in pool.wait():
                _require_success(worker)
                fail_stale_trials(study)
                _start_worker(pool, task, worker.slot, gpus)
        progress.advance(now - done)
        pool.join(_END_SECONDS)  # the workers notice that there is nothing left to do


def _start_worker(pool: ProcessPool, task: SearchTask[Config], slot: int, gpus: int) -> None:
    config = dataclasses.replace(task.config, device=worker_device(task.config.device, slot, gpus))
    pool.start(slot, task.worker_log(slot), take_part, dataclasses.replace(task, config=config), slot)


def _require_success(worker: EndedWorker) -> None:
    """Check that a worker has not failed; one that was killed has not.

    Raises:
        RunError: it failed; the message holds the last line of its log.
    """
    if worker.failed:
        reason = last_line(worker.log) or f"exit code {worker.code}"
        raise RunError(f"worker {worker.slot} failed: {reason} (see {worker.log})")


def take_part(task: SearchTask[Config], slot: int) -> None:
    """Run trials of a search in this process, which is worker `slot`, until the study is complete.

    Raises:
        DecoupleError: see `run_trials`.
    """
    run_trials(task.location, task.make_search(task.run, task.config), worker=slot)
