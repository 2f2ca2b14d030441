"""Search tau on cached validation features."""

import dataclasses
import time
from typing import Any

import numpy as np
import torch

from decouple.class_counts import class_groups
from decouple.device import restored_threads
from decouple.files.features import Features
from decouple.files.results import record_study
from decouple.files.run_dir import RunDir
from decouple.log import logger
from stage1.complete_run import complete_run
from stage2.candidates import applicable_methods
from stage2.feature_cache import load_features, load_stage1_classifier
from stage2.fit_result import FeatureSplits, FitResult, HyperparameterCurve
from stage2.methods.tau import GRID, TauNorm, tau_recalls
from stage2.recommendation import record_recommended
from stage2.results_writer import open_results_writer
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config
from tuning.companion_run import companion_settings, held_out_source
from tuning.held_out_features import held_out_name, held_out_phrase, train_and_held_out
from tuning.held_out_tau import ChosenTau, record_source
from tuning.posthoc import trial_result
from tuning.search import lock_for_search, search_and_record
from tuning.search_spec import ReportEpoch, Search, SearchSpec, TrialResult
from tuning.settings import TauConfig
from tuning.space import Range, Values
from tuning.study_storage import study_location

TAU = "tau"
MAX_TAU = 10.0  # that the method accepts


@restored_threads()
def tune_tau(run: RunDir, config: TauConfig) -> float:
    """Search, and record the best value as the run's tau classifier with its test metrics; return the value.

    With a `holdout`, the search is on the validation images of a companion run, see `tuning.held_out_tau`.

    Raises:
        DecoupleError: there is neither a validation split nor folds, or no classifier of stage one; the features are
            of another run, or the study was begun with other settings.
    """
    if config.holdout:
        return _tune_held_out(run, config)
    started = time.perf_counter()
    applicable_methods(run, config.weights, [TAU])
    best, _ = search_and_record(run, config, config.study_name, tau_search)
    tau = float(best[TAU])
    with lock_for_search(run, study_location(run, config.study_name, config.storage)):
        splits = load_features(run, dataclasses.replace(_stage2_config(config), refresh_features=False))
        classifier, held_out = load_stage1_classifier(run, config.weights), _held_out(splits, config)
        how = f"balanced accuracy {held_out_phrase(splits, config.folds)}, {config.trials} trials of {config.search}"
        curve = HyperparameterCurve(TAU, GRID, tau_recalls(classifier, held_out, GRID, config.keep_bias))
        method = TauNorm(tau=tau, keep_bias=config.keep_bias)
        fitted = method.fit(classifier, splits)
        note = end_of_range(tau, config.low, config.high)
        if note is not None:
            logger.info(note)
        notes = "; ".join(filter(None, [fitted.selection.note, note])) or None
        selection = dataclasses.replace(fitted.selection, by=how, note=notes)
        result = FitResult(fitted.classifier, selection, curve, saw_validation=config.folds > 0)
        writer = open_results_writer(run, config.weights, classifier, splits)
        writer.add(TAU, method, result, time.perf_counter() - started)
        record_recommended(run, config.weights)
    return tau


def _tune_held_out(run: RunDir, config: TauConfig) -> float:
    """Search on a companion run that is trained without a share of the training images, and use the tau on `run`.

    Raises:
        ConfigError: the run has a validation split of its own.
    """
    companion = complete_run(companion_settings(run, config))
    value = tune_tau(companion, dataclasses.replace(config, holdout=0.0))
    study = companion.read_results().tuning[config.study_name]
    run_stage2(run, dataclasses.replace(_stage2_config(config), tau=value), TAU)
    record_source(run, config.weights, TAU, ChosenTau(value, held_out_source("balanced", companion, config.holdout)))
    with run.lock():
        record_study(run.results, config.study_name, study)
    return value


def end_of_range(tau: float, low: float, high: float) -> str | None:
    """Return a remark if the best tau is within 1 % of the upper end of the range, else None.

    Example:
        >>> end_of_range(1.99, 0.0, 2.0)
        'the best tau, 1.99, is at the end of the range [0, 2]; a larger one may be better: search up to 4'
        >>> end_of_range(1.97, 0.0, 2.0) is None
        True
    """
    if high - tau > 0.01 * (high - low) or high >= MAX_TAU:
        return None
    further = min(MAX_TAU, high + (high - low))
    return (
        f"the best tau, {tau:.3g}, is at the end of the range [{low:g}, {high:g}]; a larger one may be better: "
        f"search up to {further:g}"
    )


def tau_search(run: RunDir, config: TauConfig) -> Search:
    """Return the search and its objective."""
    splits = load_features(run, _stage2_config(config))
    classifier, held_out = load_stage1_classifier(run, config.weights), _held_out(splits, config)
    data = run.read_data()
    tail = class_groups(np.asarray(data.group_counts, dtype=np.int64), "thirds")["tail"]

    def objective(values: Values, _report: ReportEpoch) -> TrialResult:
        return trial_result(tau_recalls(classifier, held_out, (values[TAU],), config.keep_bias)[0], tail)

    fixed: tuple[tuple[str, Any], ...] = (("folds", config.folds),) if config.folds else ()
    fixed += (("weights", config.weights), ("keep_bias", config.keep_bias))
    fixed += (("data", data.fingerprint),) if config.storage else ()
    spec = SearchSpec(
        (Range(TAU, config.low, config.high),), config.trials, config.seed,
        proposal=config.search, tie_margin=config.tie_margin, fixed=fixed, split=held_out_name(splits, config.folds),
    )  # fmt: skip
    return Search(spec, objective)


def _held_out(splits: FeatureSplits, config: TauConfig) -> Features:
    """Return the held-out images; nothing is fitted, so that those of all folds are evaluated together."""
    folds = [held_out for _, held_out in train_and_held_out(splits, config.folds, config.seed)]
    if len(folds) == 1:
        return folds[0]
    return Features(torch.cat([fold.stored for fold in folds]), torch.cat([fold.labels for fold in folds]))


def _stage2_config(config: TauConfig) -> Stage2Config:
    shared = ("run", "runs", "weights", "keep_bias", "refresh_features", "root", "device")
    return Stage2Config(method=TAU, **{name: getattr(config, name) for name in shared})
