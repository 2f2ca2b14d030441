"""kNN: the classes of the nearest training images vote."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN
from decouple.files.features import Features
from decouple.files.results import SelectionEntry
from decouple.neighbour_vote import NeighbourVote, nearest, vote
from stage2.fit_result import FitResult, Splits
from stage2.selection import Selection, choose

GRID = (1, 3, 5, 10, 20, 50, 100, 200)
TEMPERATURE = 0.07  # of the similarity, as in Wu et al.


@dataclass(frozen=True, kw_only=True)
class NearestNeighbours:
    """k nearest neighbours: ``p_j ~ 1/n_j * sum exp(cos(f, f_i) / 0.07)`` over those of class j among the k nearest.

    The 1 / n_j balances the vote: without it, a class of few images is outvoted wherever others are near. Logits are
    the log of p + 1e-6. The saved classifier holds all training features at length 1 in float16; they are rounded
    before anything is predicted or chosen, so that saving changes no prediction. A k above the number of training
    images takes all of them. A class without training images is never predicted.

    Source: Wu et al., CVPR 2018, arXiv:1805.01978, section 3.4 (the vote); the class balance is an addition.
    Use: good features and a tail too thin for any classifier to learn; shows which training images decide.
    """

    hyperparameter: ClassVar[str] = "k"
    grid: ClassVar[tuple[float, ...]] = GRID

    k: int | None = None  # None: the best of GRID on the validation split, by balanced accuracy

    def fit(self, classifier: Classifier, splits: Splits) -> FitResult:
        """Return the training images as a classifier; of `classifier` only the number of classes is used.

        Raises:
            Unsuitable: k is to be chosen and there is no validation split.
        """
        if self.k is None:
            return choose([self], classifier, splits, Selection())[1]
        train = splits[TRAIN]
        voters = NeighbourVote(train.labels, vote_weights(train.labels, len(classifier.weight)), self.k)
        stored = Classifier("neighbours", unit_rows(train), scale=1 / TEMPERATURE, neighbours=voters)
        return FitResult(stored, SelectionEntry(values={"k": self.k}, by="the user"))

    def predictions(self, classifier: Classifier, train: Features, judged: Features, values: Sequence[float]) -> Tensor:
        """Return the predicted classes at each k, (V, N); the neighbours are looked up once."""
        cosines, places = nearest(judged.features, unit_rows(train), int(max(values)))
        labels, weights = train.labels[places], vote_weights(train.labels, len(classifier.weight))
        votes = (vote(cosines[:, : int(k)], labels[:, : int(k)], weights, 1 / TEMPERATURE) for k in values)
        return torch.stack([each.argmax(dim=1) for each in votes])


def unit_rows(train: Features) -> Tensor:
    """Return the features at length 1, (N, D) float16."""
    return torch.cat([F.normalize(rows, dim=1).half() for rows, _ in train.chunks()])


def vote_weights(labels: Tensor, num_classes: int) -> Tensor:
    """Return 1 / n_j of each class, (C,), 0 without images."""
    counts = torch.bincount(labels, minlength=num_classes).float()
    return torch.where(counts > 0, 1 / counts.clamp(min=1), 0.0)
