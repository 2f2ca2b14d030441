import numpy as np
import pytest
import torch
from scipy.special import log_softmax

from decouple.errors import ConfigError, DataError
from decouple.evaluation import log_probabilities as module
from decouple.evaluation.log_probabilities import as_labels, as_log_probabilities, as_logits, log_probabilities


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_equals_scipy_with_one_temperature_for_each_image(dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    logits = (5 * rng.normal(size=(50, 7))).astype(dtype)
    temperature = rng.uniform(0.2, 5, 50)
    expected = log_softmax(logits.astype(np.float64) / temperature[:, None], axis=1)
    np.testing.assert_allclose(log_probabilities(logits, temperature), expected, atol=1e-12)
    monkeypatch.setattr(module, "SCORES_CHUNK", 21)  # three rows at a time
    np.testing.assert_allclose(log_probabilities(logits, temperature), expected, atol=1e-12)


def test_extreme_logits_stay_finite() -> None:
    log_probs = log_probabilities(np.array([[1e4, -1e4, 0]]), 0.001)
    np.testing.assert_array_equal(log_probs, [[0, -2e7, -1e7]])


def test_a_tensor_of_16_bits_is_read() -> None:
    assert np.exp(log_probabilities(torch.zeros(2, 4, dtype=torch.bfloat16))).tolist() == [[0.25] * 4] * 2


def test_no_image_and_one_class() -> None:
    assert log_probabilities(np.zeros((0, 3))).shape == (0, 3)
    assert log_probabilities(np.array([[3.0]])).tolist() == [[0.0]]


@pytest.mark.parametrize("temperature", [0.0, -1.0, np.nan, np.inf, [1.0, 0.0]])
def test_a_wrong_temperature_is_refused(temperature) -> None:
    with pytest.raises(ConfigError, match=r"temperature must be between 0\.001 and 1e\+06"):
        log_probabilities(np.zeros((2, 3)), temperature)


def test_wrong_arrays_are_refused() -> None:
    with pytest.raises(DataError, match=r"temperature must have shape \(2,\), got \(3,\)"):
        log_probabilities(np.zeros((2, 3)), np.ones(3))
    with pytest.raises(DataError, match=r"logits must have shape \(N, C\), got \(3,\)"):
        as_logits(np.zeros(3))
    with pytest.raises(DataError, match="1 class or more"):
        as_logits(np.zeros((3, 0)))
    with pytest.raises(DataError, match="logits of image 1 are not finite"):
        as_logits(np.array([[0, 1], [np.inf, 0]], dtype=np.float32))
    with pytest.raises(DataError, match="log_probabilities must be 0 or less, got 2 for image 1"):
        as_log_probabilities(np.array([[0.0, -1.0], [2.0, 0.0]]))
    with pytest.raises(DataError, match="got nan for image 0"):
        as_log_probabilities(np.array([[np.nan, -1.0]]))
    with pytest.raises(DataError, match="labels must be between 0 and 2, got 3"):
        as_labels(np.array([0, 3]), 2, 3)
    with pytest.raises(DataError, match="at least one image"):
        as_labels(np.zeros(0, dtype=int), 0, 3)


def test_impossible_classes_are_allowed_in_log_probabilities() -> None:
    assert as_log_probabilities(np.array([[0.0, -np.inf]])).tolist() == [[0.0, -np.inf]]
