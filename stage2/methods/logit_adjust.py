"""Post-hoc logit adjustment: subtract a multiple of the log class priors from the logits."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from decouple.classifier import Classifier
from decouple.errors import DataError
from decouple.files.features import Features
from decouple.files.results import SelectionEntry
from stage2.fit_inputs import selected_value, training_split
from stage2.fit_result import FeatureSplits, FitResult
from stage2.grid_predictions import argmax_along_path, argmax_over_grid
from stage2.hyperparameter_checks import require_hyperparameters
from stage2.method import PriorSource
from stage2.methods.tau import GRID, LOGITS_CHUNK, WIDER_GRIDS


@dataclass(frozen=True, kw_only=True)
class LogitAdjust:
    """Post-hoc logit adjustment: ``z'_j = z_j - tau log pi_j`` with pi_j the class's share of the training images.

    tau 0 is stage one, bit for bit; tau 1 is Bayes-optimal for balanced error where softmax(z) are the probabilities.
    The logits of a cosine classifier are bounded by its scale; they are shifted in the same way.

    Source: Menon et al., ICLR 2021, arXiv:2007.07314, section 4.1.
    Use: no training at all; where the probabilities of stage one are good, whatever its weight norms.

    Raises:
        ConfigError: a setting is outside its range.

    Example:
        Of four training images three are of class 0, so tau 1 adds -ln(3/4) and -ln(1/4) = ln 4 to the logits.

        >>> classifier = Classifier("linear", torch.eye(2))
        >>> train = Features(torch.ones(4, 2), torch.tensor([0, 0, 0, 1]))
        >>> LogitAdjust(tau=1.0).fit(classifier, {"train": train}).classifier.bias
        tensor([0.2877, 1.3863])
    """

    needs_classifier: ClassVar[bool] = True
    reads_features: ClassVar[bool] = False  # but labels
    trained: ClassVar[bool] = False
    has_weight_norms: ClassVar[bool] = True
    prior: ClassVar[PriorSource] = "adjusted"
    searchable: ClassVar[bool] = False
    hyperparameter: ClassVar[str] = "tau"
    grid: ClassVar[tuple[float, ...]] = GRID
    wider_grids: ClassVar[tuple[tuple[float, ...], ...]] = WIDER_GRIDS

    tau: float | None = None  # in [-10, 10]; None: to be selected by `stage2.selection.choose`

    def __post_init__(self) -> None:
        require_hyperparameters(self)

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        """Return stage one's classifier with another bias.

        Raises:
            ConfigError: tau is None.
            DataError: a class has no training image; see also `training_split`.
        """
        tau = selected_value("tau", self.tau)
        train = training_split(classifier, splits, reads_features=False)
        shift = tau * log_priors(train.labels, len(classifier.weight))
        bias = -shift if classifier.bias is None else classifier.bias - shift
        return FitResult(dataclasses.replace(classifier, bias=bias), SelectionEntry(values={"tau": tau}, by="the user"))

    def predictions(
        self, classifier: Classifier, train: Features, held_out: Features, values: Sequence[float]
    ) -> Tensor:
        """Return the predicted class of each held-out image at each tau, (V, N); the logits are computed once."""
        priors = log_priors(train.labels, len(classifier.weight))
        shifts = torch.stack([-tau * priors for tau in values])  # (V, C)
        search = argmax_along_path if list(values) == sorted(values) else argmax_over_grid
        chunks = held_out.chunks(max(1, LOGITS_CHUNK // len(classifier.weight)))
        return torch.cat([search(classifier.logits(features), None, shifts) for features, _ in chunks], dim=1)


def log_priors(labels: Tensor, num_classes: int) -> Tensor:
    """Return log pi_j of each class, (C,): pi_j is the class's share of the labels.

    Raises:
        DataError: a class has no image.
    """
    counts = torch.bincount(labels, minlength=num_classes)
    empty = (counts == 0).nonzero().flatten().tolist()
    if empty:
        raise DataError(f"no training image for classes {empty} of {num_classes}; logit_adjust needs one in each")
    return (counts.double() / len(labels)).log().float()
