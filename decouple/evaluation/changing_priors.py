"""Accuracy under other class priors than the one of the test split, from the recall of each class alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decouple.checks import require_number, require_shape
from decouple.class_counts import as_counts, largest_first
from decouple.errors import DataError

FORWARD_RATIOS = {"forward-50": 50.0, "forward-10": 10.0, "uniform": 1.0, "backward-10": 0.1, "backward-50": 0.02}


@dataclass(frozen=True)
class ChangingPriors:
    """Accuracy under changing test priors.

    Attributes:
        accuracies: name of the prior -> top-1 accuracy in percent; "forward" is long-tailed like the training images,
            "backward" the reverse, the number the ratio of the largest class to the smallest.
        absent_classes: classes without a test image, which every prior leaves out.
    """

    accuracies: dict[str, float]
    absent_classes: tuple[int, ...]


def accuracy_under_priors(recalls: Sequence[float | None], class_counts: ArrayLike) -> ChangingPriors:
    """Return the accuracy ``sum_j q_j * recall_j`` under five class priors q.

    It is what the same classifier would have, without any adaptation, if the classes occurred as in q and the images of
    a class stayed as they are. Source: Hong et al., CVPR 2021, arXiv:2012.00321 (test sets shifted in both directions).

    Args:
        recalls: recall per class in percent, None for a class without test images: `per_class` of
            `decouple.evaluation.metrics.evaluate`; length C.
        class_counts: training images per class, shape (C,); they define the order of the classes.

    Raises:
        DataError: lengths do not fit, a recall is not between 0 and 100, or no class has one.

    Example:
        >>> result = accuracy_under_priors([90.0, 50.0, None], [500, 50, 5])
        >>> {name: round(accuracy, 1) for name, accuracy in result.accuracies.items()}
        {'forward-50': 85.0, 'forward-10': 80.4, 'uniform': 70.0, 'backward-10': 59.6, 'backward-50': 55.0}
        >>> result.absent_classes
        (2,)
    """
    counts = as_counts(class_counts)
    values = np.array([np.nan if recall is None else recall for recall in recalls], dtype=np.float64)
    require_shape("recalls", values, (len(counts),))
    present = np.array([recall is not None for recall in recalls])
    if not present.any():
        raise DataError("`recalls` has no class with test images")
    valid = (values >= 0) & (values <= 100) | ~present  # False for a recall of NaN
    if not valid.all():
        label = int(valid.argmin())
        raise DataError(f"`recalls` must be between 0 and 100 percent, got {values[label]:g} for class {label}")
    accuracies = {}
    for name, ratio in FORWARD_RATIOS.items():
        prior = profile_prior(counts, ratio)[present]
        accuracies[name] = float(prior @ values[present] / prior.sum())
    return ChangingPriors(accuracies, tuple(np.flatnonzero(~present).tolist()))


def profile_prior(class_counts: ArrayLike, ratio: float) -> NDArray[np.float64]:
    """Return an exponential class prior along the order of training frequency, shape (C,), sum 1.

    The class of rank r, 0 for the most training images (of equal ones, the lower index first), has a share
    proportional to ``ratio^(-r / (C - 1))``.

    Args:
        class_counts: training images per class, shape (C,).
        ratio: share of the most frequent class over that of the rarest: above 1 long-tailed like the training images,
            1 uniform, below 1 reversed.

    Raises:
        ConfigError: the ratio is not above 0.
        DataError: class_counts are not (C,) numbers of 0 or more.

    Example:
        >>> profile_prior([500, 5, 50], 4)  # 4 : 1 : 2
        array([0.57142857, 0.14285714, 0.28571429])
    """
    require_number("ratio", ratio, above=0)
    counts = as_counts(class_counts)
    ranks = np.empty(len(counts))
    ranks[largest_first(counts)] = np.arange(len(counts))
    shares = np.power(float(ratio), -ranks / max(1, len(counts) - 1))
    prior: NDArray[np.float64] = shares / shares.sum()
    return prior
