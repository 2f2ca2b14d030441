import numpy as np
import pytest

from decouple.evaluation import log_probabilities
from decouple.evaluation.temperature_search import likelihood, minimise_nll


def problem(seed: int, scale: float = 1.0, num_classes: int = 5, num_images: int = 60):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, num_classes, num_images)
    logits = rng.normal(size=(num_images, num_classes))
    logits[np.arange(num_images), labels] += 1.5
    weights = rng.uniform(size=num_images)
    return scale * logits, labels, weights / weights.sum()


def test_derivatives_equal_finite_differences() -> None:
    logits, labels, weights = problem(0)
    rows, step = np.arange(len(labels)), 1e-4
    low, middle, high = (likelihood(logits, labels, weights, rows, 0.7 + offset) for offset in (-step, 0, step))
    np.testing.assert_allclose(middle.slope, (high.nll - low.nll) / (2 * step), rtol=1e-6)
    np.testing.assert_allclose(middle.curvature, (high.slope - low.slope) / (2 * step), rtol=1e-6)


def test_chunks_give_the_same_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    logits, labels, weights = problem(1)
    rows = np.array([3, 5, 8, 13, 21, 34, 55])
    expected = likelihood(logits, labels, weights, rows, 1.3)
    monkeypatch.setattr(log_probabilities, "SCORES_CHUNK", 10)  # two rows at a time
    np.testing.assert_allclose(likelihood(logits, labels, weights, rows, 1.3), expected, rtol=1e-13)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("scale", [0.05, 1, 1e4])
def test_the_slope_is_zero_at_the_optimum_and_the_value_is_lowest(seed: int, scale: float) -> None:
    logits, labels, weights = problem(seed, scale)
    temperature, nll, at_one = minimise_nll(logits, labels, weights)
    rows = np.arange(len(labels))
    at_optimum = likelihood(logits, labels, weights, rows, 1 / temperature)
    assert abs(at_optimum.slope) < 1e-8 * scale
    np.testing.assert_allclose(at_optimum.nll, nll, rtol=1e-12)
    assert nll <= at_one
    for factor in (0.99, 1.01):
        assert likelihood(logits, labels, weights, rows, factor / temperature).nll > nll


def test_few_evaluations_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(*args):
        calls.append(1)
        return likelihood(*args)

    monkeypatch.setattr("decouple.evaluation.temperature_search.likelihood", counted)
    for seed in range(20):
        minimise_nll(*problem(seed, 3))
    assert len(calls) <= 20 * 10


@pytest.mark.parametrize("scale", [1e-4, 1, 1e4])
def test_all_correct_goes_to_the_lowest_temperature_and_all_wrong_to_the_highest(scale: float) -> None:
    logits, weights = scale * np.eye(3), np.full(3, 1 / 3)
    assert minimise_nll(logits, np.array([0, 1, 2]), weights)[0] == 1e-3
    assert minimise_nll(logits, np.array([1, 2, 0]), weights)[0] == 1e6


def test_where_no_temperature_matters_it_is_one() -> None:
    assert minimise_nll(np.full((2, 3), 7.0), np.array([0, 1]), np.full(2, 0.5)) == (1.0, np.log(3), np.log(3))
    assert minimise_nll(np.array([[5.0], [-2.0]]), np.array([0, 0]), np.full(2, 0.5)) == (1.0, 0.0, 0.0)


def test_images_without_weight_are_not_read() -> None:
    logits, labels, weights = problem(2)
    expected = minimise_nll(logits, labels, weights)
    logits, labels = np.vstack([logits, np.full((1, 5), np.nan)]), np.append(labels, 0)
    assert minimise_nll(logits, labels, np.append(weights, 0.0)) == expected
