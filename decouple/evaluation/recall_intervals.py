"""How far the recall of a class is known: its interval, and a mark where few test images support it."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from decouple.checks import require_number, require_shape
from decouple.errors import DataError
from decouple.evaluation.arrays import BOOLEAN, INTEGER, Array, as_array

MIN_RANKED_IMAGES = 10  # a class with fewer test images is marked, and no ranking of classes uses it


@dataclass(frozen=True)
class RecallInterval:
    """Recall of a class with its Wilson interval, in percent.

    Attributes:
        recall: None without test images.
        low: lower end; 0 without test images.
        high: upper end; 100 without test images.
        images: test images of the class.
    """

    recall: float | None
    low: float
    high: float
    images: int

    @property
    def few_images(self) -> bool:
        """Whether fewer than 10 test images support the recall: show "few images", and leave it out of rankings."""
        return self.images < MIN_RANKED_IMAGES


def recall_intervals(correct: Array, images: Array, *, level: float = 0.95) -> tuple[RecallInterval, ...]:
    """Return the recall of each class with its Wilson score interval, length C.

    With k of n images correct, the interval holds every recall p that a normal test does not reject:
    ``|k/n - p| <= z sqrt(p (1 - p) / n)``, where z is the normal quantile of (1 + level) / 2. Unlike the bootstrap, it
    is wide for a class with few images that are all correct or all wrong. Its coverage is the level on average over p,
    not for every p. Source: Wilson, JASA 22, 1927; recommended for small n by Brown, Cai, DasGupta, Statistical Science
    16, 2001.

    Args:
        correct: correctly classified test images per class, shape (C,), integers.
        images: test images per class, shape (C,), integers; 0 for an absent class.
        level: of the intervals, between 0 and 1.

    Raises:
        DataError: shapes or types do not fit, or a class has fewer than 0 or more correct images than images.
        ConfigError: level is not between 0 and 1.

    Example:
        >>> sure, unsure = recall_intervals(np.array([60, 2]), np.array([100, 2]))
        >>> round(sure.low, 1), round(sure.high, 1), sure.few_images
        (50.2, 69.1, False)
        >>> unsure.recall, round(unsure.low, 1), unsure.high, unsure.few_images
        (100.0, 34.2, 100.0, True)
    """
    require_number("level", level, above=0, below=1, usual="0.95 is usual")
    hits, totals = as_array("correct", correct, INTEGER), as_array("images", images, INTEGER)
    require_shape("correct", hits, ("C",))
    require_shape("images", totals, hits.shape)
    if (hits < 0).any() or (hits > totals).any():
        raise DataError("`correct` must be between 0 and `images` in every class")
    k, n = hits.astype(np.float64), totals.astype(np.float64)
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = (k + z**2 / 2) / (n + z**2)
    half_width = z / (n + z**2) * np.sqrt(k * (n - k) / np.maximum(n, 1) + z**2 / 4)
    low = np.where(k == 0, 0.0, middle - half_width)  # exactly 0 and 1 where rounding would come close
    high = np.where(k == n, 1.0, middle + half_width)
    return tuple(_rows(k, n, low, high))


def class_recall_intervals(labels: Array, correct: Array, num_classes: int) -> tuple[RecallInterval, ...]:
    """Return the recall of each class with its 95 % Wilson interval, length C.

    Args:
        labels: true classes in 0..C-1, (N,).
        correct: which images are predicted correctly, (N,).
        num_classes: C.

    Example:
        >>> rows = class_recall_intervals(np.array([0, 0, 1]), np.array([True, False, True]), 3)
        >>> [(row.recall, row.images) for row in rows]
        [(50.0, 2), (100.0, 1), (None, 0)]
    """
    truth, hits = as_array("labels", labels, INTEGER), as_array("correct", correct, BOOLEAN)
    images = np.bincount(truth, minlength=num_classes)
    return recall_intervals(np.bincount(truth[hits], minlength=num_classes), images)


def _rows(
    correct: NDArray[np.float64], images: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> Iterator[RecallInterval]:
    for k, n, lower, upper in zip(correct.tolist(), images.tolist(), low.tolist(), high.tolist(), strict=True):
        yield RecallInterval(
            recall=100 * k / n if n else None,
            low=100 * lower,
            high=100 * upper,
            images=int(n),
        )
