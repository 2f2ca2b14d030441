"""What a trial's features are worth with each stage-two method, its knob solved exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from decouple.classifier import Classifier
from decouple.errors import ConfigError, DataError, DecoupleError, RunError
from decouple.evaluation.recall import class_recalls
from decouple.files.features import Features
from stage2.candidates import make_method
from stage2.method import GridSearchable, Method
from stage2.selection import best_index, expand_grid, predict_candidates
from stage2.settings import Stage2Config
from tuning.study import Outcome, TrialDivergedError, ranking_key
from tuning.tau import TARGET, outcome_of

METHOD = "method"  # what a trial's method is called among the values that it solved


@dataclass(frozen=True)
class Part:
    """What a trial's network is judged by, on the CPU: its classifier and features; one for each fold."""

    classifier: Classifier
    train: Features  # no columns where no method reads them
    judged: Features

    @property
    def finite(self) -> bool:
        """Whether training gave numbers."""
        return all(
            bool(each.isfinite().all()) for each in (self.classifier.weight, self.train.stored, self.judged.stored)
        )


def methods_of(names: Sequence[str], *, keep_bias: bool, seed: int) -> dict[str, Method]:
    """Return the methods with stage two's defaults, by name.

    Raises:
        ConfigError: no such method; the message holds the nearest name.
    """
    settings = Stage2Config(keep_bias=keep_bias, seed=seed)
    return {name: make_method(name, settings) for name in names}


def best_outcome(parts: Sequence[Part], methods: Mapping[str, Method], tail: NDArray[np.int64]) -> Outcome:
    """Return the outcome of the best method, which `solved` names unless there is none but tau.

    The best is that of the highest balanced accuracy, of equal ones that of the better tail, then the one named first.

    Args:
        parts: one, or one for each fold.
        methods: by name, 1 or more.
        tail: labels of the tail classes.
    Raises:
        Diverged: the training of each method gave weights that are not finite.
    """
    found: list[Outcome] = []
    reason = ""
    for name, method in methods.items():
        try:
            outcome = solve(parts, method, tail)
        except (ConfigError, DataError, RunError):
            raise
        except DecoupleError as error:  # its weights are no longer finite
            reason = str(error)
            continue
        found.append(outcome if list(methods) == [TARGET] else _named(outcome, name))
    if not found:
        raise TrialDivergedError(reason)
    return max(found, key=lambda outcome: ranking_key(outcome.balanced, outcome.tail))


def solve(parts: Sequence[Part], method: Method, tail: NDArray[np.int64]) -> Outcome:
    """Return what a method is worth; a knob that can be turned without fitting anew is solved over its whole grid.

    Of equal values it is the first of the grid, as in stage two. Several parts, folds, share one value: the predictions
    for the images that each network has not seen are pooled.

    Raises:
        DataError: a class has no training image, and the method needs one.
        DecoupleError: the weights that the method trains are not finite.
    """
    candidates = expand_grid([method])
    predicted = torch.cat(
        [predict_candidates(candidates, part.classifier, part.train, part.judged)[0] for part in parts], dim=1
    )
    labels = torch.cat([part.judged.labels for part in parts])
    recalls = class_recalls(predicted, labels, len(parts[0].classifier.weight))
    best = best_index(recalls.nanmean(dim=1))
    hyperparameters: dict[str, float | str] = {}
    if isinstance(method, GridSearchable):
        hyperparameters[method.hyperparameter] = getattr(candidates[best], method.hyperparameter)
    return replace(outcome_of(recalls[best], tail), solved=hyperparameters)


def _named(outcome: Outcome, name: str) -> Outcome:
    return replace(outcome, solved={METHOD: name, **outcome.solved})
