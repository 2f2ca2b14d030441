"""ROC curves by hand, and their areas against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from decouple.evaluation.roc import GRID, class_roc, group_roc


def test_a_perfect_ranking_reaches_one_at_once() -> None:
    assert class_roc(np.array([0.9, 0.8, 0.2]), np.array([True, True, False])).tolist() == [1.0] * len(GRID)


def test_rates_by_hand() -> None:
    # From the largest score: +, -, +, -; so 1/2 up to a rate of 1/2, then 1.
    rates = class_roc(np.array([0.9, 0.7, 0.5, 0.3]), np.array([True, False, True, False]))
    assert rates[0] == 0.5
    assert rates[GRID == 0.25] == pytest.approx([0.5])
    assert rates[GRID == 0.75] == pytest.approx([1.0])


def test_equal_scores_give_the_diagonal() -> None:
    np.testing.assert_allclose(class_roc(np.zeros(4), np.array([True, False, True, False])), GRID)


def test_the_mean_over_the_classes_of_a_group() -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.random((200, 4)), rng.integers(0, 3, 200)
    scores[np.arange(200), labels] += 0.3
    curve = group_roc(scores, labels, [0, 2, 3])  # class 3 has no image
    assert curve is not None
    assert curve.classes == 2
    assert curve.auc == pytest.approx(np.mean([roc_auc_score(labels == c, scores[:, c]) for c in (0, 2)]))
    expected = (class_roc(scores[:, 0], labels == 0) + class_roc(scores[:, 2], labels == 2)) / 2
    np.testing.assert_allclose(curve.true_positives, expected)
    assert group_roc(scores, labels, [3]) is None
