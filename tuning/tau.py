"""Search tau on cached validation features."""

import dataclasses
import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from decouple.class_counts import class_groups
from decouple.device import restored_threads
from decouple.evaluation.recall import balanced_accuracy
from decouple.files.features import Features
from decouple.files.run_dir import RunDir
from stage2.candidates import applicable_methods
from stage2.feature_cache import load_features, load_stage1_classifier
from stage2.fit_result import FeatureSplits, FitResult, HyperparameterCurve
from stage2.methods.tau import GRID, TauNorm, tau_recalls
from stage2.results_writer import open_results_writer
from stage2.settings import Stage2Config
from tuning.held_out import in_words, judged_parts, split_of
from tuning.settings import TauConfig
from tuning.space import Range, Values
from tuning.storage import study_location
from tuning.study import Outcome, Report, Search
from tuning.training import hold, search_and_record
from tuning.workers import Plan

TARGET = "tau"


@restored_threads()
def tune_tau(run: RunDir, config: TauConfig) -> float:
    """Search, and record the best value as the run's tau classifier with its test figures; return the value.

    Raises:
        DecoupleError: there is neither a validation split nor folds, or no classifier of stage one; the features are
            another's, or so is the study.
    """
    started = time.perf_counter()
    applicable_methods(run, config.weights, [TARGET])
    best, _ = search_and_record(run, config, config.study_name, plan_tau)
    value = float(best[TARGET])
    with hold(run, study_location(run, config.study_name, config.storage)):
        splits = load_features(run, dataclasses.replace(_stage2_config(config), refresh_features=False))
        classifier, judged = load_stage1_classifier(run, config.weights), _judged(splits, config)
        how = f"balanced accuracy {in_words(splits, config.folds)}, {config.trials} trials of {config.search}"
        curve = HyperparameterCurve(TARGET, GRID, tau_recalls(classifier, judged, GRID, config.keep_bias))
        method = TauNorm(tau=value, keep_bias=config.keep_bias)
        fitted = method.fit(classifier, splits)
        selection = dataclasses.replace(fitted.selection, by=how)
        fitted = FitResult(fitted.classifier, selection, curve, saw_validation=config.folds > 0)
        records = open_results_writer(run, config.weights, classifier, splits)
        records.add(TARGET, method, fitted, time.perf_counter() - started)
    return value


def plan_tau(run: RunDir, config: TauConfig) -> Plan:
    """Return the search and its objective."""
    splits = load_features(run, _stage2_config(config))
    classifier, judged = load_stage1_classifier(run, config.weights), _judged(splits, config)
    data = run.read_data()
    tail = class_groups(np.asarray(data.group_counts, dtype=np.int64), "thirds")["tail"]

    def objective(values: Values, _report: Report) -> Outcome:
        return outcome_of(tau_recalls(classifier, judged, (values[TARGET],), config.keep_bias)[0], tail)

    fixed: tuple[tuple[str, Any], ...] = (("folds", config.folds),) if config.folds else ()
    fixed += (("weights", config.weights), ("keep_bias", config.keep_bias))
    fixed += (("data", data.fingerprint),) if config.storage else ()
    search = Search(
        (Range(TARGET, config.low, config.high),), config.trials, config.seed,
        grid=config.search == "grid", fixed=fixed, judged=split_of(splits, config.folds),
    )  # fmt: skip
    return Plan(search, objective)


def outcome_of(recalls: Tensor, tail: NDArray[np.int64]) -> Outcome:
    """Return what the recalls (C,) of a trial's classes amount to."""
    tail_mean = float(recalls[tail].nanmean())
    return Outcome(float(balanced_accuracy(recalls)), None if tail_mean != tail_mean else 100 * tail_mean)


def _judged(splits: FeatureSplits, config: TauConfig) -> Features:
    """Return the images that judge; nothing is fitted, so that those of all folds are judged together."""
    parts = [held for _, held in judged_parts(splits, config.folds, config.seed)]
    if len(parts) == 1:
        return parts[0]
    return Features(torch.cat([each.stored for each in parts]), torch.cat([each.labels for each in parts]))


def _stage2_config(config: TauConfig) -> Stage2Config:
    shared = ("run", "runs", "weights", "keep_bias", "refresh_features", "root", "device")
    return Stage2Config(method=TARGET, **{name: getattr(config, name) for name in shared})
