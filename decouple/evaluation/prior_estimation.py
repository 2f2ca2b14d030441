"""The class prior of unlabelled images, estimated by expectation maximisation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decouple.checks import require_number, require_shape, require_whole
from decouple.errors import DataError
from decouple.evaluation.arrays import FLOATING, Array, as_array
from decouple.evaluation.log_probabilities import row_chunks
from decouple.evaluation.priors import as_prior, log_prior_ratio

PRIOR_TOLERANCE = 1e-6  # sum of absolute changes of the shares in one iteration
MAX_ITERATIONS = 10_000
SUM_TOLERANCE = 1e-2  # of the probabilities of an image; stored in 16 bits they sum to 1 only roughly


@dataclass(frozen=True, eq=False)
class EstimatedPrior:
    """A class prior from unlabelled images.

    Attributes:
        prior: shares of the classes, (C,) float64, sum 1.
        iterations: how many were made.
        converged: whether the last one changed the shares by less than the tolerance.
    """

    prior: NDArray[np.float64]
    iterations: int
    converged: bool


def estimate_prior(
    probabilities: Array,
    assumed: ArrayLike,
    *,
    tolerance: float = PRIOR_TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
) -> EstimatedPrior:
    """Return the class prior q under which the probabilities of unlabelled images are most likely.

    From q = p0, each iteration replaces q by the mean of ``p(y|x_i) q_y / p0_y`` normalised over the classes of image
    i. The likelihood never falls, and its maximum does not depend on the start. The probabilities must be calibrated,
    see `decouple.evaluation.temperature`. Source: Saerens, Latinne, Decaestecker, Neural Computation 14, 2002.

    Args:
        probabilities: p(y|x) under the prior p0, shape (N, C), N at least 1; the rows sum to 1.
        assumed: p0, shares or counts, shape (C,), each above 0; see `decouple.evaluation.priors.assumed_prior`.
        tolerance: stops when the shares change by less in total.
        max_iterations: stops in any case; the result then says that it has not converged.

    Raises:
        DataError: shapes or values do not fit, a row does not sum to 1, or p0 is 0 for a class.
        ConfigError: tolerance is not above 0, or max_iterations is not a whole number of 1 or more.

    Example:
        >>> certain = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> estimate_prior(certain, [0.5, 0.5]).prior
        array([0.75, 0.25])
    """
    require_number("tolerance", tolerance, above=0)
    require_whole("max_iterations", max_iterations, at_least=1)
    probs = _as_probabilities(probabilities)
    num_classes = probs.shape[1]
    prior = p0 = as_prior("assumed", assumed, num_classes)
    log_prior_ratio(p0, p0, num_classes)  # refuses a class with p0 = 0
    for iteration in range(1, max_iterations + 1):
        updated = _mean_posterior(probs, prior / p0)
        change = float(np.abs(updated - prior).sum())
        prior = updated
        if change < tolerance:
            return EstimatedPrior(prior, iteration, converged=True)
    return EstimatedPrior(prior, max_iterations, converged=False)


def _mean_posterior(probabilities: NDArray[np.floating], ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over images of ``p(y|x) ratio_y / sum_k p(k|x) ratio_k``: two matrix-vector products a chunk."""
    total = np.zeros(len(ratio))
    for rows in row_chunks(*probabilities.shape):
        chunk = probabilities[rows].astype(np.float64, copy=False)
        total += (1 / (chunk @ ratio)) @ chunk
    shares: NDArray[np.float64] = ratio * total
    shares /= shares.sum()
    return shares


def _as_probabilities(probabilities: Array) -> NDArray[np.floating]:
    probs: NDArray[np.floating] = as_array("probabilities", probabilities, FLOATING)
    require_shape("probabilities", probs, ("N", "C"))
    if not len(probs):
        raise DataError("`probabilities` is empty; a prior is estimated from at least one image")
    for rows in row_chunks(*probs.shape):
        chunk = probs[rows].astype(np.float64, copy=False)
        valid = (chunk >= 0).all(axis=1) & (np.abs(chunk.sum(axis=1) - 1) <= SUM_TOLERANCE)  # False for NaN too
        if not valid.all():
            image = int(valid.argmin())
            raise DataError(
                f"`probabilities` must be 0 or more and sum to 1, got the sum {chunk[image].sum():g} "
                f"for image {rows.start + image}"
            )
    return probs
