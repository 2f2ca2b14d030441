"""The choice of a method's knobs: several candidates, judged on validation or on folds, never on the test split."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

import torch
from torch import Tensor

from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN, VAL
from decouple.evaluation.recall import class_recalls
from decouple.evaluation.selection_metrics import in_words
from decouple.files.features import Features
from decouple.files.results import SelectionEntry
from stage2.fit_result import Curve, FitResult, IncompatibleMethodError, Splits
from stage2.selection_scores import require_images, scores_of
from stage2.train_val_folds import folds_of, pooled

MOST_LISTED = 8  # more values of a knob are told as a range


class Method(Protocol):
    """A stage-two method with all its settings: a frozen dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def fit(self, classifier: Classifier, splits: Splits) -> FitResult:
        """Return the re-balanced classifier."""


@runtime_checkable
class GridSearchable(Protocol):
    """A method with one knob that can be turned without fitting anew; None stands for all values of its grid."""

    hyperparameter: ClassVar[str]
    grid: ClassVar[tuple[float, ...]]

    def predictions(self, classifier: Classifier, train: Features, judged: Features, values: Sequence[float]) -> Tensor:
        """Return the predicted class of each judged image at each value, (V, N)."""


@dataclass(frozen=True)
class Selection:
    """How candidates are compared."""

    measure: str = "balanced"  # one of `decouple.evaluation.selection_metrics.MEASURES`
    folds: int = 0  # 0: on the validation split
    seed: int = 0  # of the folds
    group_counts: Sequence[int] | None = None  # (C,) they define the groups, where the measure is one of a group


@dataclass
class _Verdict:
    """What the candidates were found to be worth."""

    scores: list[Tensor] = field(default_factory=list)  # a (V,) for the validation split, or for each fold
    recalls: list[Tensor] = field(default_factory=list)  # likewise (V, C)
    fitted: list[FitResult] = field(default_factory=list)  # to the training split, where they had to be


def choose(candidates: Sequence[Any], classifier: Classifier, splits: Splits, how: Selection) -> tuple[Any, FitResult]:
    """Return the best candidate and its classifier; of equal ones the first.

    On validation the classifier is the one that was fitted to the training split. After folds it is fitted again, to
    training and validation images together.

    Args:
        candidates: settings of one method, 1 or more; see `GridSearchable` for a knob that is None.
        classifier: stage one's classifier.
        splits: train, and val where there is one.
        how: the measure, and on which images it is taken.

    Raises:
        Unsuitable: there is something to choose, no validation split, and no folds.
        ConfigError: no image to judge by; and what the methods' `fit` raises.
    """
    turned = _turned(candidates)
    final: Splits = {TRAIN: pooled(splits)} if how.folds else splits
    if len(turned) == 1:
        fitted = turned[0].fit(classifier, final)
        return turned[0], _told_of_refit(fitted, classifier) if how.folds else fitted
    if not how.folds and VAL not in splits:
        raise _nothing_to_choose_on(turned)
    verdict = _judge(turned, classifier, splits, how)
    scores = torch.stack(verdict.scores).nanmean(dim=0)
    require_images(how.measure, scores)
    best = int(scores.nan_to_num(-1).round(decimals=9).argmax())
    fitted = verdict.fitted[best] if verdict.fitted and not how.folds else turned[best].fit(classifier, final)
    hyperparameters = _hyperparameters(turned)
    selection = _selection(turned[best], hyperparameters, scores, how, fitted.selection.note)
    curve = None
    if isinstance(turned[best], GridSearchable):
        curve = Curve(
            turned[best].hyperparameter,
            tuple(hyperparameters[turned[best].hyperparameter]),
            torch.stack(verdict.recalls).nanmean(dim=0),
        )
    return turned[best], FitResult(fitted.classifier, selection, curve, saw_validation=how.folds > 0)


def _turned(candidates: Sequence[Any]) -> list[Any]:
    """Return the candidates with a knob that is None turned to each value of its grid."""
    first = candidates[0]
    if len(candidates) == 1 and isinstance(first, GridSearchable) and getattr(first, first.hyperparameter) is None:
        return [dataclasses.replace(candidates[0], **{first.hyperparameter: value}) for value in first.grid]
    return list(candidates)


def _judge(turned: list[Any], classifier: Classifier, splits: Splits, how: Selection) -> _Verdict:
    verdict, num_classes = _Verdict(), len(classifier.weight)
    counts = [0] * num_classes if how.group_counts is None else how.group_counts
    for train, judged in _parts(splits, how):
        if isinstance(turned[0], GridSearchable):
            values = [getattr(each, turned[0].hyperparameter) for each in turned]
            predicted = turned[0].predictions(classifier, train, judged, values)
        else:
            verdict.fitted = [each.fit(classifier, {TRAIN: train}) for each in turned]
            logits = (each.classifier.logits(judged.features) for each in verdict.fitted)
            predicted = torch.stack([each.argmax(dim=1) for each in logits])
        verdict.scores.append(scores_of(how.measure, predicted, judged.labels, counts))
        verdict.recalls.append(class_recalls(predicted, judged.labels, num_classes))
    return verdict


def _parts(splits: Splits, how: Selection) -> Iterator[tuple[Features, Features]]:
    """Yield what is fitted to and what judges."""
    if how.folds:
        yield from folds_of(splits, how.folds, how.seed)
    else:
        yield splits[TRAIN], splits[VAL]


def _hyperparameters(turned: list[Any]) -> dict[str, list[Any]]:
    """Return the values of each setting in which the candidates differ, in order."""
    names = [each.name for each in dataclasses.fields(turned[0])]
    values = {name: [getattr(each, name) for each in turned] for name in names}
    return {name: _distinct(found) for name, found in values.items() if len(_distinct(found)) > 1}


def _distinct(values: list[Any]) -> list[Any]:
    return [value for place, value in enumerate(values) if value not in values[:place]]


def _selection(
    best: Any, hyperparameters: dict[str, list[Any]], scores: Tensor, how: Selection, note: str | None
) -> SelectionEntry:
    """Return what the results say of the selection."""
    where = f"in {how.folds} folds of training and validation" if how.folds else "on validation"
    after = "; fitted again to both together" if how.folds else ""
    return SelectionEntry(
        values={name: getattr(best, name) for name in hyperparameters},
        by=f"{in_words(how.measure)} {where}, {_candidates_in_words(hyperparameters)}{after}",
        note=note,
        measure=how.measure,
        split=f"{how.folds} folds of {TRAIN} and {VAL}" if how.folds else VAL,
        candidates={name: tuple(values) for name, values in hyperparameters.items()},
        scores=tuple(None if score != score else score for score in scores.tolist()),
    )


def _candidates_in_words(hyperparameters: dict[str, list[Any]]) -> str:
    single = len(hyperparameters) == 1
    parts = []
    for name, values in hyperparameters.items():
        if len(values) > MOST_LISTED:
            said = f"{len(values)} values in [{min(values):g}, {max(values):g}]"
        else:
            said = ", ".join(f"{value:g}" for value in values)
            said = f"of {said}" if single else said
        parts.append(said if single else f"{name} {said}")
    return " and ".join(parts) if single else "of " + " and ".join(parts)


def _told_of_refit(fitted: FitResult, classifier: Classifier) -> FitResult:
    """Return what was fitted to training and validation together, which says so."""
    if fitted.classifier is classifier:  # stage one's own, which was fitted to neither here
        return fitted
    note = "fitted to training and validation images together"
    known = fitted.selection.note
    selection = dataclasses.replace(fitted.selection, note=f"{known}; {note}" if known else note)
    return dataclasses.replace(fitted, selection=selection, saw_validation=True)


def _nothing_to_choose_on(turned: list[Any]) -> IncompatibleMethodError:
    hyperparameters = _hyperparameters(turned)
    name, values = next(iter(hyperparameters.items()))
    verb = "is" if len(hyperparameters) == 1 else "are"
    return IncompatibleMethodError(
        f"{' and '.join(hyperparameters)} {verb} chosen on a validation split and this run has none; train with "
        "`val_fraction` above 0, choose in folds with `folds=5`, or give one value: "
        f"`{name}={values[len(values) // 2]:g}`"
    )
