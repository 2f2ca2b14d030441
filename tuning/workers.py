"""A search by one process or by several on this machine, each with its own device, all on one study."""

import contextlib
import dataclasses
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import optuna
import torch
from optuna.trial import FrozenTrial

from decouple.errors import ConfigError, DecoupleError, InterruptedRunError, RunError
from decouple.files.run_dir import RunDir
from decouple.interrupt import deferred_interrupt
from decouple.log import console_log
from decouple.memory import keep_freed_memory
from decouple.progress import Progress
from tuning.stale_trials import RETRIES, fail_stale_trials
from tuning.storage import StudyLocation, opened
from tuning.study import POLL_SECONDS, Objective, Search, finished, open_study, run_search

STOPPED = "stopped; the finished trials are saved. Go on by giving the same command again"
_STOP_SECONDS = 20.0  # that a worker has for the step it is in, before it is killed
_END_SECONDS = 5.0  # that a worker has to end by itself
_BAD_END, _INTERRUPTED = 2, 130


@dataclass(frozen=True)
class Plan:
    """A search and what judges its trials."""

    search: Search
    objective: Objective


@dataclass(frozen=True)
class Job:
    """All that another process needs to take part in a search; can be pickled."""

    make: Callable[[RunDir, Any], Plan]  # a function of some module, given `run` and `config`
    run: RunDir
    config: Any  # the settings of a target; has `device`
    place: StudyLocation


def run_job(job: Job, plan: Plan, workers: int) -> list[FrozenTrial]:
    """Search with as many processes as asked for; return all trials that count.

    Raises:
        ConfigError: the study was begun with other settings.
        RunError: the storage fails, or a worker does.
        Interrupted: Ctrl-C or SIGTERM came; calling again goes on.
    """
    if workers == 1:
        try:
            return run_search(job.place, plan.search, plan.objective)
        except KeyboardInterrupt:
            raise InterruptedRunError(STOPPED) from None
    with opened(job.place) as storage:
        study = open_study(storage, job.place, plan.search, alone=not job.place.shared)
        if len(finished(study)) < plan.search.trials:
            _supervise(job, plan.search, study, workers)
        return finished(study)


def count_workers(workers: int, per_gpu: int | None, gpus: int) -> int:
    """Return how many processes a search has: `workers`, or `per_gpu` for each GPU.

    Raises:
        ConfigError: `per_gpu` is given, and there is no GPU.
    """
    if per_gpu is None:
        return workers
    if not gpus:
        raise ConfigError("--workers-per-gpu needs a GPU, and torch finds none here; use --workers")
    return per_gpu * gpus


def devices(name: str, workers: int, gpus: int) -> list[str]:
    """Return a device for each worker: the GPUs in turn where any will do, else the one asked for."""
    if gpus and name in ("auto", "cuda"):
        return [f"cuda:{number % gpus}" for number in range(workers)]
    return [name] * workers


def threads_each(workers: int) -> int:
    """Return how many CPU threads a worker may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // workers)


def log_of(job: Job, number: int) -> Path:
    """Return the file with what a worker says."""
    return job.run.path / "tuning" / f"{job.place.name}.worker-{number}.log"


def _supervise(job: Job, search: Search, study: optuna.Study, workers: int) -> None:
    """Keep the workers alive until the study has its trials."""
    names, deaths = devices(job.config.device, workers, torch.cuda.device_count()), 0
    done = len(finished(study))
    with (
        deferred_interrupt() as asked,
        Progress(
            f"tuning {search.title}, {workers} workers", total=search.trials, unit="trials", done=done
        ) as progress,
        _pool(job, names) as pool,
    ):
        while (now := len(finished(study))) < search.trials:
            if now > done:
                best = max((trial.value for trial in finished(study) if trial.value is not None), default=0.0)
                progress.advance(now - done, best=best)
                progress.note(f"{now} of {search.trials} trials, the best with validation balanced {best:.2f} %")
                done = now
            if asked():
                raise InterruptedRunError(STOPPED)
            for number, process in enumerate(pool):
                if process.exitcode is not None:
                    deaths += _died(job, number, process)
                    fail_stale_trials(study)
                    if deaths > RETRIES * workers:
                        raise RunError(f"{deaths} workers were killed, perhaps for want of memory; use fewer --workers")
                    pool[number] = _start(job, number, names)
            time.sleep(POLL_SECONDS)
        progress.advance(now - done)


def _died(job: Job, number: int, process: BaseProcess) -> int:
    """Return 1 for a worker that was killed, 0 for one that ended; one that failed ends the search.

    Raises:
        RunError: it failed, with its last words.
    """
    code = process.exitcode
    if code is not None and code > 0 and code != _INTERRUPTED:
        log = log_of(job, number)
        words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
        raise RunError(f"worker {number} failed: {words[-1] if words else f'exit code {code}'} (see {log})")
    return int(code != 0)


@contextlib.contextmanager
def _pool(job: Job, names: list[str]) -> Iterator[list[BaseProcess]]:
    """Start the workers, and stop those that are still at work in the end."""
    pool: list[BaseProcess] = []
    try:
        for number in range(len(names)):
            pool.append(_start(job, number, names))
        yield pool
        for process in pool:  # they see by themselves that there is nothing left to do
            process.join(_END_SECONDS)
    finally:
        for process in pool:
            process.terminate()
        until = time.monotonic() + _STOP_SECONDS
        for process in pool:
            process.join(max(0.1, until - time.monotonic()))
            if process.exitcode is None:
                process.kill()
                process.join()


def _start(job: Job, number: int, names: list[str]) -> BaseProcess:
    """Start a worker; numerical libraries read their number of threads from the environment while they are loaded."""
    config = dataclasses.replace(job.config, device=names[number])
    threads = threads_each(len(names))
    process = multiprocessing.get_context("spawn").Process(
        target=_work, args=(dataclasses.replace(job, config=config), number, threads), daemon=True
    )
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = str(threads)
    try:
        process.start()
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before
    return process


def _work(job: Job, number: int, threads: int) -> None:
    """Be a worker: what would go to the terminal goes to a file; end when the process that started this one ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that a trial under way is given back
    torch.set_num_threads(threads)
    keep_freed_memory()
    with log_of(job, number).open("w", encoding="utf-8", buffering=1) as log:
        sys.stdout = sys.stderr = log
        try:
            with console_log():
                plan = job.make(job.run, job.config)
                run_search(job.place, plan.search, plan.objective, worker=number)
        except (InterruptedRunError, KeyboardInterrupt):
            sys.exit(_INTERRUPTED)
        except DecoupleError as error:
            log.write(f"{error}\n")
            sys.exit(_BAD_END)
        except Exception:
            traceback.print_exc(file=log)
            sys.exit(_BAD_END)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
