"""The step `tune` of a sweep: search a value, then train with the best on all training images."""

import dataclasses
from pathlib import Path

from filelock import FileLock

from decouple.errors import InterruptedRunError
from decouple.files.json_records import parse_record, read_json, write_record
from decouple.files.results import StudyEntry, record_study
from decouple.files.run_dir import RunDir
from stage1.complete_run import complete_run
from stage1.prepare import load_for
from stage1.settings import Stage1Config
from tuning.search_spec import Search
from tuning.search_task import STOPPED
from tuning.settings import WeightDecayConfig
from tuning.study_storage import StudyLocation
from tuning.sweep.pool import pooled_run_name
from tuning.sweep.tune_settings import TuneStep
from tuning.trial_loop import run_trials
from tuning.trial_summary import summarize
from tuning.trial_training import split_for_trials, training_spec, trial_epochs
from tuning.trial_values import with_values
from tuning.weight_decay import weight_decay_objective, weight_decay_range

_SEED = 0  # of a search that all seeds of an entry share
_FOLDER = "searches"  # beside the runs


def tuned_run(config: Stage1Config, step: TuneStep) -> RunDir:
    """Return the finished run called `config.name`, trained with the best value of the search.

    The search is done once for all seeds, with seed 0, unless `step.per_seed` is set. A search or a training that was
    stopped goes on. The results of the run hold the search.

    Raises:
        DecoupleError: a range has a value that stage one refuses, or no trial gave a finite loss.
        InterruptedRunError: Ctrl-C came; the finished trials are saved.
    """
    entry = _complete_search(config, step)
    run = complete_run(with_values(config, entry.best))
    if step.search not in run.read_results().tuning:
        with run.lock():
            record_study(run.results, step.search, entry)
    return run


def search_folder(config: Stage1Config, step: TuneStep) -> Path:
    """Return the folder of the search of a run, which trainings of other seeds and other sweeps share."""
    return Path(config.runs) / _FOLDER / pooled_run_name(_search_settings(config, step), step)


def read_search(config: Stage1Config, step: TuneStep) -> StudyEntry | None:
    """Return the search of a run; None before it is complete."""
    path = search_folder(config, step) / "search.json"
    return parse_record(StudyEntry, read_json(path), path) if path.exists() else None


def _search_settings(config: Stage1Config, step: TuneStep) -> Stage1Config:
    return config if step.per_seed else dataclasses.replace(config, seed=_SEED)


def _complete_search(config: Stage1Config, step: TuneStep) -> StudyEntry:
    """Return the search, done now unless it was; another process that needs it waits."""
    folder = search_folder(config, step)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):  # released when the process that holds it is killed
        entry = read_search(config, step)
        if entry is None:
            entry = _search(_search_settings(config, step), step, folder)
            write_record(folder / "search.json", entry)
    return entry


def _search(config: Stage1Config, step: TuneStep, folder: Path) -> StudyEntry:
    """Search as `decouple tune weight-decay` does on a run with these settings."""
    options = WeightDecayConfig(
        trials=step.trials, low=step.low, high=step.high, holdout=step.val_fraction, folds=step.folds,
        epochs=step.epochs, search=step.sampler, tie_margin=step.tie_margin, select=step.select, range=step.range,
        seed=config.seed, device=config.device,
    )  # fmt: skip
    settings = trial_epochs(config, options)
    spec = training_spec(settings, options, (weight_decay_range(options),))
    objective = weight_decay_objective(settings, split_for_trials(load_for(config), options), options.select)
    location = StudyLocation(step.search, path=folder / "study.db")
    try:
        trials = run_trials(location, Search(spec, objective))
    except KeyboardInterrupt:
        raise InterruptedRunError(STOPPED) from None
    return summarize(spec, trials, storage=str(location))
