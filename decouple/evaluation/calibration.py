"""Expected calibration error: how far confidence is from accuracy."""

import numpy as np
from numpy.typing import NDArray

BINS = 15


def expected_calibration_error(confidence: NDArray[np.float64], correct: NDArray[np.bool_]) -> float:
    """Return ``sum_b n_b / N * |accuracy_b - mean confidence_b|`` in [0, 1] over 15 equal-width bins.

    A bin holds its right edge: bin b is ((b - 1) / 15, b / 15]. Source: Guo et al., ICML 2017, arXiv:1706.04599.

    Args:
        confidence: probability of the predicted class, in (0, 1], shape (N,).
        correct: whether that class is the true one, shape (N,).
    """
    inner_edges = np.arange(1, BINS) / BINS
    bins = np.searchsorted(inner_edges, confidence, side="left")
    gaps = np.bincount(bins, correct - confidence, minlength=BINS)  # n_b * (accuracy_b - mean confidence_b)
    return float(np.abs(gaps).sum() / len(confidence))
