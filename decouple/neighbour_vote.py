"""Votes of the k nearest neighbours by cosine, block by block: memory grows with the result alone."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_shape, require_whole

QUERY_CHUNK = 1024  # features whose neighbours are searched together
MAX_BLOCK_BYTES = 2**25  # of stored rows as float32, and of cosines
MIN_VOTE_SHARE = 1e-6  # of a class, so that its logarithm is finite


@dataclass(frozen=True)
class NeighbourVote:
    """The settings of a k-nearest-neighbour classifier: everything but the stored features.

    Raises:
        DataError: a tensor has another shape.
        ConfigError: k is not a whole number of 1 or more.
    """

    labels: Tensor  # (N,) int64, classes of the stored features
    class_weights: Tensor  # (C,) weight of a vote for each class
    k: int

    def __post_init__(self) -> None:
        require_shape("labels", self.labels, ("N",))
        require_shape("class_weights", self.class_weights, ("C",))
        require_whole("k", self.k, at_least=1)


def nearest(features: Tensor, stored: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return cosines and indices of the k nearest stored rows, nearest first; all N rows where k is larger.

    Args:
        features: (B, D), of any length.
        stored: (N, D), of length 1, float32 or float16.
        k: 1 or more.

    Example:
        >>> cosines, indices = nearest(torch.tensor([[3.0, 4.0]]), torch.eye(2), 1)
        >>> cosines, indices
        (tensor([[0.8000]]), tensor([[1]]))
    """
    block = max(1, MAX_BLOCK_BYTES // (4 * max(stored.shape[1], QUERY_CHUNK)))
    chunks = [_nearest(F.normalize(chunk, dim=1), stored, k, block) for chunk in torch.split(features, QUERY_CHUNK)]
    if not chunks:
        return features.new_empty(0, 0), features.new_empty(0, 0, dtype=torch.long)
    return torch.cat([cosines for cosines, _ in chunks]), torch.cat([indices for _, indices in chunks])


def _nearest(queries: Tensor, stored: Tensor, k: int, block: int) -> tuple[Tensor, Tensor]:
    best = queries.new_empty(len(queries), 0)
    indices = best.long()
    for start in range(0, len(stored), block):
        cosines = queries @ stored[start : start + block].to(queries.dtype).T
        numbers = torch.arange(start, start + cosines.shape[1], device=queries.device).expand_as(cosines)
        all_cosines, all_indices = torch.cat([best, cosines], dim=1), torch.cat([indices, numbers], dim=1)
        best, order = all_cosines.topk(min(k, all_cosines.shape[1]), dim=1)
        indices = all_indices.gather(1, order)
    return best, indices


def vote(cosines: Tensor, labels: Tensor, class_weights: Tensor, scale: float) -> Tensor:
    """Return the log of each class's share of the votes: cosines and labels (B, k), nearest first -> (B, C).

    A neighbour of class j counts ``exp(scale * cosine) * class_weights[j]``.

    Example:
        >>> cosines, labels = torch.tensor([[1.0, 1.0, 1.0, 1.0]]), torch.tensor([[0, 0, 0, 1]])
        >>> vote(cosines, labels, torch.ones(2), 1.0).exp()
        tensor([[0.7500, 0.2500]])
    """
    weights = torch.exp(scale * (cosines - cosines[:, :1])) * class_weights[labels]  # the nearest one's factor is 1
    votes = weights.new_zeros(cosines.shape[0], class_weights.shape[0]).scatter_add_(1, labels, weights)
    return (votes / votes.sum(dim=1, keepdim=True) + MIN_VOTE_SHARE).log()
