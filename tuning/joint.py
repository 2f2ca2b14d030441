"""Search weight decay and learning rate of stage one together; stage two is tuned post hoc inside each trial."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from decouple.class_counts import class_groups
from decouple.datasets.data import TRAIN, VAL, Data
from decouple.device import restored_threads
from decouple.files.features import Features
from decouple.files.run_dir import RunDir
from stage1.extract import extract
from stage1.settings import Stage1Config
from stage1.trainer import Training
from stage2.method import Method
from tuning.posthoc import METHOD, PosthocRule, TrialFeatures, best_result, posthoc_methods
from tuning.search import search_and_record
from tuning.search_spec import Objective, ReportEpoch, Search, TrialDivergedError, TrialResult
from tuning.settings import JointConfig
from tuning.space import Range, Values
from tuning.trial_training import (
    run_settings,
    train_best,
    train_folds,
    training_search_spec,
    trial_data,
    trial_settings,
)


@dataclasses.dataclass(frozen=True)
class JointSearchResult:
    """The result of a joint search."""

    runs: list[RunDir]  # trained on the full training set with the best values, one per seed
    method: str  # stage two's, of the best trial
    hyperparameters: dict[str, Any]  # its tau or k in the best trial; empty for other methods


@restored_threads()
def tune_joint(run: RunDir, config: JointConfig) -> JointSearchResult:
    """Search, record the trials in `run`, and train with the best values unless `no_retrain` is set.

    Raises:
        DecoupleError: no such method, the data have changed, the study was begun with other settings, or no trial gave
            a finite loss.
        InterruptedRunError: Ctrl-C came; calling again goes on.
    """
    best, search = search_and_record(run, config, config.study, joint_search)
    values = {parameter.name: best.pop(parameter.name) for parameter in search.spec.space}
    method = str(best.pop(METHOD, config.methods[0]))
    runs = [] if config.no_retrain else train_best(run, run_settings(run, config), values, config.seeds)
    return JointSearchResult(runs, method, best)


def joint_search(run: RunDir, config: JointConfig) -> Search:
    """Return the search and its objective.

    Raises:
        DecoupleError: no such method, or the data have changed.
    """
    settings = trial_settings(run, config)
    methods = posthoc_methods(config.methods, keep_bias=config.keep_bias, seed=settings.seed)
    space = (
        Range("weight_decay", config.low, config.high, log=True),
        Range("lr", config.lr_low, config.lr_high, log=True),
    )
    spec = training_search_spec(run, config, space)
    names = () if config.methods == JointConfig.methods else (("methods", " ".join(config.methods)),)
    spec = dataclasses.replace(spec, fixed=(*spec.fixed, ("keep_bias", config.keep_bias), *names))
    return Search(spec, joint_objective(settings, trial_data(run, config), methods, config.select, config.tie_margin))


def joint_objective(
    settings: Stage1Config,
    folds: Sequence[Data],
    methods: Mapping[str, Method],
    select: str = "balanced",
    tie_margin: float = 0.0,
) -> Objective:
    """Return the function from weight decay and learning rate to the held-out metric with the best method."""
    group_counts = folds[0].group_counts.tolist()
    rule = PosthocRule(selection_metric=select, tie_margin=tie_margin, group_counts=group_counts)
    tail = class_groups(folds[0].group_counts, "thirds")["tail"]

    def objective(values: Values, report: ReportEpoch) -> TrialResult:
        features = [trial_features(training, methods) for training in train_folds(settings, folds, values, report)]
        if not all(fold.finite for fold in features):
            raise TrialDivergedError(f"the network trained with {dict(values)} gives no finite features")
        return best_result(features, methods, tail, rule)

    return objective


def trial_features(training: Training, methods: Mapping[str, Method]) -> TrialFeatures:
    """Return a trial's classifier and features, on the CPU; those of training images only if a method reads them."""
    classifier = training.network.classifier.as_tensors()
    bias = None if classifier.bias is None else classifier.bias.cpu()
    classifier = dataclasses.replace(classifier, weight=classifier.weight.cpu(), bias=bias)
    network, batches = training.network, training.batches
    splits = batches.data.splits
    held_out = extract(network, batches, splits[VAL])
    if not any(method.reads_features for method in methods.values()):
        labels = torch.from_numpy(batches.data.labels[splits[TRAIN]])
        return TrialFeatures(classifier, Features(torch.empty(len(labels), 0), labels), held_out)
    return TrialFeatures(classifier, extract(network, batches, splits[TRAIN]), held_out)
