import numpy as np
import pytest
import torch
from scipy.stats import binomtest

from decouple.errors import ConfigError, DataError
from decouple.evaluation.recall_intervals import recall_intervals


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_every_small_class_equals_scipy(level: float) -> None:
    correct, images = np.array([(k, n) for n in range(1, 25) for k in range(n + 1)]).T
    for interval, k, n in zip(recall_intervals(correct, images, level=level), correct, images, strict=True):
        expected = binomtest(int(k), int(n)).proportion_ci(level, method="wilson")
        np.testing.assert_allclose([interval.low, interval.high], [100 * expected.low, 100 * expected.high], atol=1e-9)
        assert interval.recall == 100 * k / n
        assert 0 <= interval.low <= 100 * k / n <= interval.high <= 100


def test_ends_solve_the_quadratic_by_hand() -> None:
    # 4 of 4 correct with z: 1 - p = z sqrt(p (1 - p) / 4), so p = 4 / (4 + z^2).
    (interval,) = recall_intervals(np.array([4]), np.array([4]))
    np.testing.assert_allclose(interval.low, 100 * 4 / (4 + 1.959964**2), rtol=1e-6)
    assert interval.high == 100


def test_a_class_without_images_is_unknown() -> None:
    (interval,) = recall_intervals(np.array([0]), np.array([0]))
    assert (interval.recall, interval.low, interval.high, interval.images) == (None, 0, 100, 0)
    assert interval.few_images


def test_the_mark_ends_at_ten_images() -> None:
    assert [interval.few_images for interval in recall_intervals(np.array([9, 0]), np.array([9, 10]))] == [True, False]


def test_the_interval_covers_the_recall_about_as_often_as_its_level() -> None:
    rng = np.random.default_rng(0)
    recall = rng.uniform(size=4000)
    intervals = recall_intervals(rng.binomial(8, recall), np.full(4000, 8))
    covered = np.mean([row.low <= 100 * p <= row.high for row, p in zip(intervals, recall, strict=True)])
    assert abs(covered - 0.95) < 0.02


def test_many_classes_and_tensors() -> None:
    images = torch.arange(8142)
    intervals = recall_intervals(images // 2, images)
    assert len(intervals) == 8142
    assert intervals == recall_intervals((images // 2).numpy(), images.numpy())


def test_wrong_values_are_refused() -> None:
    images = np.array([2, 3])
    with pytest.raises(DataError, match="correct must be between 0 and images in every class"):
        recall_intervals(np.array([3, 3]), images)
    with pytest.raises(DataError, match="correct must be between 0 and images"):
        recall_intervals(np.array([-1, 3]), images)
    with pytest.raises(DataError, match=r"images must have shape \(1,\), got \(2,\)"):
        recall_intervals(np.array([1]), images)
    with pytest.raises(DataError, match="correct must hold integers"):
        recall_intervals(np.array([0.5, 1.0]), images)
    with pytest.raises(ConfigError, match=r"level must be above 0 and below 1, got 95; 0\.95 is usual"):
        recall_intervals(images, images, level=95)
