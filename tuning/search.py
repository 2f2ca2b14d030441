"""The search of a run: under its lock, by one process or several, recorded in its results."""

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

import torch

from decouple.config.settings_yaml import to_yaml
from decouple.files.results import HyperparameterValue, StudyEntry, record_study
from decouple.files.run_dir import RunDir
from stage1.loggers.build import open_log, require_loggers
from tuning.process_pool import count_workers
from tuning.search_spec import Search
from tuning.search_task import Config, SearchTask, run_task
from tuning.settings import SearchConfig
from tuning.study_storage import StudyLocation, study_location
from tuning.trial_summary import best_values, summarize

_LOCK_SECONDS = 60.0  # that a search on a shared study waits for others to write to the run folder


def search_and_record(
    run: RunDir, config: Config, study: str, make_search: Callable[[RunDir, Config], Search]
) -> tuple[dict[str, HyperparameterValue], Search]:
    """Search, record the trials in the run, and return the best values and the search, which `make_search` made.

    The run is locked meanwhile. With a storage of its own it is locked only while it is written to, since other
    machines may take part with the same run folder.

    Args:
        run: whose results get the trials.
        config: settings of the search.
        study: name of the study.
        make_search: a function of some module, so that it can be sent to other processes.

    Raises:
        DecoupleError: the data have changed, the study was begun with other settings, or no trial has a value.
        InterruptedRunError: Ctrl-C came; calling again goes on.
    """
    require_loggers(config.log)
    gpus = torch.cuda.device_count()
    workers = count_workers(config.workers, config.workers_per_gpu, gpus)
    location = study_location(run, study, config.storage)
    with contextlib.ExitStack() as locked:
        locked.enter_context(lock_for_search(run, location))
        search = make_search(run, config)
        if location.shared:
            locked.close()
        trials = run_task(SearchTask(make_search, run, config, location), search, workers=workers, gpus=gpus)
        if location.shared:
            locked.enter_context(lock_for_search(run, location))
        entry = summarize(search.spec, trials, storage=str(location))
        record_study(run.results, study, entry)
        _log_trials(run.path / "tuning" / study, config, entry)
    return best_values(trials, search.spec.tie_margin), search


def _log_trials(folder: Path, config: SearchConfig, entry: StudyEntry) -> None:
    """Write a row for each trial with its values and accuracies."""
    if not config.log:
        return
    shutil.rmtree(folder, ignore_errors=True)  # of an earlier call; all trials are written again
    with open_log(config.log, folder, to_yaml(config), []) as log:
        for trial in entry.trials:
            accuracies = {"val_balanced": trial.balanced, "val_tail": trial.tail, "seconds": trial.seconds}
            log.epoch({"trial": trial.trial, **trial.values, **accuracies})


def lock_for_search(run: RunDir, location: StudyLocation) -> contextlib.AbstractContextManager[None]:
    """Return the lock of the run, which waits for the other processes of a shared study.

    Raises:
        RunError: another process holds it.
    """
    return run.lock(wait_seconds=_LOCK_SECONDS if location.shared else 0)
