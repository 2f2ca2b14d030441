"""Nearest neighbours by cosine, and their vote, a block at a time: memory grows with neither set but the result."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

QUERIES = 1024  # rows that are asked for together
BLOCK_BYTES = 2**25  # of stored rows as float32, and of cosines
FLOOR = 1e-6  # of a class's share of the votes, so that its logarithm is finite


@dataclass(frozen=True)
class NeighbourVote:
    """Whose neighbours vote, and how: everything of a k-nearest-neighbour classifier but the features."""

    labels: Tensor  # (N,) int64
    class_weights: Tensor  # (C,) what a vote for the class counts
    k: int


def nearest(features: Tensor, stored: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return cosines and indices of the k nearest stored rows, nearest first, all N where k is larger.

    Args:
        features: (B, D), of any length.
        stored: (N, D), of length 1, float32 or float16.
        k: 1 or more.
    """
    block = max(1, BLOCK_BYTES // (4 * max(stored.shape[1], QUERIES)))
    found = [_nearest(F.normalize(rows, dim=1), stored, k, block) for rows in torch.split(features, QUERIES)]
    if not found:
        return features.new_empty(0, 0), features.new_empty(0, 0, dtype=torch.long)
    return torch.cat([cosines for cosines, _ in found]), torch.cat([places for _, places in found])


def _nearest(rows: Tensor, stored: Tensor, k: int, block: int) -> tuple[Tensor, Tensor]:
    best = rows.new_empty(len(rows), 0)
    places = torch.empty(len(rows), 0, dtype=torch.long)
    for start in range(0, len(stored), block):
        part = rows @ stored[start : start + block].to(rows.dtype).T
        numbers = torch.arange(start, start + part.shape[1]).expand_as(part)
        both, at = torch.cat([best, part], dim=1), torch.cat([places, numbers], dim=1)
        best, order = both.topk(min(k, both.shape[1]), dim=1)
        places = at.gather(1, order)
    return best, places


def vote(cosines: Tensor, labels: Tensor, class_weights: Tensor, scale: float) -> Tensor:
    """Return the log of each class's share of the votes: cosines and labels (B, k), nearest first -> (B, C).

    A neighbour of class j counts ``exp(scale * cosine) * class_weights[j]``.
    """
    counted = torch.exp(scale * (cosines - cosines[:, :1])) * class_weights[labels]  # the nearest one's factor is 1
    votes = torch.zeros(len(cosines), len(class_weights)).scatter_add_(1, labels, counted)
    return (votes / votes.sum(dim=1, keepdim=True) + FLOOR).log()
