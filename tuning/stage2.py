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
from decouple.evaluation.selection_metrics import describe_selection_metric
from decouple.files.results import HyperparameterValue, SelectionEntry
from decouple.files.run_dir import RunDir
from decouple.lookup import look_up
from samplers import SAMPLERS
from stage2.feature_cache import load_features, load_stage1_classifier
from stage2.fit_seeds import record_seeds
from stage2.method import Method
from stage2.methods import METHODS
from stage2.recommendation import record_recommended
from stage2.results_writer import ResultsWriter, open_results_writer
from stage2.settings import Stage2Config
from stage2.train_val_folds import join_splits
from tuning.held_out_features import held_out_name, held_out_phrase, train_and_held_out
from tuning.search import lock_for_search, search_and_record
from tuning.search_spec import ReportEpoch, Search, SearchSpec, TrialDivergedError, TrialResult
from tuning.settings import Stage2SearchConfig
from tuning.space import Choice, Parameter, Range, Values
from tuning.study_storage import study_location
from tuning.trial_metrics import metrics_result


@dataclasses.dataclass(frozen=True)
class Stage2SearchResult:
    """The result of a search of stage two."""

    best: dict[str, HyperparameterValue]
    rows: list[Metrics]  # metrics on the test split with the best values, one for each seed


@restored_threads()
def tune_stage2(run: RunDir, config: Stage2SearchConfig) -> Stage2SearchResult:
    """Search, and record the best classifier as the run's with its test metrics.

    After folds it is fitted again, to training and validation images together. With several seeds it is fitted with
    each; the run keeps the classifier of `config.seed`, and the metrics of all.

    Raises:
        DecoupleError: there is neither a validation split nor folds, the features are of another run, or the study was
            begun with other settings.
    """
    best, _ = search_and_record(run, config, config.study_name, stage2_search)
    with lock_for_search(run, study_location(run, config.study_name, config.storage)):
        splits = load_features(run, _stage2_config(config, refresh=False))
        writer = open_results_writer(run, config.weights, load_stage1_classifier(run, config.weights), splits)
        seeds = range(config.seed, config.seed + config.seeds)
        rows: list[Metrics] = []
        for seed in reversed(seeds):  # that of `config.seed` last, since each replaces the one before
            _fit_and_record(writer, dataclasses.replace(config, seed=seed), best)
            rows.insert(0, run.read_stage2(config.weights)[config.method].metrics[TEST])
        if config.seeds > 1:
            record_seeds(run, config.weights, seeds, {config.method: rows})
        record_recommended(run, config.weights)
    return Stage2SearchResult(best, rows)


def _fit_and_record(writer: ResultsWriter, config: Stage2SearchConfig, best: Values) -> None:
    """Fit the method with the best values and the seed of `config`, and make it the run's."""
    started = time.perf_counter()
    splits, method = writer.splits, _method(config, best)
    result = method.fit(writer.before, {TRAIN: join_splits(splits) if config.folds else splits[TRAIN]})
    metric = describe_selection_metric(config.select)
    how = f"{metric} {held_out_phrase(splits, config.folds)}, {config.trials} trials of tpe"
    how += "; fitted again to all of them together" if config.folds else ""
    selection = SelectionEntry(values=dict(best), by=how)
    result = dataclasses.replace(result, selection=selection, saw_validation=config.folds > 0)
    writer.add(config.method, method, result, time.perf_counter() - started)


def stage2_search(run: RunDir, config: Stage2SearchConfig) -> Search:
    """Return the search and its objective.

    Raises:
        ConfigError: no such sampler, or neither a validation split nor folds.
    """
    for name in config.samplers:
        look_up(SAMPLERS, name, "sampler")
    splits = load_features(run, _stage2_config(config, refresh=config.refresh_features))
    folds = train_and_held_out(splits, config.folds, config.seed)
    labels = torch.cat([held_out.labels for _, held_out in folds]).numpy()
    classifier, data = load_stage1_classifier(run, config.weights), run.read_data()
    counts = np.asarray(data.group_counts, dtype=np.int64)

    def objective(values: Values, _report: ReportEpoch) -> TrialResult:
        method = _method(config, values)
        try:
            fitted = [method.fit(classifier, {TRAIN: train}).classifier for train, _ in folds]
        except (ConfigError, DataError, RunError):
            raise
        except DecoupleError as error:  # its weights are no longer finite
            raise TrialDivergedError(error.message) from None
        logits = [fold.logits(held_out.features) for fold, (_, held_out) in zip(fitted, folds, strict=True)]
        metrics = evaluate(torch.cat(logits).numpy(), labels, counts)
        return metrics_result(metrics, config.select)

    fixed: tuple[tuple[str, Any], ...] = (("folds", config.folds),) if config.folds else ()
    fixed += (("method", config.method), ("weights", config.weights))
    fixed += (("data", data.fingerprint),) if config.storage else ()
    split = held_out_name(splits, config.folds)
    spec = SearchSpec(
        _space(config), config.trials, config.seed,
        selection_metric=config.select, tie_margin=config.tie_margin, fixed=fixed, split=split,
    )  # fmt: skip
    return Search(spec, objective)


def _space(config: Stage2SearchConfig) -> tuple[Parameter, ...]:
    return (
        Range("lr", config.lr_low, config.lr_high, log=True),
        Range("weight_decay", config.low, config.high, log=True),
        Range("epochs", config.epochs_low, config.epochs_high, integer=True),
        *([Choice("sampler", config.samplers)] if len(config.samplers) > 1 else []),
    )


def _method(config: Stage2SearchConfig, values: Values) -> Method:
    """Return the method with the values of a trial."""
    method: Method = METHODS[config.method](**{"sampler": config.samplers[0], "seed": config.seed, **values})
    return method


def _stage2_config(config: Stage2SearchConfig, *, refresh: bool) -> Stage2Config:
    return Stage2Config(
        method=config.method, weights=config.weights, refresh_features=refresh, root=config.root, device=config.device
    )
