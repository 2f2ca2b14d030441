"""The temperature that minimises the negative log-likelihood: a safeguarded Newton search in float64."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from decouple.evaluation.log_probabilities import MAX_TEMPERATURE, MIN_TEMPERATURE, row_chunks

MAX_STEPS = 100
STEP_TOLERANCE = 1e-10  # of ln T, so relative to T
MAX_LOG_STEP = 1.5  # a step beyond the bracket changes T at most 4.5-fold


class Likelihood(NamedTuple):
    """Mean negative log-likelihood in nats at an inverse temperature, with two derivatives in that inverse."""

    nll: float
    slope: float
    curvature: float


def minimise_nll(
    logits: NDArray[np.floating], labels: NDArray[np.int64], weights: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Return the temperature T in [0.001, 1e6] with the lowest ``sum_i w_i * nll_i(T)``, that value, and the one at 1.

    In b = 1 / T the sum is convex. Its slope is ``sum_i w_i (E_p[z_i] - z_i,y)`` and its curvature
    ``sum_i w_i Var_p[z_i]``, with p the softmax of ``b * z_i``. Newton's method runs in ln b; the sign of the slope
    keeps a bracket around the optimum, and a step that leaves it is replaced by bisection. Where no temperature
    changes the value (one class, or all logits of an image are equal), T is 1.

    Args:
        logits: shape (N, C), finite.
        labels: shape (N,) int64 in 0..C-1.
        weights: shape (N,), 0 or more, of sum 1; images of weight 0 are not read.
    """
    if logits.shape[1] == 1:
        return 1.0, 0.0, 0.0
    rows = np.flatnonzero(weights)
    log_inverse, nll, nll_at_one = _search(lambda inverse: likelihood(logits, labels, weights, rows, inverse))
    temperature = math.exp(-log_inverse)
    for bound in (MIN_TEMPERATURE, MAX_TEMPERATURE):
        if math.isclose(temperature, bound, rel_tol=1e-9):
            temperature = bound
    return temperature, nll, nll_at_one


def likelihood(
    logits: NDArray[np.floating],
    labels: NDArray[np.int64],
    weights: NDArray[np.float64],
    rows: NDArray[np.int64],
    inverse: float,
) -> Likelihood:
    """Return the weighted negative log-likelihood of the images `rows` and its derivatives, one chunk at a time.

    Example:
        >>> one_image = np.array([[0.0, 0.0]]), np.array([0]), np.ones(1), np.arange(1)
        >>> round(likelihood(*one_image, inverse=1.0).nll, 4)  # ln 2
        0.6931
    """
    total = np.zeros(3)
    for chunk in row_chunks(len(rows), logits.shape[1]):
        images = rows[chunk]
        z = logits[images].astype(np.float64)
        z -= z.max(axis=1, keepdims=True)
        label_z = z[np.arange(len(images)), labels[images]]
        exponentials = np.exp(inverse * z)
        sums = exponentials.sum(axis=1)
        nll = np.log(sums) - inverse * label_z
        exponentials *= z
        mean = exponentials.sum(axis=1) / sums
        variance = np.einsum("nc,nc->n", exponentials, z) / sums - mean**2
        total += np.stack([nll, mean - label_z, np.maximum(variance, 0)]) @ weights[images]
    return Likelihood(*total.tolist())


def _search(evaluate_at: Callable[[float], Likelihood]) -> tuple[float, float, float]:
    """Return ln(1 / T) of the optimum, the negative log-likelihood there, and the one at T = 1."""
    bounds = -math.log(MAX_TEMPERATURE), -math.log(MIN_TEMPERATURE)
    low, high = bounds
    log_inverse, previous_step = 0.0, math.inf
    nll, slope, curvature = evaluate_at(1.0)
    nll_at_one = nll
    for _ in range(MAX_STEPS):
        if slope == curvature == 0:  # flat from here on: every image is certain of its label, or no logit differs
            return (bounds[1] if nll < 1e-12 or log_inverse else 0.0), nll, nll_at_one
        low, high = (log_inverse, high) if slope <= 0 else (low, log_inverse)
        distance = (high if slope <= 0 else low) - log_inverse
        bisection = distance if log_inverse + distance in bounds else distance / 2  # a bound is untested
        step = _newton_or(bisection, slope, curvature * math.exp(log_inverse), distance, previous_step)
        if abs(step) < STEP_TOLERANCE:
            break
        log_inverse, previous_step = log_inverse + step, abs(step)
        nll, slope, curvature = evaluate_at(math.exp(log_inverse))
    return log_inverse, nll, nll_at_one


def _newton_or(bisection: float, slope: float, slope_change: float, distance: float, previous_step: float) -> float:
    """Return Newton's step of ln(1 / T) if it stays in the bracket and halves the last step, else a bisection."""
    newton = -slope / slope_change if slope_change > 1e-12 * abs(slope) else math.inf
    if abs(newton) <= min(abs(distance), MAX_LOG_STEP, previous_step / 2):
        return newton
    return math.copysign(min(abs(bisection), MAX_LOG_STEP), bisection)
