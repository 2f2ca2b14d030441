"""What a search would take: the settings, its trials, and the time of each, measured on steps that are thrown away."""

import dataclasses
import time
from collections.abc import Sequence

from decouple.files.run_dir import RunDir
from decouple.reporting.work_plan import WorkItem, WorkPlan
from stage1.dry_run import load_without_writing, plan_of
from stage1.run import require_same_data
from tuning.search_runs import feature_search_runs, first_run_settings, has_no_run, training_search_run
from tuning.search_spec import Search
from tuning.settings import JointConfig, SearchConfig, Stage2SearchConfig, TauConfig, WeightDecayConfig
from tuning.space import Choice, Parameter
from tuning.stage2 import stage2_search
from tuning.tau import tau_search
from tuning.trial_training import run_settings, split_for_trials, trial_epochs


def training_search_plan(
    config: WeightDecayConfig | JointConfig, explicit: frozenset[str], *more_methods: str
) -> WorkPlan:
    """Return what a search over stage one would do; nothing is written.

    Raises:
        DecoupleError: as the search itself, before its first trial.
    """
    items: list[WorkItem] = []
    notes = ["stage two and figures of the final run come on top"] if not config.no_retrain else []
    if config.run is None and has_no_run(config.runs):
        settings, done = first_run_settings(config), 0
        data = load_without_writing(settings)
        first = plan_of(settings, data)
        items.append(WorkItem(work="first run", times=1, seconds=first.seconds, training=first))
    else:
        run = training_search_run(config, explicit, *more_methods)
        settings, done = run_settings(run, config), finished_trials_of(run, config.study)
        data = load_without_writing(settings)
        require_same_data(run, data)
    folds = split_for_trials(data, config)
    trial = plan_of(trial_epochs(settings, config), folds[0])
    times = max(0, config.trials - done) * len(folds)
    work = f"fold of a trial ({len(folds)} each)" if len(folds) > 1 else "trial"
    items.append(WorkItem(work=work, times=times, seconds=trial.seconds, training=trial))
    if not config.no_retrain:
        final = plan_of(settings, data)
        items.append(WorkItem(work="with the best values", times=config.seeds, seconds=final.seconds, training=final))
    if isinstance(config, JointConfig):
        notes.append("each trial also tunes stage two on its features, which is not in its time")
    if config.prune:
        notes.append("pruned trials take less")
    return _plan(config, items, notes, done)


def feature_search_plan(config: TauConfig | Stage2SearchConfig) -> WorkPlan:
    """Return what a search on cached features would do; nothing is written.

    Raises:
        DecoupleError: as the search itself, before its first trial.
    """
    runs = feature_search_runs(config)
    items: list[WorkItem] = []
    notes: list[str] = []
    for run in runs:
        times = max(0, config.trials - finished_trials_of(run, config.study_name))
        seconds = _trial_seconds(run, config)
        items.append(WorkItem(work=f"trial on {run.name}", times=times, seconds=seconds))
    if any(item.seconds is None for item in items):
        notes.append("features are not cached yet, so that a trial cannot be measured; they are computed first")
    return _plan(config, items, notes, 0)


def finished_trials_of(run: RunDir, study: str) -> int:
    """Return how many trials of a study results.json has; its last, unrecorded ones are not counted."""
    entry = run.read_results().tuning.get(study)
    return 0 if entry is None else len(entry.trials)


def _trial_seconds(run: RunDir, config: TauConfig | Stage2SearchConfig) -> float | None:
    """Return the seconds of the longest trial, None where its features are not cached."""
    splits = run.read_data().images
    if config.refresh_features or not all(run.features(config.weights, split).exists() for split in splits):
        return None
    search: Search = tau_search(run, config) if isinstance(config, TauConfig) else stage2_search(run, config)
    values = {parameter.name: _upper_end(parameter) for parameter in search.spec.space}
    started = time.perf_counter()
    search.objective(values, lambda *_: None)
    return time.perf_counter() - started


def _upper_end(parameter: Parameter) -> float | str:
    return parameter.values[-1] if isinstance(parameter, Choice) else parameter.high


def _plan(config: SearchConfig, items: Sequence[WorkItem], notes: Sequence[str], done: int) -> WorkPlan:
    counted = [f"{done} trials are done already"] if done else []
    on_gpu = any(item.training is not None and item.training.device != "cpu" for item in items)
    if config.workers > 1 and not on_gpu:
        counted.append(f"{config.workers} processes share the processor: the time is that of one")
    settings = {
        name: list(value) if isinstance(value, tuple) else value for name, value in dataclasses.asdict(config).items()
    }
    processes = config.workers if on_gpu else 1
    return WorkPlan(settings=settings, items=tuple(items), processes=processes, notes=(*counted, *notes))
