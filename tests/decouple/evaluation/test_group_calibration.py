import numpy as np
import pytest

from decouple.errors import DataError
from decouple.evaluation.calibration import expected_calibration_error
from decouple.evaluation.group_calibration import calibration_errors, equal_mass_calibration_error


def test_sixteen_images_by_hand() -> None:
    # Bins end at ranks ceil(16 b / 15) = 2, 3, ..., 16: the two lowest images share a bin, the others are alone.
    confidence = np.arange(1, 17) / 20
    correct = np.zeros(16, dtype=bool)
    correct[0] = True
    alone = confidence[2:].sum()
    np.testing.assert_allclose(equal_mass_calibration_error(confidence, correct), (abs(1 - 0.15) + alone) / 16)


def test_fewer_images_than_bins_stand_alone() -> None:
    value = equal_mass_calibration_error(np.array([0.5, 0.51]), np.array([True, False]))
    np.testing.assert_allclose(value, (0.5 + 0.51) / 2)
    np.testing.assert_allclose(equal_mass_calibration_error(np.array([0.25]), np.array([True])), 0.75)


@pytest.mark.parametrize("num_images", [15, 150, 997])
def test_without_ties_equals_a_loop_over_sorted_images(num_images: int) -> None:
    rng = np.random.default_rng(num_images)
    confidence = rng.uniform(size=num_images)
    correct = rng.random(num_images) < confidence
    order, total = np.argsort(confidence), 0.0
    for b in range(15):
        images = order[-(-b * num_images // 15) : -(-(b + 1) * num_images // 15)]
        total += abs(correct[images].sum() - confidence[images].sum())
    np.testing.assert_allclose(equal_mass_calibration_error(confidence, correct), total / num_images)


def test_ties_do_not_depend_on_the_order_of_images() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.integers(1, 5, 200) / 4
    correct = rng.random(200) < 0.5
    expected = sum(abs((correct - confidence)[confidence == level].sum()) for level in (0.25, 0.5, 0.75, 1)) / 200
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(200)
        np.testing.assert_allclose(equal_mass_calibration_error(confidence[order], correct[order]), expected)


def test_groups_are_those_of_the_true_class() -> None:
    rng = np.random.default_rng(1)
    confidence, labels = rng.uniform(size=300), rng.integers(0, 3, 300)
    correct = rng.random(300) < 0.7
    errors = calibration_errors(confidence, correct, labels, [500, 30, 400])
    many = labels != 1
    assert errors["all"]
    assert errors["many"]
    assert errors["medium"]
    assert errors["many"].equal_width == expected_calibration_error(confidence[many], correct[many])
    assert errors["medium"].equal_mass == equal_mass_calibration_error(confidence[~many], correct[~many])
    assert errors["all"].images == 300 == errors["many"].images + errors["medium"].images
    assert errors["few"] is None


def test_wrong_values_are_refused() -> None:
    confidence, correct = np.array([0.5, 0.5]), np.array([True, False])
    with pytest.raises(DataError, match="confidence must be between 0 and 1"):
        equal_mass_calibration_error(confidence + 1, correct)
    with pytest.raises(DataError, match="at least one image"):
        equal_mass_calibration_error(confidence[:0], correct[:0])
    with pytest.raises(DataError, match="labels must be between 0 and 1, got 2"):
        calibration_errors(confidence, correct, np.array([0, 2]), [5, 5])
    with pytest.raises(DataError, match=r"correct must have shape \(2,\)"):
        calibration_errors(confidence, correct[:1], np.array([0, 1]), [5, 5])
