"""What to photograph next: the classes where more images help most, from test intervals and confusions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.checks import require_shape
from decouple.evaluation.recall_intervals import RecallInterval, recall_intervals

MORE_IMAGES = 20  # that the gain of a class is computed for


@dataclass(frozen=True)
class ClassAdvice:
    """A class that is known well enough to be ranked.

    Attributes:
        label: the class.
        interval: its recall on the test split, with the Wilson interval.
        gain: points of its recall that 20 more images promise at least, see `rank_classes`.
        mistaken_for: the class that most of its errors go to; None without errors.
        errors: test images of the class that are wrong.
        mistaken: those of them that go to `mistaken_for`.
    """

    label: int
    interval: RecallInterval
    gain: float
    mistaken_for: int | None
    errors: int
    mistaken: int


@dataclass(frozen=True)
class Advice:
    """Where more images help.

    Attributes:
        ranked: classes of 10 test images or more, the largest gain first.
        unknown: classes of fewer test images, those with the fewest first: they are not ranked.
    """

    ranked: tuple[ClassAdvice, ...]
    unknown: tuple[int, ...]


def rank_classes(confusion: NDArray[np.int64], train_counts: Sequence[int]) -> Advice:
    """Return the classes in the order in which 20 more training images help them.

    The error of a class falls about with the square root of its training images n. Of its error rate at least
    ``1 - high`` is certain, where high is the upper end of the 95 % Wilson interval of its recall on t test images. With
    20 more images the certain gain in recall is therefore

        gain = (1 - high) * (1 - sqrt(n / (n + 20))).

    A rare class with many certain errors comes first; a class that is good, known from few test images, or large comes
    late. Classes of equal gain are ordered from the lower to the higher upper end, then by label. The square root is a
    rule of thumb; the gain orders classes and is no forecast. Classes with fewer than 10 test images are unknown.

    Args:
        confusion: test images by true class (rows) and predicted class (columns), (C, C).
        train_counts: training images per class, (C,).

    Raises:
        DataError: the shapes differ.

    Example:
        Both have 20 test images. Class 0 is wrong in 10, class 1 in none; class 2 has 2 test images.

        >>> advice = rank_classes(np.array([[10, 10, 0], [0, 20, 0], [0, 0, 2]]), [20, 100, 3])
        >>> [entry.label for entry in advice.ranked], advice.unknown
        ([0, 1], (2,))
        >>> round(advice.ranked[0].gain, 1), advice.ranked[0].mistaken_for  # (1 - 0.701) * (1 - sqrt(1/2))
        (8.8, 1)
    """
    require_shape("confusion", confusion, (len(train_counts), len(train_counts)))
    images = confusion.sum(axis=1)
    intervals = recall_intervals(np.diag(confusion).copy(), images)
    ranked = [
        _advice(label, confusion[label], intervals[label], train_counts[label])
        for label in range(len(train_counts))
        if not intervals[label].few_images
    ]
    unknown = [label for label, interval in enumerate(intervals) if interval.few_images]
    return Advice(
        tuple(sorted(ranked, key=lambda entry: (-entry.gain, entry.interval.high, entry.label))),
        tuple(sorted(unknown, key=lambda label: (images[label], label))),
    )


def _advice(label: int, row: NDArray[np.int64], interval: RecallInterval, train_count: int) -> ClassAdvice:
    others = row.copy()
    others[label] = 0
    mistaken_for = int(others.argmax()) if others.any() else None
    return ClassAdvice(
        label=label,
        interval=interval,
        gain=(100 - interval.high) * (1 - math.sqrt(train_count / (train_count + MORE_IMAGES))),
        mistaken_for=mistaken_for,
        errors=int(others.sum()),
        mistaken=0 if mistaken_for is None else int(others[mistaken_for]),
    )
