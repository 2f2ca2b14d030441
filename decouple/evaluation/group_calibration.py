"""Calibration error by bins of equal size, and both calibration errors for many, medium and few."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from decouple.class_counts import as_counts, class_groups
from decouple.evaluation.arrays import Array
from decouple.evaluation.calibration import (
    NUM_BINS,
    binned_error,
    checked_confidence,
    expected_calibration_error,
)
from decouple.evaluation.log_probabilities import as_labels


@dataclass(frozen=True)
class CalibrationErrors:
    """Expected calibration errors in [0, 1] of the same images.

    Attributes:
        equal_width: over 15 bins of equal width.
        equal_mass: over 15 bins of equally many images.
        images: how many; with few, both errors are above 0 even for calibrated probabilities.
    """

    equal_width: float
    equal_mass: float
    images: int


def equal_mass_calibration_error(confidence: Array, correct: Array) -> float:
    """Return ``sum_b n_b / N * |accuracy_b - mean confidence_b|`` in [0, 1] over 15 bins of N / 15 images each.

    The images are sorted by confidence; bin b ends at the image of rank ceil(b N / 15). Images of equal confidence are
    never divided: all fall in the lowest bin that has one of them, so the value does not depend on the order of the
    images. Source: Nixon et al., CVPR Workshops 2019, arXiv:1904.01685 (adaptive bins).

    Args:
        confidence: probability of the predicted class, in [0, 1], shape (N,).
        correct: whether that class is the true one, shape (N,).

    Raises:
        DataError: shapes or types do not fit, there is no image, or a confidence is outside [0, 1].

    Example:
        >>> confidence, correct = np.array([0.9, 0.9, 0.6]), np.array([True, False, True])
        >>> round(equal_mass_calibration_error(confidence, correct), 3)  # (2 * |0.5 - 0.9| + |1 - 0.6|) / 3
        0.4
    """
    confidence, correct = checked_confidence(confidence, correct)
    values = confidence.astype(np.float64)
    last_ranks = -(-np.arange(1, NUM_BINS) * len(values) // NUM_BINS) - 1
    bins = np.searchsorted(np.sort(values)[last_ranks], values, side="left")  # a bin holds its right edge
    return binned_error(bins, values, correct)


def calibration_errors(
    confidence: Array, correct: Array, labels: Array, class_counts: ArrayLike
) -> dict[str, CalibrationErrors | None]:
    """Return the calibration errors of "all" images and of the groups many, medium, few; None without images.

    As for the accuracy of a group, its images are those whose true class is in it.

    Args:
        confidence: probability of the predicted class, in [0, 1], shape (N,).
        correct: whether that class is the true one, shape (N,).
        labels: true classes in 0..C-1, shape (N,).
        class_counts: training images per class, shape (C,); they define the groups.

    Raises:
        DataError: shapes, types or values do not fit, or there is no image.

    Example:
        >>> confidence, correct = np.array([0.75, 0.5]), np.array([True, False])
        >>> errors = calibration_errors(confidence, correct, np.array([0, 1]), [500, 10])
        >>> errors["many"], errors["medium"]
        (CalibrationErrors(equal_width=0.25, equal_mass=0.25, images=1), None)
    """
    confidence, correct = checked_confidence(confidence, correct)
    counts = as_counts(class_counts)
    classes = as_labels(labels, len(confidence), len(counts))
    masks = {name: np.isin(classes, group) for name, group in class_groups(counts, "many_medium_few").items()}
    errors: dict[str, CalibrationErrors | None] = {"all": _both(confidence, correct)}
    return errors | {
        name: _both(confidence[mask], correct[mask]) if mask.any() else None for name, mask in masks.items()
    }


def _both(confidence: Array, correct: Array) -> CalibrationErrors:
    return CalibrationErrors(
        equal_width=expected_calibration_error(confidence, correct),
        equal_mass=equal_mass_calibration_error(confidence, correct),
        images=len(confidence),
    )
