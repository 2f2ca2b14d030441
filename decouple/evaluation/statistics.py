"""How sure a figure is: bootstrap intervals, paired tests of two methods, spread over run seeds."""

import math
from collections.abc import Iterator, Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from decouple.errors import DataError
from decouple.seeding import make_rng

RESAMPLES = 1000
QUANTILES = (0.025, 0.975)  # of the resamples: a 95 % percentile interval
_DRAWS_AT_ONCE = 1 << 22  # counts held in memory while resampling: 32 MB, whatever C is


class PairedComparison(TypedDict):
    """Method A against method B on the same images: A - B in percentage points, with 95 % intervals."""

    top1: float
    top1_interval: list[float]
    balanced: float
    balanced_interval: list[float]
    only_a: int  # images that A gets right and B does not
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
    """Return 95 % class-stratified percentile intervals of the figures ``weights @ correct``, shape (K, 2).

    A resample draws n_c images with replacement from the n_c of class c. Each is one of the k_c correct ones with
    probability k_c / n_c, independently, so their number is Binomial(n_c, k_c / n_c); an accuracy depends on nothing
    else. Drawing that number is therefore the bootstrap itself, not an approximation, at C draws instead of N.
    A class that is all right or all wrong has no spread, so with a handful of test images per class the interval is
    too narrow. Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.

    Args:
        correct: correctly classified images per class, shape (C,).
        images: evaluated images per class, shape (C,), 0 for an absent class.
        weights: shape (K, C), one row per figure: 1 / N everywhere is top-1, 1 / (C * n_c) balanced accuracy.
    """
    rng = make_rng(seed, "bootstrap")
    share = correct / np.maximum(images, 1)
    figures = [rng.binomial(images, share, size) @ weights.T for size in _batches(resamples, len(images))]
    return _interval(figures)


def compare_paired(
    correct_a: NDArray[np.bool_],
    correct_b: NDArray[np.bool_],
    labels: NDArray[np.int64],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> PairedComparison:
    """Compare two methods on the same images by a class-stratified paired bootstrap and the exact McNemar test.

    Resampling the images of class c draws a multinomial over (both right, only A, only B, neither). The difference
    needs "only A" and "only B" alone, drawn as a multinomial is: how many are discordant, then how many of those are
    A's.

    Args:
        correct_a: whether A classified each image correctly, shape (N,).
        correct_b: the same of B.
        labels: true class of each image, shape (N,).
    Raises:
        DataError: the three do not have the same shape (N,), or N is 0.
    """
    if not (correct_a.shape == correct_b.shape == labels.shape == (labels.size,)) or labels.size == 0:
        shapes = f"{correct_a.shape}, {correct_b.shape} and {labels.shape}"
        raise DataError(f"a paired comparison needs the same images, at least one, from both methods; got {shapes}")
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
    """Return the exact two-sided p that two methods are equally often right; 1 when they never differ.

    With n = only_a + only_b images that exactly one method gets right and m the smaller of the two,
    ``p = min(1, 2 * sum_{k <= m} C(n, k) / 2^n)``. Source: McNemar, Psychometrika 12, 1947.

    Raises:
        DataError: a count is negative.
    """
    if min(only_a, only_b) < 0:
        raise DataError(f"counts of discordant images must be 0 or more, got {only_a} and {only_b}")
    n, m = only_a + only_b, min(only_a, only_b)
    log_largest = math.lgamma(n + 1) - math.lgamma(m + 1) - math.lgamma(n - m + 1) - n * math.log(2)
    k = np.arange(m, 0, -1)
    smaller_terms = np.cumprod(k / (n - k + 1))  # C(n, k-1) / C(n, m) for k = m, ..., 1: no term can overflow
    return min(1.0, 2 * math.exp(log_largest) * (1 + float(smaller_terms.sum())))


def holm_adjusted(values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for how many there are: one below 0.05 errs at all with probability 0.05 at most.

    In ascending order p_1 <= ... <= p_m: ``adjusted_i = min(1, max_{j <= i} (m - j + 1) p_j)``; returned in the order
    given. Source: Holm, Scandinavian Journal of Statistics 6, 1979.

    Raises:
        DataError: a value is not in [0, 1].
    """
    if not all(0 <= value <= 1 for value in values):
        raise DataError(f"p-values must be 0 to 1, got {list(values)}")
    adjusted, largest = [0.0] * len(values), 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=lambda place: values[place])):
        largest = max(largest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = largest
    return adjusted


def mean_and_std(values: Sequence[float]) -> tuple[float, float | None]:
    """Return mean and sample standard deviation (divisor n - 1) over run seeds; None for the latter of one value.

    Raises:
        DataError: there is no value.
    """
    if len(values) == 0:
        raise DataError("no value to average; at least one finished run is needed")
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return float(np.mean(values)), spread


def _batches(resamples: int, num_classes: int) -> Iterator[tuple[int, int]]:
    """Yield (rows, C) shapes that add up to `resamples` rows and fit in memory one at a time."""
    rows = max(1, _DRAWS_AT_ONCE // num_classes)
    for start in range(0, resamples, rows):
        yield min(rows, resamples - start), num_classes


def _interval(figures: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.quantile(np.concatenate(figures), QUANTILES, axis=0).T


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
    share = only_a / np.maximum(discordant, 1)
    figures = []
    for size in _batches(resamples, len(images)):
        drawn = rng.binomial(images, discordant / images, size)
        figures.append((2 * rng.binomial(drawn, share) - drawn) @ weights.T)  # only A - only B, from their sum
    return _interval(figures)
