"""Seeded draws class by class: the order of one class does not depend on the other classes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.data import Indices
from decouple.seeding import make_rng


def shuffled_classes(
    labels: NDArray[np.int64], indices: Indices, num_classes: int, *, seed: int, purpose: str
) -> list[Indices]:
    """Return the `indices` of each class, 0 to C-1, in an order fixed by (seed, purpose, class).

    Args:
        labels: of all images, (N,).
        indices: the images to divide, in any order, which does not change the result.
        num_classes: C.
    """
    grouped = indices[np.lexsort((indices, labels[indices]))]  # by class, and ascending within one
    ends = np.cumsum(np.bincount(labels[indices], minlength=num_classes))
    classes = np.split(grouped, ends[:-1])
    return [make_rng(seed, purpose, index).permutation(images) for index, images in enumerate(classes)]


def first_of_each(classes: Sequence[Indices], counts: NDArray[np.int64]) -> Indices:
    """Return the first ``counts[c]`` images of every class c in one array, ascending."""
    selected = [images[:count] for images, count in zip(classes, counts.tolist(), strict=True)]
    return np.sort(np.concatenate(selected))
