"""Uncertainty of metrics: bootstrap intervals, paired tests of two methods, mean and deviation over run seeds."""

import math
from collections.abc import Iterator, Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from decouple.checks import require_shape, require_whole
from decouple.errors import DataError
from decouple.evaluation.arrays import BOOLEAN, INTEGER, Array, as_array
from decouple.seeding import make_rng

RESAMPLES = 1000
QUANTILES = (0.025, 0.975)  # of the resamples: a 95 % percentile interval
DRAWS_CHUNK = 1 << 22  # counts in memory while resampling: 32 MB, whatever C is


class PairedComparison(TypedDict):
    """Differences of method A and method B on the same images, A - B, in percentage points with 95 % intervals."""

    top1: float
    top1_interval: list[float]
    balanced: float
    balanced_interval: list[float]
    only_a: int  # images that only A classifies correctly
    only_b: int
    mcnemar_p: float


def bootstrap_intervals(
    correct: NDArray[np.int64],
    images: NDArray[np.int64],
    weights: NDArray[np.float64],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> NDArray[np.float64]:
    """Return 95 % class-stratified percentile intervals of the metrics ``weights @ correct``, shape (K, 2).

    A resample draws n_c images with replacement from the n_c of class c. Each is one of the k_c correct ones with
    probability k_c / n_c, independently, so their number is Binomial(n_c, k_c / n_c), and an accuracy depends on
    nothing else. Drawing that number is therefore the bootstrap itself, not an approximation, with C draws in place of
    N. A class whose images are all correct or all wrong has no spread, so with a handful of test images per class the
    interval is too narrow. Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.

    Args:
        correct: correctly classified images per class, shape (C,).
        images: evaluated images per class, shape (C,), 0 for an absent class.
        weights: shape (K, C), one row per metric: 1 / N everywhere is top-1, 1 / (C * n_c) balanced accuracy.
        seed: of the resamples.
        resamples: how many, 1 or more.

    Raises:
        DataError: shapes do not fit, or a class has more correct images than images.
        ConfigError: resamples is not a whole number of 1 or more.

    Example:
        >>> top1 = np.array([[0.01, 0.01]])  # 100 images: 45 of 50 and 30 of 50 are correct
        >>> bootstrap_intervals(np.array([45, 30]), np.array([50, 50]), top1)
        array([[0.67, 0.83]])
    """
    require_shape("correct", correct, ("C",))
    require_shape("images", images, correct.shape)
    require_shape("weights", weights, ("K", len(correct)))
    require_whole("resamples", resamples, at_least=1)
    if (correct < 0).any() or (correct > images).any():
        raise DataError("`correct` must be between 0 and `images` in every class")
    rng = make_rng(seed, "bootstrap")
    accuracy = correct / np.maximum(images, 1)
    metrics = [rng.binomial(images, accuracy, size) @ weights.T for size in _chunk_sizes(resamples, len(images))]
    return _percentile_interval(metrics)


def compare_paired(
    correct_a: Array, correct_b: Array, labels: Array, *, seed: int = 0, resamples: int = RESAMPLES
) -> PairedComparison:
    """Compare two methods on the same images by a class-stratified paired bootstrap and the exact McNemar test.

    Resampling the images of class c draws a multinomial over (both correct, only A, only B, neither). The difference
    needs "only A" and "only B" alone, which are drawn in two steps: the number of discordant images, then how many of
    those are A's.

    Args:
        correct_a: whether A classified each image correctly, shape (N,).
        correct_b: the same of B.
        labels: true class of each image, shape (N,).
        seed: of the resamples.
        resamples: how many, 1 or more.

    Raises:
        DataError: the three do not have the same shape (N,), N is 0, or they are not of the types bool and integer.
        ConfigError: resamples is not a whole number of 1 or more.

    Example:
        >>> labels = np.repeat([0, 1], 50)
        >>> a, b = np.ones(100, dtype=bool), np.arange(100) % 5 > 0  # A is always correct, B on 80 images
        >>> comparison = compare_paired(a, b, labels)
        >>> comparison["top1"], [round(bound) for bound in comparison["top1_interval"]]
        (20.0, [12, 27])
        >>> f"{comparison['mcnemar_p']:.1g}"
        '2e-06'
    """
    correct_a, correct_b = as_array("correct_a", correct_a, BOOLEAN), as_array("correct_b", correct_b, BOOLEAN)
    labels = as_array("labels", labels, INTEGER)
    if not (correct_a.shape == correct_b.shape == labels.shape == (labels.size,)) or labels.size == 0:
        shapes = f"{correct_a.shape}, {correct_b.shape} and {labels.shape}"
        raise DataError(f"a paired comparison needs the same images, at least one, from both methods; got {shapes}")
    require_whole("resamples", resamples, at_least=1)
    classes = np.unique(labels, return_inverse=True)[1]
    images = np.bincount(classes)
    only_a = np.bincount(classes, correct_a > correct_b).astype(np.int64)
    only_b = np.bincount(classes, correct_b > correct_a).astype(np.int64)
    weights = 100 * np.stack([np.full(len(images), 1 / labels.size), 1 / (len(images) * images)])
    top1, balanced = weights @ (only_a - only_b)
    intervals = _paired_intervals(only_a, only_b, images, weights, seed, resamples)
    return {
        "top1": float(top1),
        "top1_interval": intervals[0].tolist(),
        "balanced": float(balanced),
        "balanced_interval": intervals[1].tolist(),
        "only_a": int(only_a.sum()),
        "only_b": int(only_b.sum()),
        "mcnemar_p": mcnemar_p(int(only_a.sum()), int(only_b.sum())),
    }


def mcnemar_p(only_a: int, only_b: int) -> float:
    """Return the exact two-sided p-value of the hypothesis that two methods are correct equally often.

    With n = only_a + only_b images that exactly one method classifies correctly and m the smaller of the two,
    ``p = min(1, 2 * sum_{k <= m} C(n, k) / 2^n)``; 1 when they never differ. Source: McNemar, Psychometrika 12, 1947.

    Raises:
        DataError: a count is negative.
        ConfigError: a count is not a whole number.

    Example:
        >>> round(mcnemar_p(1, 5), 6)  # 2 * (1 + 6) / 2^6
        0.21875
    """
    require_whole("only_a", only_a)
    require_whole("only_b", only_b)
    if min(only_a, only_b) < 0:
        raise DataError(f"counts of discordant images must be 0 or more, got {only_a} and {only_b}")
    n, m = only_a + only_b, min(only_a, only_b)
    log_largest = math.lgamma(n + 1) - math.lgamma(m + 1) - math.lgamma(n - m + 1) - n * math.log(2)
    k = np.arange(m, 0, -1)
    smaller_terms = np.cumprod(k / (n - k + 1))  # C(n, k-1) / C(n, m) for k = m, ..., 1: no term can overflow
    return min(1.0, 2 * math.exp(log_largest) * (1 + float(smaller_terms.sum())))


def holm_adjusted(values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for multiple tests: one below 0.05 keeps the chance of any false alarm below 0.05.

    In ascending order p_1 <= ... <= p_m: ``adjusted_i = min(1, max_{j <= i} (m - j + 1) p_j)``; returned in the order
    of `values`. Source: Holm, Scandinavian Journal of Statistics 6, 1979.

    Raises:
        DataError: a value is not in [0, 1].

    Example:
        >>> holm_adjusted([0.04, 0.01, 0.02])
        [0.04, 0.03, 0.04]
    """
    if not all(0 <= value <= 1 for value in values):
        raise DataError(f"p-values must be 0 to 1, got {list(values)}")
    adjusted, largest = [0.0] * len(values), 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=lambda index: values[index])):
        largest = max(largest, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = largest
    return adjusted


def mean_and_std(values: Sequence[float]) -> tuple[float, float | None]:
    """Return mean and sample standard deviation (divisor n - 1) over run seeds; no deviation (None) of one value.

    Raises:
        DataError: there is no value.

    Example:
        >>> mean_and_std([70.0, 71.0, 72.0])
        (71.0, 1.0)
    """
    if len(values) == 0:
        raise DataError("no value to average; at least one finished run is needed")
    std = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return float(np.mean(values)), std


def _chunk_sizes(resamples: int, num_classes: int) -> Iterator[tuple[int, int]]:
    """Yield shapes (rows, C) whose rows add up to `resamples`; one at a time fits in memory."""
    rows = max(1, DRAWS_CHUNK // num_classes)
    for start in range(0, resamples, rows):
        yield min(rows, resamples - start), num_classes


def _percentile_interval(metrics: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.quantile(np.concatenate(metrics), QUANTILES, axis=0).T


def _paired_intervals(
    only_a: NDArray[np.int64],
    only_b: NDArray[np.int64],
    images: NDArray[np.int64],
    weights: NDArray[np.float64],
    seed: int,
    resamples: int,
) -> NDArray[np.float64]:
    rng = make_rng(seed, "paired bootstrap")
    discordant = only_a + only_b
    share_of_a = only_a / np.maximum(discordant, 1)
    differences = []
    for size in _chunk_sizes(resamples, len(images)):
        resampled = rng.binomial(images, discordant / images, size)
        a_minus_b = 2 * rng.binomial(resampled, share_of_a) - resampled  # only A - only B, from their sum
        differences.append(a_minus_b @ weights.T)
    return _percentile_interval(differences)
