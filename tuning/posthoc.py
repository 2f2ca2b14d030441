"""Stage-two methods tuned post hoc on the features of a trial, their hyper-parameter over its whole grid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from decouple.classifier import Classifier
from decouple.errors import ConfigError, DataError, DecoupleError, RunError
from decouple.evaluation.recall import balanced_accuracy, class_recalls
from decouple.files.features import Features
from stage2.candidates import make_method
from stage2.method import GridSearchable, Method
from stage2.selection import best_index, expand_grid, predict_candidates
from stage2.selection_scores import selection_scores
from stage2.settings import Stage2Config
from tuning.search_spec import TrialDivergedError, TrialResult, ranking_key
from tuning.settings import DEFAULT_METHODS
from tuning.trial_metrics import no_images_error

METHOD = "method"  # what the name of the best method is called among the values tuned post hoc


@dataclass(frozen=True, kw_only=True)
class PosthocRule:
    """How methods and the values of their grids are compared in a trial."""

    selection_metric: str = "balanced"
    tie_margin: float = 0.0  # between methods, as between trials
    group_counts: Sequence[int] = ()  # (C,) they define the groups, for other metrics than balanced accuracy


DEFAULT_RULE = PosthocRule()


@dataclass(frozen=True)
class TrialFeatures:
    """The classifier and the features of a trial's network, on the CPU; one for each fold."""

    classifier: Classifier
    train: Features  # without columns where no method reads them
    held_out: Features

    @property
    def finite(self) -> bool:
        """Whether weights and features are finite."""
        tensors = (self.classifier.weight, self.train.stored, self.held_out.stored)
        return all(bool(tensor.isfinite().all()) for tensor in tensors)


def posthoc_methods(names: Sequence[str], *, keep_bias: bool, seed: int) -> dict[str, Method]:
    """Return the methods with stage two's defaults, by name.

    Raises:
        ConfigError: no such method; the message holds the nearest name.
    """
    settings = Stage2Config(keep_bias=keep_bias, seed=seed)
    return {name: make_method(name, settings) for name in names}


def best_result(
    folds: Sequence[TrialFeatures],
    methods: Mapping[str, Method],
    tail: NDArray[np.int64],
    rule: PosthocRule = DEFAULT_RULE,
) -> TrialResult:
    """Return the result of the best method; its name is among the values tuned post hoc unless tau is the only one.

    The best has the highest metric of the rule, of equal ones the better tail, then it is the one named first.

    Args:
        folds: one, or one for each fold.
        methods: by name, 1 or more.
        tail: labels of the tail classes.
        rule: the metric, and what counts as equal.

    Raises:
        TrialDivergedError: the training of each method gave weights that are not finite.
    """
    results: list[TrialResult] = []
    reason = ""
    for name, method in methods.items():
        try:
            result = method_result(folds, method, tail, rule)
        except (ConfigError, DataError, RunError):
            raise
        except DecoupleError as error:  # its weights are no longer finite
            reason = error.message
            continue
        if tuple(methods) != DEFAULT_METHODS:
            result = replace(result, posthoc={METHOD: name, **result.posthoc})
        results.append(result)
    if not results:
        raise TrialDivergedError(reason)
    return max(results, key=lambda result: ranking_key(result.objective, result.tail, rule.tie_margin))


def method_result(
    folds: Sequence[TrialFeatures], method: Method, tail: NDArray[np.int64], rule: PosthocRule = DEFAULT_RULE
) -> TrialResult:
    """Return the held-out accuracies of a method, with the best value of its grid where it has one.

    Of equal values it is the first of the grid, as in stage two. Several folds share one value: their predictions, each
    by a network that was not trained on the image, are pooled.

    Raises:
        DataError: a class has no training image, and the method needs one.
        DecoupleError: the weights that the method trains are not finite.
    """
    candidates = expand_grid([method])
    predicted = torch.cat(
        [predict_candidates(candidates, fold.classifier, fold.train, fold.held_out)[0] for fold in folds], dim=1
    )
    labels = torch.cat([fold.held_out.labels for fold in folds])
    recalls = class_recalls(predicted, labels, len(folds[0].classifier.weight))
    default = rule.selection_metric == "balanced"
    scores = recalls.nanmean(dim=1)
    if not default:
        scores = selection_scores(rule.selection_metric, predicted, labels, rule.group_counts)
    best = best_index(scores)
    top1 = 100 * float((predicted[best] == labels.to(predicted.dtype)).double().mean())
    score = None if default else float(scores[best])
    if score is not None and np.isnan(score):
        raise no_images_error(rule.selection_metric)
    result = replace(trial_result(recalls[best], tail), top1=top1, score=score)
    if isinstance(method, GridSearchable):
        return replace(result, posthoc={method.hyperparameter: getattr(candidates[best], method.hyperparameter)})
    return result


def trial_result(recalls: Tensor, tail: NDArray[np.int64]) -> TrialResult:
    """Return the accuracies that the recalls (C,) of the classes amount to."""
    tail_accuracy = float(balanced_accuracy(recalls[tail]))
    return TrialResult(float(balanced_accuracy(recalls)), None if np.isnan(tail_accuracy) else tail_accuracy)
