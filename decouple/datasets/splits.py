"""Stratified splits of images: a share held out, or folds; every class keeps an image in the larger part."""

import numpy as np
from numpy.typing import NDArray

from decouple.checks import require_number, require_whole
from decouple.datasets.class_draws import first_of_each, shuffled_classes
from decouple.datasets.data import Indices


def stratified_holdout(
    labels: NDArray[np.int64], indices: Indices, fraction: float, seed: int
) -> tuple[Indices, Indices]:
    """Split `indices` into (remaining, held out), both ascending; of n images of a class, round(fraction * n) go out.

    A class of 2 or more images has at least one in either part; the only image of a class is not held out.

    Args:
        labels: of all images, (N,), 0 or more.
        indices: the images to divide.
        fraction: share held out, between 0 and 1.
    Raises:
        ConfigError: the fraction is not a number in that range.
    """
    require_number("fraction", fraction, above=0, below=1)
    num_classes = int(labels.max(initial=-1)) + 1
    counts = held_out_counts(np.bincount(labels[indices], minlength=num_classes), fraction)
    held_out = first_of_each(shuffled_classes(labels, indices, num_classes, seed=seed, purpose="holdout"), counts)
    return _without(indices, held_out, len(labels)), held_out


def held_out_counts(counts: Indices, fraction: float) -> Indices:
    """Return how many images of each class `stratified_holdout` holds out, (C,), of counts (C,).

    Example:
        >>> held_out_counts(np.array([100, 3, 2, 1]), 0.2)
        array([20,  1,  1,  0])
    """
    return np.where(counts >= 2, np.clip(np.rint(fraction * counts).astype(np.int64), 1, counts - 1), 0)


def stratified_folds(
    labels: NDArray[np.int64], indices: Indices, folds: int, seed: int
) -> list[tuple[Indices, Indices]]:
    """Split `indices` into (remaining, held out) `folds` times, so that every image is held out exactly once.

    The images of each class are shuffled and assigned to the folds in turn; the next class continues where the last
    one ended, so that folds differ by one image at most. The only image of a class is the exception: it is held out in
    no fold, since the class could not be learned there.

    Args:
        labels: of all images, (N,), 0 or more.
        indices: the images to divide.
        folds: 2 or more.
    Raises:
        ConfigError: `folds` is not a whole number of 2 or more.
    """
    require_whole("folds", folds, at_least=2)
    classes = shuffled_classes(labels, indices, int(labels.max(initial=-1)) + 1, seed=seed, purpose="folds")
    shuffled = np.concatenate([np.empty(0, np.int64), *(images for images in classes if len(images) >= 2)])
    held_out = [np.sort(shuffled[fold::folds]) for fold in range(folds)]
    return [(_without(indices, images_of_fold, len(labels)), images_of_fold) for images_of_fold in held_out]


def _without(indices: Indices, held_out: Indices, num_images: int) -> Indices:
    """Return `indices` without `held_out`, ascending."""
    remaining = np.zeros(num_images, bool)
    remaining[indices] = True
    remaining[held_out] = False
    return np.flatnonzero(remaining)
