import numpy as np
import pytest
from scipy.special import log_softmax

from decouple.errors import DataError
from decouple.evaluation.predictions import read_predictions


def test_by_hand() -> None:
    # Row 0: softmax of (ln 3, 0) is (3/4, 1/4); label 1 is second and costs ln 4; log_sum = ln(1 + 1/3).
    read = read_predictions(np.array([[np.log(3), 0.0]]), np.array([1]))
    assert (read.predicted.tolist(), read.label_rank.tolist()) == ([0], [1])
    np.testing.assert_allclose([read.top_logit[0], read.log_sum[0], read.nll[0]], np.log([3, 4 / 3, 4]), atol=1e-15)


def test_of_equal_scores_the_lower_class_comes_first() -> None:
    scores = np.zeros((3, 3))
    read = read_predictions(scores, np.array([0, 1, 2]))
    assert read.predicted.tolist() == [0, 0, 0]
    assert read.label_rank.tolist() == [0, 1, 2]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_chunks_agree_with_scipy_on_the_whole(dtype: type[np.floating], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("decouple.evaluation.predictions.SCORES_CHUNK", 7 * 9)  # 9 rows, the last chunk short
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 5, (50, 7)).astype(dtype)
    labels = rng.integers(0, 7, 50)
    read = read_predictions(scores, labels)
    expected = log_softmax(scores.astype(np.float64), axis=1)
    order = np.argsort(-scores.astype(np.float64), axis=1, kind="stable")
    assert read.predicted.tolist() == order[:, 0].tolist()
    assert read.label_rank.tolist() == [row.tolist().index(label) for row, label in zip(order, labels, strict=True)]
    np.testing.assert_allclose(read.nll, -expected[np.arange(50), labels], atol=1e-12)
    np.testing.assert_allclose(scores - (read.top_logit + read.log_sum)[:, None], expected, atol=1e-12)


def test_large_logits_neither_overflow_nor_lose_the_difference() -> None:
    # Softmax of (0, -2) wherever the pair lies: label 1 costs 2 + ln(1 + e^-2).
    for offset in (-1e4, 0.0, 1e4):
        read = read_predictions(np.array([[0.0, -2.0]]) + offset, np.array([1]))
        np.testing.assert_allclose(read.nll, [2 + np.log1p(np.exp(-2))], rtol=1e-12)
    assert read_predictions(np.array([[1e4, -1e4]]), np.array([1])).nll.tolist() == [2e4]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_not_finite_names_its_image(bad: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("decouple.evaluation.predictions.SCORES_CHUNK", 4)
    scores = np.zeros((6, 2))
    scores[3, 1] = bad
    with pytest.raises(DataError, match="image 3 are not finite"):
        read_predictions(scores, np.zeros(6, dtype=np.int64))
