"""kNN: the classes of the nearest training images vote."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.classifier import Classifier
from decouple.files.features import Features
from decouple.files.results import SelectionEntry
from decouple.neighbour_vote import NeighbourVote, nearest, vote
from stage2.fit_inputs import require_finite, selected_value, training_split
from stage2.fit_result import FeatureSplits, FitResult
from stage2.hyperparameter_checks import require_hyperparameters
from stage2.method import PriorSource

GRID = (1, 3, 5, 10, 20, 50, 100, 200)
WIDER_GRIDS = ((500,), (1000,), (2000,))
TEMPERATURE = 0.07  # of the similarity, as in Wu et al.


@dataclass(frozen=True, kw_only=True)
class NearestNeighbours:
    """k nearest neighbours: ``p_j ~ 1/n_j * sum exp(cos(f, f_i) / 0.07)`` over those of class j among the k nearest.

    The 1 / n_j balances the vote: without it, a class of few images is outvoted wherever others are near. Logits are
    the log of p + 1e-6. The saved classifier holds all training features at length 1 in float16; they are rounded
    before anything is predicted or selected, so that saving changes no prediction. A k above the number of training
    images takes all of them. A class without training images is never predicted.

    Source: Wu et al., CVPR 2018, arXiv:1805.01978, section 3.4 (the vote); the class balance is an addition.
    Use: good features and a tail too thin for any classifier to learn; shows which training images decide.

    Raises:
        ConfigError: k is not a whole number of 1 or more.

    Example:
        The nearest stored feature decides where k is 1.

        >>> shape = Classifier("linear", torch.zeros(2, 2))
        >>> train = Features(torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([0, 1]))
        >>> classifier = NearestNeighbours(k=1).fit(shape, {"train": train}).classifier
        >>> classifier.logits(torch.tensor([[1.0, 3.0]])).argmax(dim=1)
        tensor([1])
    """

    needs_classifier: ClassVar[bool] = False
    reads_features: ClassVar[bool] = True
    trained: ClassVar[bool] = False
    has_weight_norms: ClassVar[bool] = False  # its rows are images
    prior: ClassVar[PriorSource] = "uniform"
    searchable: ClassVar[bool] = False
    hyperparameter: ClassVar[str] = "k"
    grid: ClassVar[tuple[float, ...]] = GRID
    wider_grids: ClassVar[tuple[tuple[float, ...], ...]] = WIDER_GRIDS

    k: int | None = None  # 1 or more; None: to be selected by `stage2.selection.choose`

    def __post_init__(self) -> None:
        require_hyperparameters(self)

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        """Return the training images as a classifier; of `classifier` only the number of classes is used.

        Raises:
            ConfigError: k is None.
            DataError: see `training_split`.
        """
        k = selected_value("k", self.k)
        train = training_split(classifier, splits)
        neighbours = NeighbourVote(train.labels, vote_weights(train.labels, len(classifier.weight)), k)
        stored = Classifier("neighbours", normalized_rows(train), scale=1 / TEMPERATURE, neighbours=neighbours)
        return FitResult(stored, SelectionEntry(values={"k": k}, by="the user"))

    def predictions(
        self, classifier: Classifier, train: Features, held_out: Features, values: Sequence[float]
    ) -> Tensor:
        """Return the predicted class of each held-out image at each k, (V, N); the neighbours are searched once."""
        cosines, indices = nearest(held_out.features, normalized_rows(train), int(max(values)))
        labels, weights = train.labels[indices], vote_weights(train.labels, len(classifier.weight))
        logits = (vote(cosines[:, : int(k)], labels[:, : int(k)], weights, 1 / TEMPERATURE) for k in values)
        return torch.stack([logits_at_k.argmax(dim=1) for logits_at_k in logits])


def normalized_rows(train: Features) -> Tensor:
    """Return the features at length 1, (N, D) float16."""
    rows = torch.cat([F.normalize(features, dim=1).half() for features, _ in train.chunks()])
    require_finite(rows)
    return rows


def vote_weights(labels: Tensor, num_classes: int) -> Tensor:
    """Return 1 / n_j of each class, (C,), 0 without images."""
    counts = torch.bincount(labels, minlength=num_classes).float()
    return torch.where(counts > 0, 1 / counts.clamp(min=1), 0.0)
