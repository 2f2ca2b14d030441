"""Search weight decay and learning rate of stage one together; tau, or method and knob, is solved inside each trial."""

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
from tuning.posthoc import METHOD, Part, best_outcome, methods_of
from tuning.settings import JointConfig
from tuning.space import Range, Values
from tuning.study import Objective, Outcome, Report, TrialDivergedError
from tuning.training import (
    judged_data,
    search_and_record,
    search_over,
    settings_of,
    settings_of_trial,
    train_parts,
    train_with,
)
from tuning.workers import Plan


@dataclasses.dataclass(frozen=True)
class Tuned:
    """What a joint search gave."""

    runs: list[RunDir]  # trained on the full training set with the best values, one a seed
    method: str  # stage two's, of the best trial
    hyperparameters: dict[str, Any]  # its tau or k in the best trial; of other methods nothing


@restored_threads()
def tune_joint(run: RunDir, config: JointConfig) -> Tuned:
    """Search, record the trials in `run`, and train with the best weight decay and learning rate unless told not to.

    Raises:
        DecoupleError: no such method, the data have changed, the study is another's, or no trial gave a finite loss.
        Interrupted: Ctrl-C came; calling again goes on.
    """
    best, plan = search_and_record(run, config, config.study, plan_joint)
    values = {each.name: best.pop(each.name) for each in plan.search.space}
    method = str(best.pop(METHOD, config.methods[0]))
    runs = [] if config.no_retrain else train_with(run, settings_of(run, config), values, config.seeds)
    return Tuned(runs, method, best)


def plan_joint(run: RunDir, config: JointConfig) -> Plan:
    """Return the search and its objective.

    Raises:
        DecoupleError: no such method, or the data have changed.
    """
    settings = settings_of_trial(run, config)
    methods = methods_of(config.methods, keep_bias=config.keep_bias, seed=settings.seed)
    space = (
        Range("weight_decay", config.low, config.high, log=True),
        Range("lr", config.lr_low, config.lr_high, log=True),
    )
    search = search_over(run, config, space)
    asked = () if config.methods == JointConfig.methods else (("methods", " ".join(config.methods)),)
    search = dataclasses.replace(search, fixed=(*search.fixed, ("keep_bias", config.keep_bias), *asked))
    return Plan(search, make_objective(settings, judged_data(run, config), methods))


def make_objective(settings: Stage1Config, parts: Sequence[Data], methods: Mapping[str, Method]) -> Objective:
    """Return the function from weight decay and learning rate to the validation accuracy with the best method."""
    tail = class_groups(parts[0].group_counts, "thirds")["tail"]

    def objective(values: Values, report: Report) -> Outcome:
        judged = [part_of_trial(training, methods) for training in train_parts(settings, parts, values, report)]
        if not all(part.finite for part in judged):
            raise TrialDivergedError(f"the network trained with {dict(values)} gives no finite features")
        return best_outcome(judged, methods, tail)

    return objective


def part_of_trial(training: Training, methods: Mapping[str, Method]) -> Part:
    """Return a trial's classifier and its features, on the CPU; of the training images those that a method reads."""
    classifier = training.network.classifier.as_tensors()
    bias = None if classifier.bias is None else classifier.bias.cpu()
    classifier = dataclasses.replace(classifier, weight=classifier.weight.cpu(), bias=bias)
    network, batches = training.network, training.batches
    splits = batches.data.splits
    judged = extract(network, batches, splits[VAL])
    if not any(method.reads_features for method in methods.values()):
        labels = torch.from_numpy(batches.data.labels[splits[TRAIN]])
        return Part(classifier, Features(torch.empty(len(labels), 0), labels), judged)
    return Part(classifier, extract(network, batches, splits[TRAIN]), judged)
