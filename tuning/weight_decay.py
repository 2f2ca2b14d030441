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
from tuning.search import search_and_record
from tuning.search_spec import Objective, ReportEpoch, Search, TrialDivergedError, TrialResult
from tuning.settings import WeightDecayConfig
from tuning.space import Range, Values
from tuning.trial_metrics import metrics_result
from tuning.trial_training import (
    run_settings,
    train_best,
    train_folds,
    training_search_spec,
    trial_data,
    trial_settings,
)

WEIGHT_DECAY = "weight_decay"


@restored_threads()
def tune_weight_decay(run: RunDir, config: WeightDecayConfig) -> list[RunDir]:
    """Search, record the trials in `run`, and return the runs trained with the best value, one per seed.

    Raises:
        DecoupleError: the data have changed, the study was begun with other settings, or no trial gave a finite loss.
        InterruptedRunError: Ctrl-C came; calling again goes on.
    """
    best, _ = search_and_record(run, config, config.study, weight_decay_search)
    return [] if config.no_retrain else train_best(run, run_settings(run, config), best, config.seeds)


def weight_decay_range(config: WeightDecayConfig) -> Range:
    """Return the parameter that is searched."""
    return Range(WEIGHT_DECAY, config.low, config.high, log=True)


def weight_decay_search(run: RunDir, config: WeightDecayConfig) -> Search:
    """Return the search and its objective."""
    spec = training_search_spec(run, config, (weight_decay_range(config),))
    objective = weight_decay_objective(trial_settings(run, config), trial_data(run, config), config.select)
    return Search(spec, objective)


def weight_decay_objective(settings: Stage1Config, folds: Sequence[Data], select: str = "balanced") -> Objective:
    """Return the function from a weight decay to the held-out metric `select` of a stage one trained with it.

    The predictions of several folds are pooled: each image is evaluated once, by a network that was not trained on it.
    """

    def objective(values: Values, report: ReportEpoch) -> TrialResult:
        held_out = [held_out_logits(training) for training in train_folds(settings, folds, values, report)]
        logits, labels = (torch.cat(tensors) for tensors in zip(*held_out, strict=True))
        if not logits.isfinite().all():  # the very last step may be the one that diverged
            raise TrialDivergedError(f"the network trained with {dict(values)} gives no finite logits")
        metrics = evaluate(logits.numpy(), labels.numpy(), folds[0].group_counts)
        return metrics_result(metrics, select)

    return objective


def held_out_logits(training: Training) -> tuple[Tensor, Tensor]:
    """Return logits (N, C) and labels (N,) of the held-out images of a trial."""
    return predict(training.network, training.batches, training.batches.data.splits[VAL])[:2]
