import numpy as np
import pytest
import torch

from decouple.errors import DataError
from decouple.evaluation.calibration import expected_calibration_error


def test_by_hand() -> None:
    # 1.0 is in (14/15, 1], 0.9 in (13/15, 14/15], 0.5 in (7/15, 8/15]: |1 - 1| + |0 - 0.9| + |1 - 0.5|,
    # each a third of the images.
    value = expected_calibration_error(np.array([1.0, 0.9, 0.5]), np.array([True, False, True]))
    np.testing.assert_allclose(value, (0 + 0.9 + 0.5) / 3)


def test_errors_of_opposite_sign_cancel_inside_a_bin_only() -> None:
    # Same bin, one right and one wrong at 0.5: accuracy 0.5 = confidence 0.5.
    assert expected_calibration_error(np.array([0.5, 0.5]), np.array([True, False])) == 0


def test_a_bin_holds_its_right_edge() -> None:
    # 0.6 = 9/15 falls in (8/15, 9/15] with 0.55, not in the next bin with 0.65; 0.6 * 15 is not exact in binary.
    confidence, expected_correct = np.array([0.55, 0.6, 0.65]), np.array([True, False, True])
    expected = abs(1 - 1.15) / 3 + abs(1 - 0.65) / 3
    np.testing.assert_allclose(expected_calibration_error(confidence, expected_correct), expected)


def test_equals_a_loop_over_bins() -> None:
    rng = np.random.default_rng(0)
    confidence = np.concatenate([rng.uniform(0.05, 1, 500), np.arange(1, 16) / 15])
    expected_correct = rng.random(515) < confidence
    total = 0.0
    for b in range(15):
        inside = (confidence > b / 15) & (confidence <= (b + 1) / 15)
        if inside.any():
            total += inside.mean() * abs(expected_correct[inside].mean() - confidence[inside].mean())
    np.testing.assert_allclose(expected_calibration_error(confidence, expected_correct), total, rtol=1e-12)


def test_tensors_are_read_and_wrong_values_refused() -> None:
    confidence, correct = torch.tensor([0.9, 0.9, 0.6]), torch.tensor([True, False, True])
    expected = expected_calibration_error(confidence.numpy(), correct.numpy())
    assert expected_calibration_error(confidence, correct) == expected
    with pytest.raises(DataError, match=r"confidence must be between 0 and 1, got 1\.5"):
        expected_calibration_error(confidence + 0.6, correct)
    with pytest.raises(DataError, match=r"correct must have shape \(3,\), got \(2,\)"):
        expected_calibration_error(confidence, correct[:2])
    with pytest.raises(DataError, match="correct must hold True and False, got int64"):
        expected_calibration_error(confidence, correct.long())
    with pytest.raises(DataError, match="at least one image"):
        expected_calibration_error(confidence[:0], correct[:0])
