"""Search how a stage-two classifier is trained on the cached features."""

import dataclasses
import time
from typing import Any

import numpy as np
import torch

from decouple.datasets.data import TEST, TRAIN
from decouple.device import restored_threads
from decouple.errors import ConfigError, DataError, DecoupleError, RunError
from decouple.evaluation.metrics import Metrics, evaluate
from decouple.files.results import HyperparameterValue, SelectionEntry
from decouple.files.run_dir import RunDir
from decouple.lookup import look_up
from samplers import SAMPLERS
from stage2.feature_cache import load_features, load_stage1_classifier
from stage2.fit_seeds import record_seeds
from stage2.methods import METHODS
from stage2.results_writer import ResultsWriter, open_results_writer
from stage2.settings import Stage2Config
from stage2.train_val_folds import join_splits
from tuning.held_out import in_words, judged_parts, split_of
from tuning.settings import Stage2SearchConfig
from tuning.space import Choice, Parameter, Range, Values
from tuning.storage import study_location
from tuning.study import Outcome, Report, Search, TrialDivergedError
from tuning.training import hold, search_and_record
from tuning.workers import Plan


@dataclasses.dataclass(frozen=True)
class Tuned:
    """What a search of stage two gave."""

    best: dict[str, HyperparameterValue]
    rows: list[Metrics]  # metrics on the test split with the best values, one for each seed


@restored_threads()
def tune_stage2(run: RunDir, config: Stage2SearchConfig) -> Tuned:
    """Search, and record the best classifier as the run's with its test figures.

    After folds it is fitted again, to training and validation images together. With several seeds it is fitted with
    each; the run keeps the classifier of `config.seed`, and the figures of all.

    Raises:
        DecoupleError: there is neither a validation split nor folds, the features are another's, or so is the study.
    """
    best, _ = search_and_record(run, config, config.study_name, plan_stage2)
    with hold(run, study_location(run, config.study_name, config.storage)):
        splits = load_features(run, _stage2_config(config, refresh=False))
        records = open_results_writer(run, config.weights, load_stage1_classifier(run, config.weights), splits)
        seeds = range(config.seed, config.seed + config.seeds)
        rows: list[Metrics] = []
        for seed in reversed(seeds):  # that of `config.seed` last, since each takes the place of the one before
            _record(records, dataclasses.replace(config, seed=seed), best)
            rows.insert(0, run.read_stage2(config.weights)[config.method].metrics[TEST])
        if config.seeds > 1:
            record_seeds(run, config.weights, seeds, {config.method: rows})
    return Tuned(best, rows)


def _record(records: ResultsWriter, config: Stage2SearchConfig, best: Values) -> None:
    """Fit the method with the best values and the seed of `config`, and make it the run's."""
    started = time.perf_counter()
    splits, method = records.splits, method_with(config, best)
    fitted = method.fit(records.before, {TRAIN: join_splits(splits) if config.folds else splits[TRAIN]})
    how = f"balanced accuracy {in_words(splits, config.folds)}, {config.trials} trials of tpe"
    how += "; fitted again to all of them together" if config.folds else ""
    fitted = dataclasses.replace(
        fitted, selection=SelectionEntry(values=dict(best), by=how), saw_validation=config.folds > 0
    )
    records.add(config.method, method, fitted, time.perf_counter() - started)


def plan_stage2(run: RunDir, config: Stage2SearchConfig) -> Plan:
    """Return the search and its objective.

    Raises:
        ConfigError: no such sampler, or neither a validation split nor folds.
    """
    for name in config.samplers:
        look_up(SAMPLERS, name, "sampler")
    splits = load_features(run, _stage2_config(config, refresh=config.refresh_features))
    parts = judged_parts(splits, config.folds, config.seed)
    labels = torch.cat([held.labels for _, held in parts]).numpy()
    classifier, data = load_stage1_classifier(run, config.weights), run.read_data()
    counts = np.asarray(data.group_counts, dtype=np.int64)

    def objective(values: Values, _report: Report) -> Outcome:
        method = method_with(config, values)
        try:
            logits = [method.fit(classifier, {TRAIN: kept}).classifier.logits(held.features) for kept, held in parts]
        except (ConfigError, DataError, RunError):
            raise
        except DecoupleError as error:  # its weights are no longer finite
            raise TrialDivergedError(str(error)) from None
        found = evaluate(torch.cat(logits).numpy(), labels, counts)
        return Outcome(found["balanced"], found["groups"]["thirds"]["tail"])

    fixed: tuple[tuple[str, Any], ...] = (("folds", config.folds),) if config.folds else ()
    fixed += (("method", config.method), ("weights", config.weights))
    fixed += (("data", data.fingerprint),) if config.storage else ()
    space: tuple[Parameter, ...] = (
        Range("lr", config.lr_low, config.lr_high, log=True),
        Range("weight_decay", config.low, config.high, log=True),
        Range("epochs", config.epochs_low, config.epochs_high, whole=True),
        *([Choice("sampler", config.samplers)] if len(config.samplers) > 1 else []),
    )
    judged = split_of(splits, config.folds)
    return Plan(Search(space, config.trials, config.seed, fixed=fixed, judged=judged), objective)


def method_with(config: Stage2SearchConfig, values: Values) -> Any:
    """Return the method with the values of a trial."""
    return METHODS[config.method](**{"sampler": config.samplers[0], "seed": config.seed, **values})


def _stage2_config(config: Stage2SearchConfig, *, refresh: bool) -> Stage2Config:
    return Stage2Config(
        method=config.method, weights=config.weights, refresh_features=refresh, root=config.root, device=config.device
    )
