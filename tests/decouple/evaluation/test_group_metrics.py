"""Metrics of class groups against scikit-learn on the same images, and against `evaluate` where both say the same."""

import math

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.metrics import f1_score, precision_score

from decouple.errors import DataError
from decouple.evaluation.class_totals import class_recalls_of
from decouple.evaluation.group_metrics import group_metrics, metrics_by_group
from decouple.evaluation.metrics import evaluate

COUNTS = [90, 80, 70, 30, 20, 10, 5, 4, 3, 2]


def _scores() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    labels = rng.choice(10, 500, p=np.array(COUNTS) / sum(COUNTS))
    scores = rng.normal(size=(500, 10))
    scores[np.arange(500), labels] += 1.5
    return scores, labels


def test_a_group_by_hand() -> None:
    # Classes 0 (4 images, 3 correct, predicted 5 times) and 1 (1 image, correct, predicted 2 times).
    totals = {"images": [4, 1, 5], "correct": [3, 1, 5], "predicted": [5, 2, 3], "nll": [0.5, 1.0, 9.0]}
    groups = {"head": np.array([0, 1]), "tail": np.array([2])}
    head = group_metrics(totals, groups, within=[3, 2, 3])["head"]  # type: ignore[arg-type]
    assert head["classes"] == 2
    assert head["images"] == 5
    assert head["recall"] == pytest.approx(100 * (3 / 4 + 1) / 2)
    assert head["micro"] == pytest.approx(100 * 4 / 5)
    assert head["macro_f1"] == pytest.approx(100 * (6 / 9 + 2 / 3) / 2)
    assert head["weighted_f1"] == pytest.approx(100 * (4 * 6 / 9 + 2 / 3) / 5)
    assert head["within_macro_f1"] == pytest.approx(100 * (6 / 7 + 2 / 3) / 2)
    assert head["within_weighted_f1"] == pytest.approx(100 * (4 * 6 / 7 + 2 / 3) / 5)
    assert head["nll"] == pytest.approx((4 * 0.5 + 1) / 5)


def test_equals_scikit_learn_on_the_images_of_the_group() -> None:
    scores, labels = _scores()
    predicted = scores.argmax(axis=1)
    nll = -log_softmax(scores, axis=1)[np.arange(500), labels]
    by_group = metrics_by_group(evaluate(scores, labels, COUNTS), COUNTS, [3, 4, 3])
    for name, classes in {"head": range(3), "middle": range(3, 7), "tail": range(7, 10)}.items():
        members = np.isin(labels, classes)
        row, own = by_group[name], sorted(set(labels[members]))
        assert row["micro"] == pytest.approx(100 * np.mean(predicted[members] == labels[members]))
        assert row["nll"] == pytest.approx(nll[members].mean())
        assert row["macro_f1"] == pytest.approx(100 * f1_score(labels, predicted, labels=own, average="macro"))
        for average in ("macro", "weighted"):
            alone = f1_score(labels[members], predicted[members], labels=own, average=average)
            assert dict(row)[f"within_{average}_f1"] == pytest.approx(100 * alone)


def test_thirds_equal_those_of_evaluate_with_their_intervals() -> None:
    scores, labels = _scores()
    metrics = evaluate(scores, labels, COUNTS)
    for name, row in metrics_by_group(metrics, COUNTS, "thirds").items():
        assert row["recall"] == pytest.approx(metrics["groups"]["thirds"][name])
        assert row["recall_interval"] == pytest.approx(metrics["intervals"]["thirds"][name])
        assert row["micro"] is not None
        assert row["micro_interval"] is not None
        assert row["micro_interval"][0] <= row["micro"] <= row["micro_interval"][1]


def test_all_classes_as_one_group_equal_the_metrics_of_the_split() -> None:
    scores, labels = _scores()
    metrics = evaluate(scores, labels, COUNTS)
    whole = metrics_by_group(metrics, COUNTS, [10, 0])["group 1"]
    for name, key in {
        "micro": "top1",
        "recall": "balanced",
        "macro_f1": "macro_f1",
        "weighted_f1": "weighted_f1",
    }.items():
        assert dict(whole)[name] == pytest.approx(dict(metrics)[key])
    assert whole["micro_interval"] == pytest.approx(metrics["intervals"]["top1"])
    assert whole["nll"] == pytest.approx(metrics["nll"])
    assert whole["within_macro_f1"] == pytest.approx(whole["macro_f1"])


def test_precision_and_recall_of_classes() -> None:
    scores, labels = _scores()
    metrics = evaluate(scores, labels, COUNTS)
    expected = 100 * precision_score(labels, scores.argmax(axis=1), average=None, labels=range(10))
    assert metrics["per_class_precision"] == pytest.approx(expected)
    assert class_recalls_of(metrics["class_totals"]) == pytest.approx(metrics["per_class"], nan_ok=True)


def test_a_group_without_images_has_no_metric() -> None:
    metrics = evaluate(np.eye(3)[[0, 1]], np.array([0, 1]), [50, 40, 5])
    tail = metrics_by_group(metrics, [50, 40, 5], [2, 1])["group 2"]
    assert (tail["images"], tail["recall"], tail["micro"], tail["nll"]) == (0, None, None, None)
    assert metrics["per_class_precision"] == [100.0, 100.0, None]
    assert metrics["class_totals"]["nll"] == [pytest.approx(math.log(math.e + 2) - 1)] * 2 + [None]


def test_metrics_of_an_old_run_say_so() -> None:
    metrics = evaluate(np.eye(2), np.array([0, 1]), [5, 4])
    del metrics["class_totals"]
    with pytest.raises(DataError, match="evaluate the run again"):
        metrics_by_group(metrics, [5, 4], "halves")
