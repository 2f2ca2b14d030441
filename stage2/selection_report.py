"""What the results say of a selection: the candidates, their scores, and in one sentence how the best was found."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from torch import Tensor

from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN, VAL
from decouple.evaluation.selection_metrics import describe_selection_metric
from decouple.files.results import SelectionEntry
from stage2.fit_result import FitResult, IncompatibleMethodError
from stage2.method import Method

MAX_LISTED = 8  # values of a hyper-parameter; more are written as a range


def varied_hyperparameters(candidates: Sequence[Method]) -> dict[str, list[Any]]:
    """Return the values of each setting in which the candidates differ, in order, without repetition."""
    names = [field.name for field in dataclasses.fields(candidates[0])]
    values = {name: _distinct([getattr(candidate, name) for candidate in candidates]) for name in names}
    return {name: distinct for name, distinct in values.items() if len(distinct) > 1}


def describe_selection(
    best: Method,
    candidates: Sequence[Method],
    scores: Tensor,
    selection_metric: str,
    folds: int,
    has_validation: bool = True,
) -> SelectionEntry:
    """Return what the results say of the selection of `best`; scores (V,) are in percent, NaN without images."""
    names = " and ".join([TRAIN, VAL] if has_validation else [TRAIN])
    hyperparameters = varied_hyperparameters(candidates)
    joined = "training and validation" if has_validation else "training"
    images = f"in {folds} folds of {joined}" if folds else "on validation"
    refit = f"; fitted again to {'both' if has_validation else 'all of them'} together" if folds else ""
    return SelectionEntry(
        values={name: getattr(best, name) for name in hyperparameters},
        by=f"{describe_selection_metric(selection_metric)} {images}, {_candidates_in_words(hyperparameters)}{refit}",
        selection_metric=selection_metric,
        split=f"{folds} folds of {names}" if folds else VAL,
        candidates={name: tuple(values) for name, values in hyperparameters.items()},
        scores=tuple(None if score != score else score for score in scores.tolist()),
    )


def describe_refit(result: FitResult, classifier: Classifier) -> FitResult:
    """Return the result of a fit to training and validation images together, with a note that says so."""
    if result.classifier is classifier:  # stage one's own, which was not fitted here
        return result
    note = "fitted to training and validation images together"
    first = result.selection.note
    selection = dataclasses.replace(result.selection, note=f"{first}; {note}" if first else note)
    return dataclasses.replace(result, selection=selection, saw_validation=True)


def no_validation_error(candidates: Sequence[Method]) -> IncompatibleMethodError:
    """Return the error of a selection without held-out images."""
    hyperparameters = varied_hyperparameters(candidates)
    name, values = next(iter(hyperparameters.items()))
    verb = "is" if len(hyperparameters) == 1 else "are"
    return IncompatibleMethodError(
        f"{' and '.join(hyperparameters)} {verb} chosen on a validation split and this run has none; train with "
        "`val_fraction` above 0, choose in folds with `folds=5`, or give one value: "
        f"`{name}={values[len(values) // 2]:g}`"
    )


def _distinct(values: Sequence[Any]) -> list[Any]:
    return [value for index, value in enumerate(values) if value not in values[:index]]


def _candidates_in_words(hyperparameters: dict[str, list[Any]]) -> str:
    single = len(hyperparameters) == 1
    phrases = []
    for name, values in hyperparameters.items():
        if len(values) > MAX_LISTED:
            phrase = f"{len(values)} values in [{min(values):g}, {max(values):g}]"
        else:
            phrase = ", ".join(f"{value:g}" for value in values)
            phrase = f"of {phrase}" if single else phrase
        phrases.append(phrase if single else f"{name} {phrase}")
    return " and ".join(phrases) if single else "of " + " and ".join(phrases)
