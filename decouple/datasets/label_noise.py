"""Symmetric label noise: a share of the training labels replaced by wrong ones."""

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.data import Indices
from decouple.errors import DataError
from decouple.seeding import make_rng


def add_label_noise(
    labels: NDArray[np.int64], train: Indices, num_classes: int, *, share: float, seed: int
) -> NDArray[np.int64]:
    """Return labels of which ``round(share * len(train))`` training ones are wrong; all others stay.

    The images are drawn without replacement from all training images, whatever their class, and each gets one of the
    C - 1 other classes with equal probability. So a share p of the training labels is wrong, and small classes receive
    more wrong labels than they have right ones.

    Args:
        labels: of all images, (N,), 0 to C-1.
        train: the training images; the labels of others are not touched.
        num_classes: C, 2 or more.
        share: of the training labels that become wrong, in [0, 1).
        seed: of the draw.

    Raises:
        DataError: a class loses all its training images.

    Example:
        >>> noisy = add_label_noise(np.zeros(10, np.int64), np.arange(8), 2, share=0.25, seed=0)
        >>> int(noisy[:8].sum()), noisy[8:].tolist()
        (2, [0, 0])
    """
    rng = make_rng(seed, "label noise")
    wrong = rng.permutation(np.sort(train))[: round(share * len(train))]
    noisy = labels.copy()
    noisy[wrong] = (labels[wrong] + rng.integers(1, num_classes, len(wrong))) % num_classes
    before, after = (np.bincount(values[train], minlength=num_classes) for values in (labels, noisy))
    lost = np.flatnonzero((before > 0) & (after == 0))
    if len(lost):
        raise DataError(
            f"label noise of {share:g} takes all training images of class {lost[0]}; lower `label_noise`, or choose "
            "another `subset_seed`"
        )
    return noisy
