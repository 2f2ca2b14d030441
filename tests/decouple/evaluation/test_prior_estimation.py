import time
import tracemalloc

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from decouple.errors import ConfigError, DataError
from decouple.evaluation import log_probabilities
from decouple.evaluation.prior_estimation import estimate_prior


def calibrated(prior: np.ndarray, assumed: np.ndarray, num_images: int, seed: int, noise: float = 1.0) -> np.ndarray:
    """Return exact posteriors under `assumed` of images drawn with `prior`: one-hot features in Gaussian noise."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(len(prior), num_images, p=prior)
    features = np.eye(len(prior))[labels] + noise * rng.normal(size=(num_images, len(prior)))
    joint = np.exp(features / noise**2) * assumed  # Gaussian densities up to a factor per image
    return joint / joint.sum(axis=1, keepdims=True)


def test_certain_probabilities_are_counted_in_two_iterations() -> None:
    estimate = estimate_prior(np.eye(3)[[0, 0, 0, 1, 2]], [0.8, 0.1, 0.1])
    np.testing.assert_allclose(estimate.prior, [0.6, 0.2, 0.2])
    assert estimate.converged
    assert estimate.iterations == 2


def test_one_iteration_by_hand() -> None:
    # From q = p0 the posteriors are the probabilities themselves, so q becomes their mean.
    probs = np.array([[0.9, 0.1], [0.4, 0.6]])
    first = estimate_prior(probs, [0.5, 0.5], max_iterations=1)
    np.testing.assert_allclose(first.prior, [0.65, 0.35])
    assert not first.converged
    # Then 0.9 * 0.65 / (0.9 * 0.65 + 0.1 * 0.35) = 585/620 and 0.4 * 0.65 / (0.26 + 0.21) = 26/47.
    second = estimate_prior(probs, [0.5, 0.5], max_iterations=2)
    np.testing.assert_allclose(second.prior[0], (585 / 620 + 26 / 47) / 2)


@pytest.mark.parametrize("seed", range(5))
def test_two_classes_equal_the_maximum_of_the_likelihood(seed: int) -> None:
    assumed = np.array([0.7, 0.3])
    probs = calibrated(np.array([0.35, 0.65]), assumed, 400, seed)
    best = minimize_scalar(
        lambda q: -np.log(probs @ (np.array([q, 1 - q]) / assumed)).sum(),
        bounds=(0, 1),
        method="bounded",
        options={"xatol": 1e-10},
    )
    estimate = estimate_prior(probs, assumed, tolerance=1e-10)
    assert estimate.converged
    np.testing.assert_allclose(estimate.prior[0], best.x, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_the_prior_of_many_images_is_recovered(seed: int) -> None:
    prior = np.array([0.05, 0.1, 0.25, 0.6])
    probs = calibrated(prior, np.array([0.6, 0.25, 0.1, 0.05]), 20_000, seed, noise=0.5)
    estimate = estimate_prior(probs, [0.6, 0.25, 0.1, 0.05])
    assert estimate.converged
    np.testing.assert_allclose(estimate.prior, prior, atol=0.015)
    np.testing.assert_allclose(estimate.prior.sum(), 1)


def test_the_likelihood_never_falls() -> None:
    assumed = np.array([0.6, 0.3, 0.1])
    probs = calibrated(np.array([0.1, 0.1, 0.8]), assumed, 100, 0)
    likelihoods = [
        np.log(probs @ (estimate_prior(probs, assumed, max_iterations=steps).prior / assumed)).sum()
        for steps in range(1, 30)
    ]
    assert (np.diff(likelihoods) > -1e-10).all()


def test_a_class_without_probability_gets_no_share() -> None:
    estimate = estimate_prior(np.array([[0.5, 0.5, 0.0], [0.2, 0.8, 0.0]]), [1, 1, 1])
    assert estimate.prior[2] == 0


def test_one_class_and_narrow_types() -> None:
    assert estimate_prior(np.ones((3, 1)), [5]).prior.tolist() == [1.0]
    probs = calibrated(np.array([0.2, 0.8]), np.array([0.5, 0.5]), 300, 0)
    expected = estimate_prior(probs, [1, 1]).prior
    np.testing.assert_allclose(estimate_prior(probs.astype(np.float16), [1, 1]).prior, expected, atol=2e-3)


def test_chunks_give_the_same_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    probs = calibrated(np.array([0.2, 0.3, 0.5]), np.full(3, 1 / 3), 100, 0)
    expected = estimate_prior(probs, [1, 1, 1])
    monkeypatch.setattr(log_probabilities, "SCORES_CHUNK", 20)  # six rows at a time
    estimate = estimate_prior(probs, [1, 1, 1])
    np.testing.assert_allclose(estimate.prior, expected.prior, rtol=1e-12)
    assert estimate.iterations == expected.iterations


def test_many_classes_take_little_memory_and_time() -> None:
    rng = np.random.default_rng(0)
    probs = np.full((2000, 8142), 0.1 / 8142, dtype=np.float32)
    probs[np.arange(2000), rng.integers(0, 8142, 2000)] += 0.9
    tracemalloc.start()
    start = time.perf_counter()
    estimate = estimate_prior(probs, np.ones(8142), max_iterations=20)
    assert time.perf_counter() - start < 30
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40e6  # bytes; the probabilities in float64 would take 130 MB
    np.testing.assert_allclose(estimate.prior.sum(), 1)


def test_wrong_values_are_refused() -> None:
    probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    with pytest.raises(DataError, match=r"sum to 1, got the sum 1\.4 for image 1"):
        estimate_prior(np.array([[0.5, 0.5], [0.5, 0.9]]), [1, 1])
    with pytest.raises(DataError, match="0 or more and sum to 1"):
        estimate_prior(np.array([[1.5, -0.5]]), [1, 1])
    with pytest.raises(DataError, match="got the sum nan for image 0"):
        estimate_prior(np.array([[np.nan, 1]]), [1, 1])
    with pytest.raises(DataError, match="at least one image"):
        estimate_prior(probs[:0], [1, 1])
    with pytest.raises(DataError, match="assumed must be above 0 for every class, got 0 for class 0"):
        estimate_prior(probs, [0, 1])
    with pytest.raises(DataError, match=r"assumed must have shape \(2,\)"):
        estimate_prior(probs, [1, 1, 1])
    with pytest.raises(ConfigError, match="tolerance must be above 0"):
        estimate_prior(probs, [1, 1], tolerance=0)
    with pytest.raises(ConfigError, match="max_iterations must be 1 or more"):
        estimate_prior(probs, [1, 1], max_iterations=0)
