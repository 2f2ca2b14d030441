import numpy as np
import pytest
import torch
from scipy.stats import binomtest

from decouple.errors import ConfigError, DataError
from decouple.evaluation.statistics import bootstrap_intervals, compare_paired, holm_adjusted, mcnemar_p, mean_and_std


def _images(correct: np.ndarray, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (right, labels) of single images that add up to the given counts."""
    labels = np.repeat(np.arange(len(images)), images)
    expected_correct = np.concatenate([np.arange(n) < k for k, n in zip(correct, images, strict=True)])
    return expected_correct, labels


def _resample_images(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the indices of one class-stratified resample, drawn image by image."""
    return np.concatenate([rng.choice(np.flatnonzero(labels == c), (labels == c).sum()) for c in np.unique(labels)])


def test_interval_equals_a_bootstrap_over_images() -> None:
    correct, images = np.array([90, 30, 4]), np.array([100, 50, 10])
    expected_correct, labels = _images(correct, images)
    rng = np.random.default_rng(1)
    draws = []
    for _ in range(2000):
        chosen = expected_correct[_resample_images(labels, rng)]  # class by class, so the slices below are the classes
        draws.append([chosen.mean(), np.mean([part.mean() for part in np.split(chosen, [100, 150])])])
    weights = np.array([[1 / 160] * 3, [1 / 300, 1 / 150, 1 / 30]])
    intervals = bootstrap_intervals(correct, images, weights, resamples=20_000)
    # A quantile of 2,000 draws at 2.5 % has a standard error of about 0.06 sd; sds here are 0.029 and 0.056.
    np.testing.assert_allclose(intervals, np.quantile(draws, [0.025, 0.975], axis=0).T, atol=0.014)


def test_interval_of_one_class_is_the_binomial_one() -> None:
    # 50 of 100 right: the resampled accuracy is Binomial(100, 1/2) / 100, with 2.5 % at .40 and 97.5 % at .60.
    intervals = bootstrap_intervals(np.array([50]), np.array([100]), np.array([[0.01]]), resamples=20_000)
    np.testing.assert_allclose(intervals, [[0.40, 0.60]], atol=0.0101)


def test_classes_without_spread_or_images_add_none() -> None:
    intervals = bootstrap_intervals(np.array([5, 0, 0]), np.array([5, 5, 0]), np.array([[0.1, 0.1, 0.0]]))
    np.testing.assert_allclose(intervals, [[0.5, 0.5]])


def test_batches_hold_the_right_number_of_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    correct, images, weights = np.array([3, 8]), np.array([10, 10]), np.array([[0.05, 0.05]])
    complete = bootstrap_intervals(correct, images, weights)
    monkeypatch.setattr("decouple.evaluation.statistics.DRAWS_CHUNK", 2 * 7)  # 1000 = 142 * 7 + 6
    np.testing.assert_array_equal(bootstrap_intervals(correct, images, weights), complete)


def test_the_seed_decides_the_interval() -> None:
    correct, images, weights = np.array([333, 777]), np.array([1000, 1000]), np.array([[0.0005, 0.0005]])
    first, again, other = (bootstrap_intervals(correct, images, weights, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_paired_difference_by_hand() -> None:
    # Class 0: A right on 4 of 4, B on 3; class 1: A on 0 of 1, B on 1. Top-1: 4/5 - 4/5 = 0.
    # Balanced: (1 - 3/4 + 0 - 1) / 2 = -37.5 points. One discordant image each, so p = 1.
    a, b = np.array([1, 1, 1, 1, 0], dtype=bool), np.array([1, 1, 1, 0, 1], dtype=bool)
    result = compare_paired(a, b, np.array([0, 0, 0, 0, 1]))
    assert (result["top1"], result["balanced"]) == (0.0, -37.5)
    assert (result["only_a"], result["only_b"], result["mcnemar_p"]) == (1, 1, 1.0)


def test_paired_interval_equals_a_bootstrap_over_images() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 2, 5], [200, 80, 20])  # gaps in the labels are fine
    a, b = rng.random(300) < 0.6, rng.random(300) < 0.5
    gain = a.astype(float) - b
    draws = []
    for _ in range(2000):
        chosen = gain[_resample_images(labels, rng)]
        draws.append([chosen.mean(), np.mean([part.mean() for part in np.split(chosen, [200, 280])])])
    expected = 100 * np.quantile(draws, [0.025, 0.975], axis=0).T
    result = compare_paired(a, b, labels, resamples=20_000)
    # Standard deviations are about 4 and 6 points, so a quantile of 2,000 draws is good to about 0.4.
    np.testing.assert_allclose(result["top1_interval"], expected[0], atol=1.2)
    np.testing.assert_allclose(result["balanced_interval"], expected[1], atol=1.5)
    assert result["mcnemar_p"] == pytest.approx(binomtest(result["only_a"], result["only_a"] + result["only_b"]).pvalue)


def test_a_method_against_itself_differs_nowhere() -> None:
    expected_correct = np.array([True, False, True])
    result = compare_paired(expected_correct, expected_correct, np.array([0, 0, 1]))
    assert result["top1_interval"] == result["balanced_interval"] == [0.0, 0.0]
    assert result["mcnemar_p"] == 1.0


def test_swapping_the_methods_swaps_the_sign() -> None:
    rng = np.random.default_rng(3)
    a, b, labels = rng.random(50) < 0.7, rng.random(50) < 0.5, rng.integers(0, 4, 50)
    there, back = compare_paired(a, b, labels), compare_paired(b, a, labels)
    assert there["top1"] == -back["top1"]
    assert there["mcnemar_p"] == back["mcnemar_p"]


def test_unpaired_input_is_refused() -> None:
    expected_correct = np.array([True, False])
    with pytest.raises(DataError, match="same images"):
        compare_paired(expected_correct, expected_correct[:1], np.array([0, 1]))
    with pytest.raises(DataError, match="at least one"):
        compare_paired(expected_correct[:0], expected_correct[:0], np.array([], dtype=np.int64))


def test_mcnemar_by_hand() -> None:
    # 1 against 5 of 6: 2 * (C(6,0) + C(6,1)) / 2^6 = 14/64.
    assert mcnemar_p(1, 5) == pytest.approx(14 / 64, abs=1e-15)
    assert mcnemar_p(0, 0) == 1.0


@pytest.mark.parametrize(
    ("only_a", "only_b"),
    [(1, 0), (0, 7), (5, 5), (5, 6), (12, 40), (500, 610), (20_000, 20_700), (100_000, 130_000), (700_000, 703_000)],
)
def test_mcnemar_equals_scipy(only_a: int, only_b: int) -> None:
    expected = binomtest(only_a, only_a + only_b).pvalue
    assert mcnemar_p(only_a, only_b) == pytest.approx(expected, rel=1e-7, abs=1e-300)
    assert mcnemar_p(only_b, only_a) == mcnemar_p(only_a, only_b)


def test_mcnemar_of_negative_counts_is_refused() -> None:
    with pytest.raises(DataError, match="0 or more"):
        mcnemar_p(-1, 3)


def test_mean_and_sample_standard_deviation() -> None:
    # 1, 2, 3: deviations -1, 0, 1; 2 / (3 - 1) = 1.
    assert mean_and_std([1.0, 2.0, 3.0]) == (2.0, 1.0)
    assert mean_and_std([70.5]) == (70.5, None)
    with pytest.raises(DataError, match="at least one"):
        mean_and_std([])


def test_holm_by_hand() -> None:
    # Ascending: 0.01, 0.02, 0.03, 0.04 times 4, 3, 2, 1 are 0.04, 0.06, 0.06, 0.04; the last must not fall below 0.06.
    assert holm_adjusted([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm_adjusted([0.6, 0.7]) == [1.0, 1.0]
    assert holm_adjusted([0.03]) == [0.03]
    assert holm_adjusted([]) == []
    with pytest.raises(DataError, match="0 to 1"):
        holm_adjusted([0.5, 1.5])


def test_wrong_counts_are_refused() -> None:
    correct, images, weights = np.array([1, 2]), np.array([3, 4]), np.array([[0.1, 0.1]])
    with pytest.raises(DataError, match=r"images must have shape \(2,\), got \(1,\)"):
        bootstrap_intervals(correct, images[:1], weights)
    with pytest.raises(DataError, match=r"weights must have shape \(K, 2\), got \(2,\)"):
        bootstrap_intervals(correct, images, weights[0])
    with pytest.raises(DataError, match="correct must be between 0 and images in every class"):
        bootstrap_intervals(images, correct, weights)
    with pytest.raises(ConfigError, match="resamples must be 1 or more, got 0"):
        bootstrap_intervals(correct, images, weights, resamples=0)
    with pytest.raises(ConfigError, match=r"only_a must be a whole number, got 1\.5"):
        mcnemar_p(1.5, 2)  # type: ignore[arg-type]


def test_a_paired_comparison_takes_tensors_and_refuses_other_types() -> None:
    a, b, labels = torch.tensor([True, False, True]), torch.tensor([True, True, False]), torch.tensor([0, 0, 1])
    assert compare_paired(a, b, labels) == compare_paired(a.numpy(), b.numpy(), labels.numpy())
    with pytest.raises(DataError, match="correct_b must hold True and False, got float32"):
        compare_paired(a, b.float(), labels)
    with pytest.raises(DataError, match="labels must be a tensor or an array of integers, got list"):
        compare_paired(a, b, [0, 0, 1])  # type: ignore[arg-type]
