"""What a trial's features are worth with each stage-two method, its knob solved exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN
from decouple.errors import ConfigError, DataError, DecoupleError, RunError
from decouple.evaluation.recall import class_recalls
from decouple.files.features import Features
from stage2.run_methods import make_method
from stage2.selection import GridSearchable, Method
from stage2.settings import Stage2Config
from tuning.study import Outcome, TrialDivergedError, ranking_key
from tuning.tau import TARGET, outcome_of

METHOD = "method"  # what a trial's method is called among the values that it solved
READ_NO_ROWS = frozenset({"none", "tau", "logit_adjust"})  # of the training images they read the labels at most


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
    predicted = torch.cat([_predictions(part, method) for part in parts], dim=1)
    labels = torch.cat([part.judged.labels for part in parts])
    recalls = class_recalls(predicted, labels, len(parts[0].classifier.weight))
    best = int(recalls.nanmean(dim=1).round(decimals=9).argmax())
    hyperparameters: dict[str, float | str] = (
        {method.hyperparameter: method.grid[best]} if isinstance(method, GridSearchable) else {}
    )
    return replace(outcome_of(recalls[best], tail), solved=hyperparameters)


def _predictions(part: Part, method: Method) -> Tensor:
    """Return the predicted classes (V, N) of the images that judge: at each value of the grid, or (1, N)."""
    if isinstance(method, GridSearchable):
        return method.predictions(part.classifier, part.train, part.judged, method.grid)
    return method.fit(part.classifier, {TRAIN: part.train}).classifier.logits(part.judged.features).argmax(dim=1)[None]


def _named(outcome: Outcome, name: str) -> Outcome:
    return replace(outcome, solved={METHOD: name, **outcome.solved})
