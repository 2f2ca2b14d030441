"""Stratified division of images: a share held out, or folds; no class is ever lost from the kept side."""

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.class_draws import first_of_each, shuffled_classes
from decouple.datasets.data import Indices
from decouple.errors import ConfigError


def stratified_holdout(
    labels: NDArray[np.int64], indices: Indices, fraction: float, seed: int
) -> tuple[Indices, Indices]:
    """Divide `indices` into (kept, held), both ascending: of n images of a class, round(fraction * n) are held.

    A class of 2 or more images has at least one on either side; the only image of a class is kept.

    Args:
        labels: of all images, (N,), 0 or more.
        indices: the images to divide.
        fraction: share held out, between 0 and 1.
    Raises:
        ConfigError: the fraction is out of range.
    """
    if not 0 < fraction < 1:
        raise ConfigError(f"the share held out must be between 0 and 1, got {fraction}")
    num_classes = int(labels.max(initial=-1)) + 1
    counts = np.bincount(labels[indices], minlength=num_classes)
    wanted = np.rint(fraction * counts).astype(np.int64)
    held_counts = np.where(counts >= 2, np.clip(wanted, 1, counts - 1), 0)
    held = first_of_each(shuffled_classes(labels, indices, num_classes, seed=seed, purpose="holdout"), held_counts)
    return _without(indices, held, len(labels)), held


def stratified_folds(
    labels: NDArray[np.int64], indices: Indices, folds: int, seed: int
) -> list[tuple[Indices, Indices]]:
    """Divide `indices` into (kept, held) `folds` times, so that every image is held exactly once.

    The images of each class are shuffled and dealt to the folds in turn; the next class goes on where the last one
    ended, so that folds differ by one image at most. The only image of a class is the exception: it is held in no
    fold and kept in all, since a fold that held it would have nothing to learn the class from.

    Args:
        labels: of all images, (N,), 0 or more.
        indices: the images to divide.
        folds: 2 or more.
    Raises:
        ConfigError: fewer than 2 folds.
    """
    if folds < 2:
        raise ConfigError(f"folds must be 2 or more, got {folds}")
    classes = shuffled_classes(labels, indices, int(labels.max(initial=-1)) + 1, seed=seed, purpose="folds")
    dealt = np.concatenate([np.empty(0, np.int64), *(images for images in classes if len(images) >= 2)])
    held = [np.sort(dealt[fold::folds]) for fold in range(folds)]
    return [(_without(indices, each, len(labels)), each) for each in held]


def _without(indices: Indices, held: Indices, num_images: int) -> Indices:
    """Return `indices` less `held`, ascending."""
    kept = np.zeros(num_images, bool)
    kept[indices] = True
    kept[held] = False
    return np.flatnonzero(kept)
