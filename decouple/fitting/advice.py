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


def rank_classes(labels: NDArray[np.int64], predicted: NDArray[np.int64], train_counts: Sequence[int]) -> Advice:
    """Return the classes in the order in which 20 more training images help them.

    The error of a class falls about with the square root of its training images n. Of its error rate ``1 - high`` is
    certain, where high is the upper end of the 95 % Wilson interval of its recall on the test images. The certain gain
    in recall by 20 more training images is therefore

        gain = (1 - high) * (1 - sqrt(n / (n + 20))).

    A rare class with many certain errors comes first; a class that is good, known from few test images, or large comes
    late. Classes of equal gain are ordered from the lower to the higher upper end, then by label. The square root is a
    rule of thumb; the gain orders classes and is no forecast. Classes with fewer than 10 test images are unknown.

    Args:
        labels: of the test images, (N,).
        predicted: their predicted classes, (N,).
        train_counts: training images per class, (C,).

    Raises:
        DataError: the shapes differ.

    Example:
        Both have 20 test images. Class 0 is wrong in 10, class 1 in none; class 2 has 2 test images.

        >>> labels = np.repeat([0, 1, 2], [20, 20, 2])
        >>> predicted = np.where(np.arange(42) < 10, 1, labels)
        >>> advice = rank_classes(labels, predicted, [20, 100, 3])
        >>> [entry.label for entry in advice.ranked], advice.unknown
        ([0, 1], (2,))
        >>> round(advice.ranked[0].gain, 1), advice.ranked[0].mistaken_for  # (1 - 0.701) * (1 - sqrt(1/2))
        (8.8, 1)
    """
    require_shape("labels", labels, ("N",))
    require_shape("predicted", predicted, labels.shape)
    num_classes = len(train_counts)
    images = np.bincount(labels, minlength=num_classes)
    correct = np.bincount(labels[predicted == labels], minlength=num_classes)
    intervals = recall_intervals(correct, images)
    mistaken = _most_frequent_errors(labels, predicted)
    ranked = [
        ClassAdvice(
            label=label,
            interval=interval,
            gain=(100 - interval.high) * (1 - math.sqrt(train_counts[label] / (train_counts[label] + MORE_IMAGES))),
            mistaken_for=mistaken.get(label, (None, 0))[0],
            errors=int(images[label] - correct[label]),
            mistaken=mistaken.get(label, (None, 0))[1],
        )
        for label, interval in enumerate(intervals)
        if not interval.few_images
    ]
    unknown = [label for label, interval in enumerate(intervals) if interval.few_images]
    return Advice(
        tuple(sorted(ranked, key=lambda entry: (-entry.gain, entry.interval.high, entry.label))),
        tuple(sorted(unknown, key=lambda label: (images[label], label))),
    )


def _most_frequent_errors(labels: NDArray[np.int64], predicted: NDArray[np.int64]) -> dict[int, tuple[int, int]]:
    """Return for each class with errors the class that most of them go to, of equal ones the first, and how many."""
    wrong = predicted != labels
    pairs, counts = np.unique(np.stack([labels[wrong], predicted[wrong]], axis=1), axis=0, return_counts=True)
    most: dict[int, tuple[int, int]] = {}
    for (label, other), count in zip(pairs.tolist(), counts.tolist(), strict=True):
        if count > most.get(label, (0, 0))[1]:
            most[label] = (other, count)
    return most
