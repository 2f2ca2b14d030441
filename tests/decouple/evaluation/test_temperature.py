import dataclasses
import math
import tracemalloc

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from decouple.errors import DataError
from decouple.evaluation.log_probabilities import log_probabilities
from decouple.evaluation.temperature import fit_group_temperatures, fit_temperature, prior_weights

COUNTS = [500, 200, 50, 5]  # many, many, medium, few


def noisy_logits(num_images: int, num_classes: int, seed: int, scale: float = 3.0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, num_classes, num_images)
    logits = rng.normal(size=(num_images, num_classes))
    logits[np.arange(num_images), labels] += 1.5
    return scale * logits, labels


@pytest.mark.parametrize("gap", [1e-2, 1.0, 20.0, 1e4])
@pytest.mark.parametrize(("correct", "wrong"), [(3, 1), (9, 1), (99, 1), (51, 50)])
def test_two_classes_by_hand(gap: float, correct: int, wrong: int) -> None:
    # One gap for all images: the probability sigmoid(gap / T) must be the share of correct images.
    logits = np.tile([gap, 0.0], (correct + wrong, 1))
    fitted = fit_temperature(logits, np.array([0] * correct + [1] * wrong))
    np.testing.assert_allclose(fitted.value, gap / math.log(correct / wrong), rtol=1e-9)
    share = correct / (correct + wrong)
    np.testing.assert_allclose(fitted.nll_after, -share * np.log(share) - (1 - share) * np.log(1 - share))
    assert fitted.images == correct + wrong
    assert not fitted.at_bound


def test_calibrated_logits_keep_temperature_one() -> None:
    logits = np.tile(np.log([0.7, 0.2, 0.1]), (10, 1))
    np.testing.assert_allclose(fit_temperature(logits, np.array([0] * 7 + [1] * 2 + [2])).value, 1, rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_equals_scipy_with_and_without_weights(seed: int) -> None:
    logits, labels = noisy_logits(200, 4, seed)
    for prior in (None, [0.7, 0.2, 0.1, 0.0]):
        weights = prior_weights(labels, 4, prior)

        def nll(log_t: float, weights=weights) -> float:
            return -weights @ log_softmax(logits / np.exp(log_t), axis=1)[np.arange(200), labels]

        expected = minimize_scalar(nll, bounds=(-3, 3), method="bounded", options={"xatol": 1e-10})
        fitted = fit_temperature(logits, labels, target_prior=prior)
        np.testing.assert_allclose(fitted.value, np.exp(expected.x), rtol=1e-6)
        np.testing.assert_allclose([fitted.nll_before, fitted.nll_after], [nll(0), expected.fun], rtol=1e-12)


def test_scaled_logits_scale_the_temperature() -> None:
    logits, labels = noisy_logits(100, 6, 0)
    first, second = fit_temperature(logits, labels), fit_temperature(37 * logits, labels)
    np.testing.assert_allclose(second.value, 37 * first.value, rtol=1e-9)


def test_a_target_prior_weighs_as_repeated_images_do() -> None:
    # Prior (3, 1) over one image of class 0 and one of class 1 equals three images of class 0 and one of class 1.
    logits = np.array([[2.0, 0.0], [2.0, 0.0]])
    fitted = fit_temperature(logits, np.array([0, 1]), target_prior=[3, 1])
    np.testing.assert_allclose(fitted.value, 2 / math.log(3), rtol=1e-10)


def test_prior_weights_sum_to_the_shares_of_present_classes() -> None:
    labels = np.array([0, 0, 0, 1, 3, 3])
    weights = prior_weights(labels, 4, [0.5, 0.1, 0.2, 0.2])
    np.testing.assert_allclose(np.bincount(labels, weights, minlength=4), np.array([0.5, 0.1, 0, 0.2]) / 0.8)


def test_a_group_with_thirty_predicted_images_gets_its_own_temperature() -> None:
    # Classes 0 to 2 are predicted 40, 30 and 29 times, class 3 never; gaps are calibrated at T = 2, 4 per class.
    predicted = np.repeat([0, 2, 3], [40, 30, 29])
    logits = np.zeros((99, 4))
    logits[:, :] = -1e4
    logits[np.arange(99), predicted] = np.repeat([2 * math.log(3), 4 * math.log(2), 1.0], [40, 30, 29])
    logits[np.arange(99), 1] = 0.0
    labels = np.repeat([0, 1, 2, 1, 3, 1], [30, 10, 20, 10, 20, 9])
    fitted = fit_group_temperatures(logits, labels, COUNTS)
    assert fitted.images == {"many": 40, "medium": 30, "few": 29}
    assert fitted.common_groups == ("few",)
    np.testing.assert_allclose(fitted.groups["many"].value, 2, rtol=1e-9)
    np.testing.assert_allclose(fitted.groups["medium"].value, 4, rtol=1e-9)
    common = fit_temperature(logits, labels)
    assert fitted.common == common
    np.testing.assert_allclose(fitted.by_class, [2, 2, 4, common.value], rtol=1e-9)
    np.testing.assert_array_equal(fitted.of_images(np.array([3, 0])), [common.value, fitted.groups["many"].value])
    assert fitted.of_images(np.zeros(0, dtype=int)).shape == (0,)


def test_group_temperatures_lower_the_loss_and_change_no_prediction() -> None:
    logits, labels = noisy_logits(2000, 4, 3)
    logits[labels == 3] *= 2
    fitted = fit_group_temperatures(logits, labels, COUNTS, target_prior=[1, 1, 1, 1])
    predicted = logits.argmax(axis=1)
    log_probs = log_probabilities(logits, fitted.of_images(predicted))
    np.testing.assert_array_equal(log_probs.argmax(axis=1), predicted)
    weights = prior_weights(labels, 4, [1, 1, 1, 1])
    assert -weights @ log_probs[np.arange(2000), labels] < fitted.common.nll_after
    assert not fitted.common_groups


def test_images_without_share_in_the_prior_do_not_count_for_a_group() -> None:
    logits, labels = noisy_logits(400, 4, 4)
    fitted = fit_group_temperatures(logits, labels, COUNTS, target_prior=[0, 0, 0, 1])
    predicted = logits.argmax(axis=1)
    assert fitted.images["many"] == np.count_nonzero((labels == 3) & (predicted < 2))
    assert fitted.common.images == np.count_nonzero(labels == 3)


def test_a_result_is_frozen_and_tensors_are_read() -> None:
    logits, labels = noisy_logits(50, 3, 5)
    fitted = fit_temperature(torch.tensor(logits), torch.tensor(labels))
    assert fitted == fit_temperature(logits, labels)
    with pytest.raises(dataclasses.FrozenInstanceError):
        fitted.value = 1.0  # type: ignore[misc]


def test_bounds_are_reported() -> None:
    assert fit_temperature(5 * np.eye(2), np.array([0, 1])).at_bound
    assert fit_temperature(5 * np.eye(2), np.array([1, 0])).at_bound
    one_class = fit_temperature(np.array([[3.0]]), np.array([0]))
    assert (one_class.value, one_class.at_bound) == (1.0, False)


def test_wrong_values_are_refused() -> None:
    logits, labels = np.zeros((2, 3)), np.array([0, 2])
    with pytest.raises(DataError, match=r"labels must have shape \(2,\)"):
        fit_temperature(logits, labels[:1])
    with pytest.raises(DataError, match="logits of image 0 are not finite"):
        fit_temperature(logits + np.nan, labels)
    with pytest.raises(DataError, match="labels is empty"):
        fit_temperature(logits[:0], labels[:0])
    with pytest.raises(DataError, match=r"target_prior must have shape \(3,\), got \(2,\)"):
        fit_temperature(logits, labels, target_prior=[1, 1])
    with pytest.raises(DataError, match="target_prior must hold finite numbers of 0 or more"):
        fit_temperature(logits, labels, target_prior=[1, -1, 1])
    with pytest.raises(DataError, match="no validation image has a class"):
        fit_temperature(logits, labels, target_prior=[0, 1, 0])
    with pytest.raises(DataError, match=r"class_counts must have shape \(3,\)"):
        fit_group_temperatures(logits, labels, [1, 2])
    with pytest.raises(DataError, match="predicted must be a tensor or an array of integers, got list"):
        fit_group_temperatures(logits, labels, [1, 2, 3]).of_images([0])


def test_many_classes_are_fitted_in_chunks() -> None:
    logits, labels = noisy_logits(1000, 8142, 6)
    logits = logits.astype(np.float32)
    tracemalloc.start()
    fitted = fit_group_temperatures(logits, labels, np.full(8142, 500))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6  # bytes; the logits in float64 would take 65 MB
    assert fitted.common_groups == ("medium", "few")
    assert 0.1 < fitted.common.value < 10
