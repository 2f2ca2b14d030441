"""Search the weight decay of stage one."""

from collections.abc import Sequence

import torch
from torch import Tensor

from decouple.datasets.data import VAL, Data
from decouple.device import restored_threads
from decouple.evaluation.metrics import evaluate
from decouple.files.run_dir import RunDir
from stage1.settings import Stage1Config
from stage1.trainer import Training, predict
from tuning.settings import WeightDecayConfig
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

TARGET = "weight_decay"


@restored_threads()
def tune_weight_decay(run: RunDir, config: WeightDecayConfig) -> list[RunDir]:
    """Search, record the trials in `run`, and return the runs that were trained with the best value, one a seed.

    Raises:
        DecoupleError: the data have changed, the study is another's, or no trial gave a finite loss.
        Interrupted: Ctrl-C came; calling again goes on.
    """
    best, _ = search_and_record(run, config, config.study, plan_weight_decay)
    return [] if config.no_retrain else train_with(run, settings_of(run, config), best, config.seeds)


def plan_weight_decay(run: RunDir, config: WeightDecayConfig) -> Plan:
    """Return the search and its objective."""
    search = search_over(run, config, (Range(TARGET, config.low, config.high, log=True),))
    return Plan(search, make_objective(settings_of_trial(run, config), judged_data(run, config)))


def make_objective(settings: Stage1Config, parts: Sequence[Data]) -> Objective:
    """Return the function from a weight decay to the validation accuracy of a stage one trained with it.

    Of several parts, folds, the predictions are pooled: each image is judged once, by the network that has not seen it.
    """

    def objective(values: Values, report: Report) -> Outcome:
        judged = [held_out_logits(training) for training in train_parts(settings, parts, values, report)]
        logits, labels = (torch.cat(each) for each in zip(*judged, strict=True))
        if not logits.isfinite().all():  # the last step of all may be the one that went too far
            raise TrialDivergedError(f"the network trained with {dict(values)} gives no finite logits")
        found = evaluate(logits.numpy(), labels.numpy(), parts[0].group_counts)
        return Outcome(found["balanced"], found["groups"]["thirds"]["tail"])

    return objective


def held_out_logits(training: Training) -> tuple[Tensor, Tensor]:
    """Return logits (N, C) and labels (N,) of the images that judge a trial."""
    return predict(training.network, training.batches, training.batches.data.splits[VAL])
