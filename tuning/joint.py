"""Search weight decay and learning rate of stage one together, tau solved exactly inside each trial."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch

from decouple.class_counts import class_groups
from decouple.datasets.data import VAL, Data
from decouple.features import Features
from decouple.head import Head
from decouple.run_dir import RunDir
from stage1.extract import extract
from stage1.settings import Stage1Config
from stage1.trainer import Training
from stage2.judge import recalls_of
from stage2.tau import GRID, TauNorm
from tuning.settings import JointConfig
from tuning.space import Range, Values
from tuning.study import Diverged, Objective, Outcome, Report
from tuning.tau import outcome_of
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

TAU = "tau"


@dataclasses.dataclass(frozen=True)
class Tuned:
    """What a joint search gave."""

    runs: list[RunDir]  # trained on the full training set with the best values, one a seed
    tau: float  # of the best trial


def tune_joint(run: RunDir, config: JointConfig) -> Tuned:
    """Search, record the trials in `run`, and train with the best weight decay and learning rate unless told not to.

    Raises:
        DecoupleError: the data have changed, the study is another's, or no trial gave a finite loss.
        Interrupted: Ctrl-C came; calling again goes on.
    """
    best, _ = search_and_record(run, config, config.study, plan_joint)
    tau = float(best.pop(TAU))
    runs = [] if config.no_retrain else train_with(run, settings_of(run, config), best, config.seeds)
    return Tuned(runs, tau)


def plan_joint(run: RunDir, config: JointConfig) -> Plan:
    """Return the search and its objective."""
    space = (
        Range("weight_decay", config.low, config.high, log=True),
        Range("lr", config.lr_low, config.lr_high, log=True),
    )
    search = search_over(run, config, space)
    search = dataclasses.replace(search, fixed=(*search.fixed, ("keep_bias", config.keep_bias)))
    return Plan(search, make_objective(settings_of_trial(run, config), judged_data(run, config), config.keep_bias))


def make_objective(settings: Stage1Config, parts: Sequence[Data], keep_bias: bool) -> Objective:
    """Return the function from weight decay and learning rate to the validation accuracy with the best tau."""
    tail = class_groups(parts[0].group_counts, "thirds")["tail"]

    def objective(values: Values, report: Report) -> Outcome:
        judged = [features_of_trial(training) for training in train_parts(settings, parts, values, report)]
        if not all(found.features.isfinite().all() and head.weight.isfinite().all() for head, found in judged):
            raise Diverged(f"the network trained with {dict(values)} gives no finite features")
        return solve_tau(judged, tail, keep_bias)

    return objective


def features_of_trial(training: Training) -> tuple[Head, Features]:
    """Return a trial's classifier and its features of the images that judge, on the CPU."""
    head = training.network.classifier.head()
    bias = None if head.bias is None else head.bias.cpu()
    found = extract(training.network, training.batches, training.batches.data.splits[VAL])
    return dataclasses.replace(head, weight=head.weight.cpu(), bias=bias), found


def solve_tau(judged: Sequence[tuple[Head, Features]], tail: np.ndarray, keep_bias: bool) -> Outcome:
    """Return the best outcome of all taus of stage two's grid, all taken from one product of features and weights.

    Of equal ones it is the smallest tau, as in stage two. Several classifiers, those of the folds, share one tau: the
    predictions of each for the images that it has not seen are pooled.
    """
    method = TauNorm(keep_bias=keep_bias)
    predicted = torch.cat([method.predictions(head, found, found, GRID) for head, found in judged], dim=1)
    labels = torch.cat([found.labels for _, found in judged])
    recalls = recalls_of(predicted, labels, len(judged[0][0].weight))
    best = int(recalls.nanmean(dim=1).round(decimals=9).argmax())
    return dataclasses.replace(outcome_of(recalls[best], tail), solved={TAU: GRID[best]})
