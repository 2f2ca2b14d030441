import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import roc_auc_score

from decouple.evaluation.predictions import read_predictions
from decouple.evaluation.ranking import one_vs_rest_auc


def _auc(scores: np.ndarray, labels: np.ndarray) -> float | None:
    read = read_predictions(scores, labels)
    return one_vs_rest_auc(scores, read.top_logit, read.log_sum, labels)


def test_by_hand() -> None:
    # Class 1 against 0, by the second logit: the positives 2 and 0 meet the negatives 0 and -1. 2 beats both (1),
    # 0 ties one and beats one (3/4); mean 7/8. With two classes the other column is the mirror image.
    scores = np.array([[0.0, 2], [0, 0], [0, 0], [0, -1]])
    assert _auc(scores, np.array([1, 1, 0, 0])) == 7 / 8


def test_no_information_is_one_half() -> None:
    assert _auc(np.zeros((4, 2)), np.array([0, 1, 1, 1])) == 0.5


def test_a_constant_added_to_a_row_changes_no_tie() -> None:
    # Every row is the same distribution, so everything ties, though (row + 0.1) - logsumexp would round apart.
    scores = np.tile([1.0, 2.0, 4.0], (64, 1)) + np.arange(64)[:, None] * 8
    assert _auc(scores, np.arange(64) % 3) == 0.5


@pytest.mark.parametrize("num_classes", [2, 3, 10])
@pytest.mark.parametrize("distinct_rows", [20, 300])
def test_equals_sklearn(num_classes: int, distinct_rows: int) -> None:
    rng = np.random.default_rng(num_classes)
    scores = rng.normal(size=(distinct_rows, num_classes))[np.arange(300) % distinct_rows]  # 20: a great many ties
    labels = rng.integers(0, num_classes, 300)
    probabilities = softmax(scores, axis=1)
    entry = [roc_auc_score(labels == c, probabilities[:, c]) for c in range(num_classes)]
    assert _auc(scores, labels) == pytest.approx(np.mean(entry), abs=1e-12)


def test_blocks_and_tiles_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    scores, labels = rng.normal(size=(100, 11)).astype(np.float32), rng.integers(0, 11, 100)
    complete = _auc(scores, labels)
    monkeypatch.setattr("decouple.evaluation.ranking.SCORES_CHUNK", 300)
    monkeypatch.setattr("decouple.evaluation.ranking.TILE_ROWS", 7)
    assert _auc(scores, labels) == complete


def test_classes_without_image_are_left_out() -> None:
    rng = np.random.default_rng(2)
    scores, labels = rng.normal(size=(60, 4)), rng.choice([0, 2], 60)
    probabilities = softmax(scores, axis=1)
    expected = [roc_auc_score(labels == c, probabilities[:, c]) for c in (0, 2)]
    assert _auc(scores, labels) == pytest.approx(np.mean(expected), abs=1e-12)


def test_one_class_alone_has_no_auc() -> None:
    assert _auc(np.zeros((3, 2)), np.array([1, 1, 1])) is None
