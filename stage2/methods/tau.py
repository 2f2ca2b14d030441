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
from stage2.fit_inputs import require_class_weights, selected_value
from stage2.fit_result import FeatureSplits, FitResult
from stage2.grid_predictions import argmax_along_path, argmax_over_grid
from stage2.hyperparameter_checks import require_hyperparameters
from stage2.method import PriorSource

LOGITS_CHUNK = 2**20  # logits that are divided at every tau: 4 MB stay in the processor's cache
GRID = tuple(round(0.02 * step, 2) for step in range(101))  # 0 to 2
WIDER_GRIDS = tuple(  # to 4, to 8
    tuple(round(0.02 * step, 2) for step in range(first, last)) for first, last in ((101, 201), (201, 401))
)


@dataclass(frozen=True, kw_only=True)
class TauNorm:
    """tau-normalisation: ``w~_j = w_j / |w_j|_2^tau``; the bias is dropped unless `keep_bias`.

    tau 0 with the bias kept is stage one's linear classifier, bit for bit; tau 1 gives all rows norm 1. A cosine
    classifier ignores norms by itself, so its raw weights are used as a linear classifier.

    Source: Kang et al., ICLR 2020, arXiv:1910.09217, section 4.3.
    Use: no training at all; where head classes have longer weights than tail classes, as after plain training.

    Raises:
        ConfigError: a setting is outside its range.

    Example:
        The rows have norms 2 and 5; tau 1 makes both 1.

        >>> classifier = Classifier("linear", torch.tensor([[0.0, 2.0], [3.0, 4.0]]))
        >>> train = Features(torch.eye(2), torch.tensor([0, 1]))
        >>> TauNorm(tau=1.0).fit(classifier, {"train": train}).classifier.weight
        tensor([[0.0000, 1.0000],
                [0.6000, 0.8000]])
    """

    needs_classifier: ClassVar[bool] = True
    reads_features: ClassVar[bool] = False
    trained: ClassVar[bool] = False
    has_weight_norms: ClassVar[bool] = True
    prior: ClassVar[PriorSource] = "uniform"
    searchable: ClassVar[bool] = False
    hyperparameter: ClassVar[str] = "tau"
    grid: ClassVar[tuple[float, ...]] = GRID
    wider_grids: ClassVar[tuple[tuple[float, ...], ...]] = WIDER_GRIDS

    tau: float | None = None  # in [-10, 10]; None: to be selected by `stage2.selection.choose`
    keep_bias: bool = False

    def __post_init__(self) -> None:
        require_hyperparameters(self)

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        """Return the normalised classifier; `splits` are not read.

        Raises:
            ConfigError: tau is None.
            DataError: see `require_class_weights`.
        """
        del splits
        tau = selected_value("tau", self.tau)
        require_class_weights(classifier)
        weight = classifier.weight / _norms(classifier).pow(tau)[:, None]
        normalized = Classifier("linear", weight, classifier.bias if self.keep_bias else None)
        return FitResult(normalized, _selection(classifier, tau))

    def predictions(
        self, classifier: Classifier, train: Features, held_out: Features, values: Sequence[float]
    ) -> Tensor:
        """Return the predicted class of each held-out image at each tau, (V, N) integers; `train` is not read.

        The product of features and weights is computed once, since a row's norm only scales its logit.
        """
        del train
        norms, bias = _norms(classifier), classifier.bias if self.keep_bias else None
        powers = torch.stack([norms.pow(tau) for tau in values])  # (V, C)
        shifts = None if bias is None else bias.expand_as(powers)
        search = argmax_along_path if bias is None and list(values) == sorted(values) else argmax_over_grid
        chunks = held_out.chunks(max(1, LOGITS_CHUNK // len(classifier.weight)))
        predicted = [search(features @ classifier.weight.T, powers, shifts) for features, _ in chunks]
        return torch.cat(predicted, dim=1)


def tau_recalls(classifier: Classifier, features: Features, taus: Sequence[float], keep_bias: bool) -> Tensor:
    """Return the recall of each class at each tau, (V, C), NaN for absent classes."""
    predicted = TauNorm(keep_bias=keep_bias).predictions(classifier, features, features, taus)
    return class_recalls(predicted, features.labels, len(classifier.weight))


def _selection(classifier: Classifier, tau: float) -> SelectionEntry:
    """Return what the results say of tau; for a cosine classifier a note says that its raw weights are used."""
    note = "the raw weights of the cosine classifier, used as a linear one" if classifier.kind == "cosine" else None
    return SelectionEntry(values={"tau": tau}, by="the user", note=note)


def _norms(classifier: Classifier) -> Tensor:
    """Return |w_j|, and 1 for a row of zeros, so that the division leaves it as it is."""
    norms = classifier.weight.norm(dim=1)
    return torch.where(norms > 0, norms, 1.0)
