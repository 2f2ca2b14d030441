"""tau-normalisation: divide each class's weights by a power of their norm."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from decouple.classifier import Classifier
from decouple.evaluation.recall import class_recalls
from decouple.files.features import Features
from decouple.files.results import SelectionEntry
from stage2.fit_result import FitResult, Splits
from stage2.grid_predictions import argmax_along_path, argmax_over_grid
from stage2.selection import Selection, choose

LOGITS_AT_ONCE = 2**20  # what is divided again and again: 4 MB stay near the processor, whatever the classes
GRID = tuple(round(0.02 * step, 2) for step in range(101))  # 0 to 2


@dataclass(frozen=True, kw_only=True)
class TauNorm:
    """tau-normalisation: ``w~_j = w_j / |w_j|_2^tau``; the bias is dropped unless `keep_bias`.

    tau 0 with the bias kept is stage one's linear classifier, bit for bit; tau 1 gives all rows norm 1. A cosine
    classifier ignores norms by itself, so its raw weights are used as a linear classifier.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, section 4.3.
    Use: no training at all; where head classes have longer weights than tail classes, as after plain training.
    """

    hyperparameter: ClassVar[str] = "tau"
    grid: ClassVar[tuple[float, ...]] = GRID

    tau: float | None = None  # None: the best of GRID on the validation split, by balanced accuracy
    keep_bias: bool = False

    def fit(self, classifier: Classifier, splits: Splits) -> FitResult:
        """Return the normalised classifier.

        Raises:
            Unsuitable: tau is to be chosen and there is no validation split.
        """
        if self.tau is None:
            return choose([self], classifier, splits, Selection())[1]
        return FitResult(
            normalised(classifier, self.tau, self.keep_bias), selection_of_tau(classifier, self.tau, "the user")
        )

    def predictions(self, classifier: Classifier, train: Features, judged: Features, values: Sequence[float]) -> Tensor:
        """Return the predicted classes at each tau, (V, N) integers; training images are not read.

        The product of features and weights is taken once: a row's norm only scales its column.
        """
        del train
        norms, bias = _norms(classifier), classifier.bias if self.keep_bias else None
        powers = torch.stack([norms.pow(tau) for tau in values])  # (V, C)
        shifts = None if bias is None else bias.expand_as(powers)
        search = argmax_along_path if bias is None and list(values) == sorted(values) else argmax_over_grid
        found = [
            search(rows @ classifier.weight.T, powers, shifts)
            for rows, _ in judged.chunks(max(1, LOGITS_AT_ONCE // len(classifier.weight)))
        ]
        return torch.cat(found, dim=1)


def selection_of_tau(classifier: Classifier, tau: float, by: str) -> SelectionEntry:
    """Return what the results say of tau; for a cosine classifier a note says that its raw weights are used."""
    note = "the raw weights of the cosine classifier, used as a linear one" if classifier.kind == "cosine" else None
    return SelectionEntry(values={"tau": tau}, by=by, note=note)


def normalised(classifier: Classifier, tau: float, keep_bias: bool) -> Classifier:
    """Return the classifier whose rows are divided by their norm to the power tau."""
    weight = classifier.weight / _norms(classifier).pow(tau)[:, None]
    return Classifier("linear", weight, classifier.bias if keep_bias else None)


def tau_recalls(classifier: Classifier, found: Features, taus: Sequence[float], keep_bias: bool) -> Tensor:
    """Return the recall of each class at each tau, (T, C), NaN for absent classes."""
    predicted = TauNorm(keep_bias=keep_bias).predictions(classifier, found, found, taus)
    return class_recalls(predicted, found.labels, len(classifier.weight))


def _norms(classifier: Classifier) -> Tensor:
    """Return |w_j|, and 1 for a row of zeros, which so stays one."""
    norms = classifier.weight.norm(dim=1)
    return torch.where(norms > 0, norms, 1.0)
