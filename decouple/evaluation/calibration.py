"""Expected calibration error: the distance between confidence and accuracy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from decouple.checks import require_shape
from decouple.errors import DataError
from decouple.evaluation.arrays import BOOLEAN, FLOATING, Array, as_array, require_range

NUM_BINS = 15


def expected_calibration_error(confidence: Array, correct: Array) -> float:
    """Return ``sum_b n_b / N * |accuracy_b - mean confidence_b|`` in [0, 1] over 15 equal-width bins.

    A bin holds its right edge: bin b is ((b - 1) / 15, b / 15]. Source: Guo et al., ICML 2017, arXiv:1706.04599.

    Args:
        confidence: probability of the predicted class, in [0, 1], shape (N,).
        correct: whether that class is the true one, shape (N,).

    Raises:
        DataError: shapes or types do not fit, there is no image, or a confidence is outside [0, 1].

    Example:
        >>> confidence, correct = np.array([0.9, 0.9, 0.6]), np.array([True, False, True])
        >>> round(expected_calibration_error(confidence, correct), 3)  # (2 * |0.5 - 0.9| + |1 - 0.6|) / 3
        0.4
    """
    confidence, correct = checked_confidence(confidence, correct)
    inner_edges = np.arange(1, NUM_BINS) / NUM_BINS
    bins = np.searchsorted(inner_edges, confidence, side="left")
    return binned_error(bins, confidence, correct)


def checked_confidence(confidence: Array, correct: Array) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return both as arrays (N,).

    Raises:
        DataError: shapes or types do not fit, there is no image, or a confidence is outside [0, 1].

    Example:
        >>> checked_confidence(np.array([0.9, 0.6]), np.array([True, False]))
        (array([0.9, 0.6]), array([ True, False]))
    """
    confidence, correct = as_array("confidence", confidence, FLOATING), as_array("correct", correct, BOOLEAN)
    require_shape("confidence", confidence, ("N",))
    require_shape("correct", correct, confidence.shape)
    if not len(confidence):
        raise DataError("`confidence` is empty; the calibration error needs at least one image")
    require_range("confidence", confidence, 0, 1)
    return confidence, correct


def binned_error(bins: NDArray[np.intp], confidence: NDArray[Any], correct: NDArray[np.bool_]) -> float:
    """Return ``sum_b n_b / N * |accuracy_b - mean confidence_b|`` for images whose bins, (N,), are known.

    Example:
        >>> binned_error(np.array([1, 1, 0]), np.array([0.75, 0.75, 0.5]), np.array([True, True, False]))
        0.3333333333333333
    """
    gaps = np.bincount(bins, correct - confidence, minlength=NUM_BINS)  # n_b * (accuracy_b - mean confidence_b)
    return float(np.abs(gaps).sum() / len(confidence))
