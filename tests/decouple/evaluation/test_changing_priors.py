import numpy as np
import pytest

from decouple.class_counts import longtail_counts
from decouple.errors import ConfigError, DataError
from decouple.evaluation.changing_priors import FORWARD_RATIOS, accuracy_under_priors, profile_prior


def test_two_classes_by_hand() -> None:
    result = accuracy_under_priors([90.0, 40.0], [500, 5])
    expected = {
        "forward-50": (50 * 90 + 40) / 51,
        "forward-10": (10 * 90 + 40) / 11,
        "uniform": 65,
        "backward-10": (90 + 10 * 40) / 11,
        "backward-50": (90 + 50 * 40) / 51,
    }
    assert list(result.accuracies) == list(expected)
    np.testing.assert_allclose(list(result.accuracies.values()), list(expected.values()))
    assert result.absent_classes == ()


def test_the_forward_prior_is_the_exponential_profile() -> None:
    counts = longtail_counts("exp", 10, 10**9, 50)
    np.testing.assert_allclose(profile_prior(counts, 50), counts / counts.sum(), rtol=1e-6)


@pytest.mark.parametrize("ratio", [1, 3.5, 50])
def test_backward_is_forward_in_reverse_order(ratio: float) -> None:
    counts = np.array([1000, 300, 100, 20, 7])
    np.testing.assert_allclose(profile_prior(counts, 1 / ratio), profile_prior(counts, ratio)[::-1])


def test_the_order_follows_the_training_images_not_the_labels() -> None:
    counts, recalls = np.array([500, 100, 20, 5]), np.array([90.0, 70.0, 50.0, 10.0])
    order = np.array([2, 0, 3, 1])
    expected = accuracy_under_priors(recalls.tolist(), counts)
    shuffled = accuracy_under_priors(recalls[order].tolist(), counts[order])
    np.testing.assert_allclose(list(shuffled.accuracies.values()), list(expected.accuracies.values()))


def test_of_equal_classes_the_lower_index_comes_first() -> None:
    np.testing.assert_allclose(profile_prior(np.array([5, 5, 9], dtype=np.uint8), 4), np.array([2, 1, 4]) / 7)


@pytest.mark.parametrize("seed", range(5))
def test_equals_counting_the_hits_of_a_resampled_test_set(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts, recall = rng.permutation([800, 200, 40, 9]), rng.uniform(size=4)
    labels = rng.choice(4, 400_000, p=profile_prior(counts, 10))
    hits = rng.random(400_000) < recall[labels]
    accuracy = accuracy_under_priors((100 * recall).tolist(), counts).accuracies["forward-10"]
    assert abs(accuracy - 100 * hits.mean()) < 0.4  # five standard errors


def test_uniform_is_the_balanced_accuracy_and_equal_recalls_are_the_accuracy_of_every_prior() -> None:
    rng = np.random.default_rng(0)
    recalls, counts = rng.uniform(0, 100, 8142), rng.integers(2, 1000, 8142)
    np.testing.assert_allclose(accuracy_under_priors(recalls.tolist(), counts).accuracies["uniform"], recalls.mean())
    equal = accuracy_under_priors([60.0] * 8142, counts)
    np.testing.assert_allclose(list(equal.accuracies.values()), 60)


def test_absent_classes_are_left_out_and_listed() -> None:
    # Ranks 0 and 2 of three classes: the shares 50 : 1 stay as they are among three.
    result = accuracy_under_priors([80.0, None, 20.0], [100, 50, 10])
    assert result.absent_classes == (1,)
    np.testing.assert_allclose(result.accuracies["forward-50"], (50 * 80 + 20) / 51)
    assert accuracy_under_priors([None, 30.0], [5, 5]).accuracies == pytest.approx(dict.fromkeys(FORWARD_RATIOS, 30.0))


def test_one_class() -> None:
    assert accuracy_under_priors([30.0], [5]).accuracies == dict.fromkeys(FORWARD_RATIOS, 30.0)


def test_wrong_values_are_refused() -> None:
    with pytest.raises(DataError, match=r"recalls must have shape \(3,\), got \(2,\)"):
        accuracy_under_priors([1.0, 2.0], [1, 2, 3])
    with pytest.raises(DataError, match="no class with test images"):
        accuracy_under_priors([None, None], [1, 2])
    with pytest.raises(DataError, match="between 0 and 100 percent, got 101 for class 1"):
        accuracy_under_priors([1.0, 101.0], [1, 2])
    with pytest.raises(DataError, match="got nan for class 0"):
        accuracy_under_priors([float("nan"), 1.0], [1, 2])
    with pytest.raises(ConfigError, match="ratio must be above 0"):
        profile_prior([1, 2], 0)
