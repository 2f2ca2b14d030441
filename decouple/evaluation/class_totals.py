"""Counts and losses of each class on one split: every metric of a class or of a group of classes follows from them."""

from collections.abc import Mapping
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decouple.evaluation.predictions import Predictions


class ClassTotals(TypedDict):
    """What the images of each class came to, each (C,)."""

    images: list[int]  # of the class in the split
    correct: list[int]  # of these, classified correctly
    predicted: list[int]  # images of any class that were predicted as the class
    nll: list[float | None]  # mean over the images of the class, in nats; None when absent


def class_totals(labels: NDArray[np.int64], predictions: Predictions, num_classes: int) -> ClassTotals:
    """Return the totals of N images with labels (N,).

    Example:
        >>> from decouple.evaluation.predictions import read_predictions
        >>> labels = np.array([0, 1, 1])
        >>> scores = np.array([[2.0, 1.0, 0.0], [2.0, 1.0, 0.0], [0.0, 3.0, 0.0]])
        >>> totals = class_totals(labels, read_predictions(scores, labels), 3)
        >>> totals["images"], totals["correct"], totals["predicted"]
        ([1, 2, 0], [1, 1, 0], [2, 1, 0])
    """
    images = np.bincount(labels, minlength=num_classes)
    losses = np.bincount(labels, weights=predictions.nll, minlength=num_classes)
    return {
        "images": images.tolist(),
        "correct": np.bincount(labels[predictions.label_rank == 0], minlength=num_classes).tolist(),
        "predicted": np.bincount(predictions.predicted, minlength=num_classes).tolist(),
        "nll": [float(loss / n) if n else None for loss, n in zip(losses, images, strict=True)],
    }


def class_precisions(totals: ClassTotals) -> list[float | None]:
    """Return the precision of each class in percent, None for a class that was never predicted.

    Example:
        >>> class_precisions({"images": [4, 4, 2], "correct": [3, 0, 0], "predicted": [6, 4, 0], "nll": [0.5, 2.0, 3]})
        [50.0, 0.0, None]
    """
    pairs = zip(totals["correct"], totals["predicted"], strict=True)
    return [100 * correct / predicted if predicted else None for correct, predicted in pairs]


def class_recalls_of(totals: ClassTotals) -> list[float | None]:
    """Return the recall of each class in percent, None for an absent class.

    Example:
        >>> class_recalls_of({"images": [4, 0], "correct": [3, 0], "predicted": [3, 1], "nll": [0.5, None]})
        [75.0, None]
    """
    pairs = zip(totals["correct"], totals["images"], strict=True)
    return [100 * correct / images if images else None for correct, images in pairs]


def predicted_within(confusion: ArrayLike, groups: Mapping[str, ArrayLike]) -> list[int]:
    """Return for each class the images of its own group that were predicted as it, (C,); 0 outside all groups.

    With it in place of `predicted`, a group is evaluated as if the split held its images alone.

    Args:
        confusion: images by true class and predicted class, (C, C).
        groups: classes of each group; no class is in two.

    Example:
        >>> predicted_within([[3, 1, 0], [0, 4, 0], [1, 2, 1]], {"head": [0, 1], "tail": [2]})
        [3, 5, 1]
    """
    table = np.asarray(confusion, dtype=np.int64)
    predicted = np.zeros(len(table), dtype=np.int64)
    for members in groups.values():
        labels = np.asarray(members, dtype=np.int64)
        predicted[labels] = table[np.ix_(labels, labels)].sum(axis=0)
    counts: list[int] = predicted.tolist()
    return counts
