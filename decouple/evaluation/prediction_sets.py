"""Prediction sets by split conformal prediction: the classes that an image may have, with a guaranteed coverage."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decouple.checks import require_choice, require_flag, require_number, require_shape
from decouple.errors import ConfigError, DataError
from decouple.evaluation.arrays import BOOLEAN, Array, as_array
from decouple.evaluation.log_probabilities import as_labels, as_log_probabilities, row_chunks
from decouple.evaluation.priors import as_prior

SetScore = Literal["probability", "pas"]
HALF = 0.5  # a class covered less is listed as undercovered


@dataclass(frozen=True, eq=False)
class SetRule:
    """A calibrated rule: the set of an image holds the classes whose score is the threshold or more.

    Attributes:
        coverage: share of images whose set holds the true class, at least, on average over validation sets.
        log_threshold: natural logarithm of the threshold; -infinity puts every class in every set.
        log_prior: logarithm of the prior that the score divides by, (C,); zeros for the score "probability".
        images: validation images behind the threshold.
        never_empty: whether the class with the highest score is in the set even below the threshold.
    """

    coverage: float
    log_threshold: float
    log_prior: NDArray[np.float64]
    images: int
    never_empty: bool

    def members(self, log_probabilities: Array) -> NDArray[np.bool_]:
        """Return whether each class is in the set of each image, shape (N, C).

        Raises:
            DataError: log_probabilities are not (N, C) log-probabilities.
        """
        log_probs = as_log_probabilities(log_probabilities)
        require_shape("log_probabilities", log_probs, ("N", len(self.log_prior)))
        members = np.empty(log_probs.shape, dtype=bool)
        for rows in row_chunks(*log_probs.shape):
            scores = log_probs[rows].astype(np.float64) - self.log_prior
            members[rows] = scores >= self.log_threshold
            if self.never_empty:
                members[np.arange(rows.start, rows.stop), scores.argmax(axis=1)] = True
        return members


@dataclass(frozen=True)
class SetReport:
    """Prediction sets on labelled images; percentages are of images or of the classes that have images.

    Attributes:
        coverage: images whose set holds the true class, percent.
        macro_coverage: mean over classes of that share, percent.
        undercovered_classes: classes whose images are covered less than half, percent.
        mean_size: classes in a set, on average.
        empty_sets: images with an empty set, percent.
        images: labelled images.
        absent_classes: classes without an image; they take no part in the two class figures.
    """

    coverage: float
    macro_coverage: float
    undercovered_classes: float
    mean_size: float
    empty_sets: float
    images: int
    absent_classes: tuple[int, ...]


def calibrate_sets(
    log_probabilities: Array,
    labels: Array,
    coverage: float,
    *,
    score: str = "probability",
    prior: ArrayLike | None = None,
    never_empty: bool = True,
) -> SetRule:
    """Return the rule whose sets hold the true class of a new image with a probability of at least `coverage`.

    With n validation images the threshold is the score of rank ``k = ceil((n + 1) * coverage)`` among the scores of the
    true classes, highest first. The guarantee needs new images like the validation images, and covers no class by
    itself. The score is

    - "probability": p(y|x), the smallest sets for their coverage;
    - "pas": p(y|x) / pi_y, prevalence-adjusted: aims at the mean of the class coverages, so rare classes gain. Source:
      Ding, Fermanian, Salmon, 2025, arXiv:2507.06867.

    An image whose classes all score below the threshold has an empty set. By default its class with the highest score
    is then put in: coverage can only rise, and nobody has to read an empty answer. ``never_empty=False`` leaves the
    sets as small as the method makes them.

    Args:
        log_probabilities: of validation images that nothing else was fitted on, shape (N, C).
        labels: true classes in 0..C-1, shape (N,).
        coverage: 1 - alpha, between 0 and 1.
        score: one of the names above.
        prior: pi, shares or counts of the training images, shape (C,), each above 0; for "pas", which needs it.
        never_empty: see above.

    Raises:
        ConfigError: coverage is not between 0 and 1, no such score, or "pas" without a prior.
        DataError: shapes or values do not fit, a prior is 0, or there are too few images for the coverage.

    Example:
        >>> true_class = np.linspace(0.55, 0.95, 9)
        >>> log_probs = np.log(np.stack([true_class, 1 - true_class], axis=1))
        >>> rule = calibrate_sets(log_probs, np.zeros(9, dtype=int), 0.7)  # rank ceil(10 * 0.7) = 7 of 9
        >>> round(float(np.exp(rule.log_threshold)), 2)
        0.65
        >>> rule.members(np.log([[0.7, 0.3], [0.4, 0.6]]))
        array([[ True, False],
               [False,  True]])
    """
    require_number("coverage", coverage, above=0, below=1, usual="0.9 is usual")
    require_choice("score", score, get_args(SetScore))
    require_flag("never_empty", never_empty)
    log_probs = as_log_probabilities(log_probabilities)
    num_images, num_classes = log_probs.shape
    classes = as_labels(labels, num_images, num_classes)
    log_prior = _log_prior(score, prior, num_classes)
    rank = _rank(coverage, num_images)
    scores = log_probs[np.arange(num_images), classes].astype(np.float64) - log_prior[classes]
    threshold = float(np.partition(scores, num_images - rank)[num_images - rank])
    return SetRule(float(coverage), threshold, log_prior, num_images, never_empty)


def images_needed(coverage: float) -> int:
    """Return the fewest validation images that allow a coverage, ``ceil(coverage / (1 - coverage))``.

    Raises:
        ConfigError: coverage is not between 0 and 1.

    Example:
        >>> images_needed(0.9), images_needed(0.99)
        (9, 99)
    """
    require_number("coverage", coverage, above=0, below=1)
    level = _exact(coverage)
    return math.ceil(level / (1 - level))


def report_sets(members: Array, labels: Array) -> SetReport:
    """Return coverage and size of prediction sets on labelled images that the rule was not calibrated on.

    Args:
        members: whether each class is in the set of each image, shape (N, C); see `SetRule.members`.
        labels: true classes in 0..C-1, shape (N,), N at least 1.

    Raises:
        DataError: shapes or types do not fit, a label is out of range, or there is no image.

    Example:
        >>> members = np.array([[True, False], [True, True], [True, False]])
        >>> report = report_sets(members, np.array([0, 1, 1]))
        >>> report.macro_coverage, report.undercovered_classes, round(report.mean_size, 2)
        (75.0, 0.0, 1.33)
    """
    in_set: NDArray[np.bool_] = as_array("members", members, BOOLEAN)
    require_shape("members", in_set, ("N", "C"))
    num_images, num_classes = in_set.shape
    classes = as_labels(labels, num_images, num_classes)
    covered = in_set[np.arange(num_images), classes]
    images = np.bincount(classes, minlength=num_classes)
    present = images > 0
    class_coverage = np.bincount(classes, covered, minlength=num_classes)[present] / images[present]
    return SetReport(
        coverage=float(100 * covered.mean()),
        macro_coverage=float(100 * class_coverage.mean()),
        undercovered_classes=float(100 * (class_coverage < HALF).mean()),
        mean_size=float(in_set.sum() / num_images),
        empty_sets=float(100 * (~in_set.any(axis=1)).mean()),
        images=num_images,
        absent_classes=tuple(np.flatnonzero(~present).tolist()),
    )


def _exact(coverage: float) -> Fraction:
    """Return the decimal number that a user means: 0.07 as a float times 100 would round up to 8."""
    return Fraction(str(float(coverage)))


def _rank(coverage: float, num_images: int) -> int:
    rank = math.ceil((num_images + 1) * _exact(coverage))
    if rank > num_images:
        raise DataError(
            f"{num_images} validation images are too few for sets with a coverage of {coverage:g}; "
            f"{images_needed(coverage)} or more are needed"
        )
    return rank


def _log_prior(score: str, prior: ArrayLike | None, num_classes: int) -> NDArray[np.float64]:
    if score == "probability":
        return np.zeros(num_classes)
    if prior is None:
        raise ConfigError('the score "pas" divides by the class prior; add `prior`')
    shares = as_prior("prior", prior, num_classes)
    if not shares.all():
        raise DataError(f"`prior` must be above 0 for every class, got 0 for class {int((shares > 0).argmin())}")
    return np.log(shares)
