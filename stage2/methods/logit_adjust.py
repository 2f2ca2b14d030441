"""Post-hoc logit adjustment: take the classes' shares of the training images out of the logits."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN
from decouple.errors import DataError
from decouple.files.features import Features
from decouple.files.results import SelectionEntry
from stage2.fit_result import FitResult, Splits
from stage2.grid_predictions import argmax_along_path, argmax_over_grid
from stage2.methods.tau import GRID, LOGITS_AT_ONCE
from stage2.selection import Selection, choose


@dataclass(frozen=True, kw_only=True)
class LogitAdjust:
    """Post-hoc logit adjustment: ``z'_j = z_j - tau log pi_j`` with pi_j the class's share of the training images.

    tau 0 is stage one, bit for bit; tau 1 is Bayes-optimal for balanced error where softmax(z) are the probabilities.
    The logits of a cosine classifier, which its scale bounds, are shifted alike.

    Source: Menon et al., ICLR 2021, arXiv:2007.07314, section 4.1.
    Use: no training at all; where the probabilities of stage one are good, whatever its weight norms.
    """

    hyperparameter: ClassVar[str] = "tau"
    grid: ClassVar[tuple[float, ...]] = GRID

    tau: float | None = None  # None: the best of GRID on the validation split, by balanced accuracy

    def fit(self, classifier: Classifier, splits: Splits) -> FitResult:
        """Return stage one's classifier with another bias.

        Raises:
            DataError: a class has no training image.
            Unsuitable: tau is to be chosen and there is no validation split.
        """
        if self.tau is None:
            return choose([self], classifier, splits, Selection())[1]
        shift = self.tau * log_shares(splits[TRAIN].labels, len(classifier.weight))
        bias = -shift if classifier.bias is None else classifier.bias - shift
        return FitResult(
            dataclasses.replace(classifier, bias=bias), SelectionEntry(values={"tau": self.tau}, by="the user")
        )

    def predictions(self, classifier: Classifier, train: Features, judged: Features, values: Sequence[float]) -> Tensor:
        """Return the predicted classes at each tau, (V, N); the logits are computed once."""
        shares = log_shares(train.labels, len(classifier.weight))
        shifts = torch.stack([-tau * shares for tau in values])  # (V, C)
        parts = judged.chunks(max(1, LOGITS_AT_ONCE // len(classifier.weight)))
        search = argmax_along_path if list(values) == sorted(values) else argmax_over_grid
        return torch.cat([search(classifier.logits(rows), None, shifts) for rows, _ in parts], dim=1)


def log_shares(labels: Tensor, num_classes: int) -> Tensor:
    """Return log pi of each class, (C,).

    Raises:
        DataError: a class has no image.
    """
    counts = torch.bincount(labels, minlength=num_classes)
    empty = (counts == 0).nonzero().flatten().tolist()
    if empty:
        raise DataError(f"no training image for classes {empty} of {num_classes}; logit_adjust needs one in each")
    return (counts.double() / len(labels)).log().float()
