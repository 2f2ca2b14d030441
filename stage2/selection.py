"""The selection of hyper-parameters: candidates are compared on validation or in folds, never on the test split."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor

from decouple.checks import require_choice, require_whole
from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN, VAL
from decouple.errors import ConfigError
from decouple.evaluation.recall import class_recalls
from decouple.evaluation.selection_metrics import SELECTION_METRICS
from decouple.files.features import Features
from stage2.fit_inputs import require_features
from stage2.fit_result import FeatureSplits, FitResult, HyperparameterCurve
from stage2.hyperparameter_checks import require_folds
from stage2.method import GridSearchable, Method
from stage2.selection_report import describe_refit, describe_selection, no_validation_error, varied_hyperparameters
from stage2.selection_scores import require_images, selection_scores
from stage2.train_val_folds import join_splits, split_folds

AnyMethod = TypeVar("AnyMethod", bound=Method)


@dataclass(frozen=True, kw_only=True)
class SelectionRule:
    """How candidates are compared.

    Raises:
        ConfigError: a value is outside its range.
    """

    selection_metric: str = "balanced"  # one of `decouple.evaluation.selection_metrics.SELECTION_METRICS`
    folds: int = 0  # 0: on the validation split
    seed: int = 0  # of the folds
    group_counts: Sequence[int] | None = None  # (C,) they define the groups, for a metric of one group

    def __post_init__(self) -> None:
        require_choice("selection_metric", self.selection_metric, SELECTION_METRICS)
        require_folds(self.folds)
        require_whole("seed", self.seed)


DEFAULT_RULE = SelectionRule()


@dataclass(frozen=True)
class _Evaluation:
    """How good the candidates are on held-out images: one entry for the validation split, or one for each fold."""

    scores: list[Tensor]  # (V,) each
    recalls: list[Tensor]  # (V, C) each
    fit_results: list[FitResult]  # of the last fit of each candidate; none where no fit was needed

    @property
    def means(self) -> Tensor:
        """The score of each candidate, (V,): the mean over the folds."""
        return torch.stack(self.scores).nanmean(dim=0)

    def joined(self, other: "_Evaluation") -> "_Evaluation":
        """Return the evaluation of these candidates and then of others, on the same images."""
        scores, recalls = (
            [torch.cat(pair) for pair in zip(ours, theirs, strict=True)]
            for ours, theirs in ((self.scores, other.scores), (self.recalls, other.recalls))
        )
        return _Evaluation(scores, recalls, self.fit_results + other.fit_results)


def choose(
    candidates: Sequence[AnyMethod],
    classifier: Classifier,
    splits: FeatureSplits,
    rule: SelectionRule = DEFAULT_RULE,
    fold_classifiers: Sequence[Classifier] = (),
) -> tuple[AnyMethod, FitResult]:
    """Return the best candidate and its classifier; of equal ones the first.

    On validation the classifier is the one that was fitted to the training split. After folds it is fitted again, to
    training and validation images together.

    Args:
        candidates: one method with different settings, 1 or more; one alone whose hyper-parameter is None stands for
            all values of its grid, and of its wider grids while the best value is the largest, see `GridSearchable`.
        classifier: of stage one.
        splits: train, and val where there is one.
        rule: the selection metric, and the images that it is computed on.
        fold_classifiers: of stage one, fitted without the images of each fold; default: `classifier` in all folds.

    Raises:
        IncompatibleMethodError: there are several candidates, no validation split, and no folds.
        ConfigError: the metric has no image; and what the methods' `fit` raises.

    Example:
        The longer row of class 0 takes the second image, with logits 1.2 and 1; at tau 1 they are 0.6 and 1.

        >>> from stage2.methods.tau import TauNorm
        >>> classifier = Classifier("linear", torch.tensor([[2.0, 0.0], [0.0, 1.0]]))
        >>> images = Features(torch.tensor([[1.0, 0.0], [0.6, 1.0]]), torch.tensor([0, 1]))
        >>> candidates = [TauNorm(tau=0.0), TauNorm(tau=1.0)]
        >>> method, result = choose(candidates, classifier, {"train": images, "val": images})
        >>> method
        TauNorm(tau=1.0, keep_bias=False)
        >>> result.selection.scores
        (50.0, 100.0)
    """
    whole_grid = len(candidates) == 1
    candidates = expand_grid(candidates)
    final: FeatureSplits = {TRAIN: join_splits(splits)} if rule.folds else splits
    if len(candidates) == 1:
        result = candidates[0].fit(classifier, final)
        return candidates[0], describe_refit(result, classifier) if rule.folds else result
    if not rule.folds and VAL not in splits:
        raise no_validation_error(candidates)
    evaluate = partial(_evaluate, classifier=classifier, splits=splits, rule=rule, fold_classifiers=fold_classifiers)
    evaluation = evaluate(candidates)
    require_images(rule.selection_metric, evaluation.means)
    if whole_grid:
        candidates, evaluation = _widened(candidates, evaluation, evaluate)
    scores = evaluation.means
    best = best_index(scores)
    method = candidates[best]
    fitted = bool(evaluation.fit_results) and not rule.folds
    result = evaluation.fit_results[best] if fitted else method.fit(classifier, final)
    selection = describe_selection(method, candidates, scores, rule.selection_metric, rule.folds, VAL in splits)
    note = _join_notes(result.selection.note, _end_of_range(candidates, best) if whole_grid else None)
    selection = dataclasses.replace(selection, note=note)
    return method, FitResult(
        result.classifier, selection, _curve(candidates, evaluation), saw_validation=rule.folds > 0
    )


def expand_grid(candidates: Sequence[AnyMethod]) -> list[AnyMethod]:
    """Return the candidates; one alone whose hyper-parameter is None becomes one for each value of its grid.

    Raises:
        ConfigError: there is no candidate.
    """
    if not candidates:
        raise ConfigError("`candidates` must hold one method or more, got none")
    method = candidates[0]
    if (
        len(candidates) > 1
        or not isinstance(method, GridSearchable)
        or getattr(method, method.hyperparameter) is not None
    ):
        return list(candidates)
    return [dataclasses.replace(candidates[0], **{method.hyperparameter: value}) for value in method.grid]


def predict_candidates(
    candidates: Sequence[Method], classifier: Classifier, train: Features, held_out: Features
) -> tuple[Tensor, list[FitResult]]:
    """Return the predicted class of each held-out image by each candidate, (V, N), and the fits.

    Candidates that differ in nothing but a `GridSearchable` hyper-parameter need no fit.

    Raises:
        DataError: the held-out features do not go with the classifier; and what the methods' `fit` raises.
    """
    require_features("held_out", held_out, classifier)
    method = candidates[0]
    if isinstance(method, GridSearchable) and (values := _grid_values(candidates)):
        return method.predictions(classifier, train, held_out, values), []
    results = [candidate.fit(classifier, {TRAIN: train}) for candidate in candidates]
    logits = (result.classifier.logits(held_out.features) for result in results)
    return torch.stack([logits_of_one.argmax(dim=1) for logits_of_one in logits]), results


def best_index(scores: Tensor) -> int:
    """Return the index of the highest of scores (V,), of equal ones the first; 9 decimals count, and NaN never wins."""
    return int(scores.nan_to_num(-1).round(decimals=9).argmax())


def _widened(
    candidates: Sequence[AnyMethod],
    evaluation: _Evaluation,
    evaluate: Callable[[Sequence[AnyMethod]], _Evaluation],
) -> tuple[Sequence[AnyMethod], _Evaluation]:
    """Return candidates and evaluation with larger values of the hyper-parameter, while the best is the largest."""
    method = candidates[0]
    if not isinstance(method, GridSearchable):
        return candidates, evaluation
    for values in method.wider_grids:
        if best_index(evaluation.means) < len(candidates) - 1:
            break
        further = [dataclasses.replace(candidates[0], **{method.hyperparameter: value}) for value in values]
        candidates, evaluation = [*candidates, *further], evaluation.joined(evaluate(further))
    return candidates, evaluation


def _end_of_range(candidates: Sequence[Method], best: int) -> str | None:
    """Return a note that the best value is the largest that was tried; a larger one may be better."""
    method = candidates[best]
    if not isinstance(method, GridSearchable) or best < len(candidates) - 1:
        return None
    return f"{getattr(method, method.hyperparameter):g} is the largest value tried"


def _join_notes(*notes: str | None) -> str | None:
    return "; ".join(note for note in notes if note) or None


def _evaluate(
    candidates: Sequence[Method],
    classifier: Classifier,
    splits: FeatureSplits,
    rule: SelectionRule,
    fold_classifiers: Sequence[Classifier],
) -> _Evaluation:
    num_classes = len(classifier.weight)
    counts = [0] * num_classes if rule.group_counts is None else rule.group_counts
    scores, recalls, results = [], [], list[FitResult]()
    for number, (train, held_out) in enumerate(_train_and_held_out(splits, rule)):
        stage1 = fold_classifiers[number] if fold_classifiers else classifier
        predicted, results = predict_candidates(candidates, stage1, train, held_out)
        scores.append(selection_scores(rule.selection_metric, predicted, held_out.labels, counts))
        recalls.append(class_recalls(predicted, held_out.labels, num_classes))
    return _Evaluation(scores, recalls, results)


def _train_and_held_out(splits: FeatureSplits, rule: SelectionRule) -> Iterator[tuple[Features, Features]]:
    """Yield the images that candidates are fitted to, and those that they are evaluated on."""
    if rule.folds:
        yield from split_folds(splits, rule.folds, rule.seed)
    else:
        yield splits[TRAIN], splits[VAL]


def _grid_values(candidates: Sequence[Method]) -> list[float]:
    """Return the candidates' values of a `GridSearchable` hyper-parameter; none where they differ in more than that."""
    method = candidates[0]
    if not isinstance(method, GridSearchable) or set(varied_hyperparameters(candidates)) > {method.hyperparameter}:
        return []
    return [getattr(candidate, method.hyperparameter) for candidate in candidates]


def _curve(candidates: Sequence[Method], evaluation: _Evaluation) -> HyperparameterCurve | None:
    method, values = candidates[0], _grid_values(candidates)
    if not isinstance(method, GridSearchable) or not values:
        return None
    return HyperparameterCurve(method.hyperparameter, tuple(values), torch.stack(evaluation.recalls).nanmean(dim=0))
