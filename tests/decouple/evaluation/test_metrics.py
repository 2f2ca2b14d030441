import json
import math

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, f1_score, roc_auc_score, top_k_accuracy_score

from decouple.errors import DataError
from decouple.evaluation.metrics import Metrics, evaluate


def _one_hot(predicted: list[int], num_classes: int) -> np.ndarray:
    return np.eye(num_classes)[predicted]


def _random(num_classes: int, present: list[int], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.choice(present, 400)
    scores = rng.normal(size=(400, num_classes)).astype(np.float32)
    scores[np.arange(400), labels] += 1
    return scores, labels


def _slow(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return the figures by scikit-learn and plain formulas in float64; classes without images left out."""
    present = np.unique(labels)
    predicted = scores.argmax(axis=1)
    recalls = [np.mean(predicted[labels == c] == c) for c in present]
    probabilities = softmax(scores.astype(np.float64), axis=1)
    nlls = -log_softmax(scores.astype(np.float64), axis=1)[np.arange(len(labels)), labels]
    return {
        "images": len(labels),
        "top1": 100 * np.mean(predicted == labels),
        "balanced": 100 * float(np.mean(recalls)),
        "macro_f1": 100 * f1_score(labels, predicted, labels=present, average="macro"),
        "weighted_f1": 100 * f1_score(labels, predicted, labels=present, average="weighted"),
        "g_mean": 100 * float(np.prod(recalls) ** (1 / len(recalls))),
        "nll": nlls.mean(),
        "auc": float(np.mean([roc_auc_score(labels == c, probabilities[:, c]) for c in present])),
    }


@pytest.mark.parametrize(
    ("num_classes", "present"), [(2, [0, 1]), (3, [0, 2]), (6, [0, 1, 2, 3, 4, 5]), (12, [1, 2, 3, 5, 8, 11])]
)
def test_equals_slow_formulas(num_classes: int, present: list[int]) -> None:
    scores, labels = _random(num_classes, present)
    metrics = evaluate(scores, labels, np.arange(num_classes, 0, -1))
    for name, expected in _slow(scores, labels).items():
        assert dict(metrics)[name] == pytest.approx(expected, rel=1e-9), name
    expected_confusion = confusion_matrix(labels, scores.argmax(axis=1), labels=np.arange(num_classes))
    assert metrics["confusion"] == expected_confusion.tolist()
    assert metrics["absent_classes"] == sorted(set(range(num_classes)) - set(present))


def test_all_present_equals_sklearn_balanced_accuracy_and_top5() -> None:
    scores, labels = _random(8, list(range(8)))
    metrics = evaluate(scores, labels, np.ones(8))
    assert metrics["balanced"] == pytest.approx(100 * balanced_accuracy_score(labels, scores.argmax(axis=1)))
    assert metrics["top5"] == pytest.approx(100 * top_k_accuracy_score(labels, scores, k=5))


def test_by_hand() -> None:
    # Three of four images of class 0 are right (recall 3/4), one of two of class 1 (1/2), class 2 has none.
    # Predicted: 0 four times, 1 once, 2 once. F1: 2*3/(4+4) = 3/4 and 2*1/(2+1) = 2/3.
    labels = np.array([0, 0, 0, 0, 1, 1])
    metrics = evaluate(_one_hot([0, 0, 0, 2, 1, 0], 3), labels, [101, 20, 19])
    assert metrics["images"] == 6
    assert metrics["top1"] == pytest.approx(100 * 4 / 6)
    assert metrics["top5"] is None
    assert metrics["per_class"] == [75.0, 50.0, None]
    assert metrics["absent_classes"] == [2]
    assert metrics["balanced"] == 62.5
    assert metrics["macro_f1"] == pytest.approx(100 * (3 / 4 + 2 / 3) / 2)
    assert metrics["weighted_f1"] == pytest.approx(100 * (4 * 3 / 4 + 2 * 2 / 3) / 6)
    assert metrics["g_mean"] == pytest.approx(100 * math.sqrt(3 / 8))
    assert metrics["confusion"] == [[3, 0, 1], [1, 1, 0], [0, 0, 0]]
    assert metrics["groups"] == {
        "many_medium_few": {"many": 75.0, "medium": 50.0, "few": None},
        "thirds": {"head": 75.0, "middle": 50.0, "tail": None},
        "halves": {"head": 62.5, "tail": None},
    }
    # The right class has logit 1, the others 0: a right image has confidence e / (e + 2), and all share one bin.
    confidence = math.e / (math.e + 2)
    assert metrics["ece"] == pytest.approx(100 * abs(4 / 6 - confidence))
    assert metrics["nll"] == pytest.approx(-math.log(confidence) + 2 / 6)


def test_groups_follow_the_counts_and_not_the_label_order() -> None:
    metrics = evaluate(_one_hot([0, 1, 0, 0], 4), np.arange(4), [5, 500, 50, 1])
    assert metrics["groups"]["many_medium_few"] == {"many": 100.0, "medium": 0.0, "few": 50.0}
    assert metrics["groups"]["thirds"] == {"head": 50.0, "middle": 100.0, "tail": 0.0}
    assert metrics["groups"]["halves"] == {"head": 50.0, "tail": 50.0}


def test_equal_scores_go_to_the_lower_class() -> None:
    # All equal: class 0 is predicted, and classes 0..4 are the top 5 of 6.
    metrics = evaluate(np.zeros((6, 6)), np.arange(6), np.ones(6))
    assert metrics["per_class"] == [100.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert metrics["top5"] == pytest.approx(500 / 6)
    assert metrics["auc"] == 0.5


def test_top5_is_none_up_to_5_classes() -> None:
    assert evaluate(np.zeros((1, 5)), np.array([0]), np.ones(5))["top5"] is None
    assert evaluate(np.zeros((1, 6)), np.array([0]), np.ones(6))["top5"] == 100.0


def test_a_missed_class_makes_the_geometric_mean_zero() -> None:
    assert evaluate(_one_hot([0, 0], 2), np.array([0, 1]), [2, 1])["g_mean"] == 0.0


def test_everything_right_is_exactly_100() -> None:
    labels = np.arange(7).repeat(3)
    metrics = evaluate(_one_hot(labels.tolist(), 7) * 50, labels, np.ones(7))
    names = ("top1", "top5", "balanced", "macro_f1", "weighted_f1", "g_mean")
    assert [dict(metrics)[name] for name in names] == [100.0] * 6
    assert metrics["auc"] == 1.0
    assert metrics["intervals"]["top1"] == pytest.approx([100, 100])


def test_intervals_hold_their_figures_and_follow_the_seed() -> None:
    scores, labels = _random(9, list(range(8)))
    counts = [500, 400, 300, 90, 80, 70, 60, 50, 40]
    first, again, other = (evaluate(scores, labels, counts, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first["intervals"] != other["intervals"]
    intervals = first["intervals"]
    for name in ("top1", "balanced"):
        assert intervals[name][0] < first[name] < intervals[name][1]
    for scheme in ("many_medium_few", "thirds", "halves"):
        assert intervals[scheme].keys() == first["groups"][scheme].keys()
        for group, accuracy in first["groups"][scheme].items():
            low_high = intervals[scheme][group]
            assert (low_high is None) == (accuracy is None)
            assert low_high is None or accuracy is None or low_high[0] < accuracy < low_high[1]
    assert intervals["many_medium_few"]["few"] is None
    # One binomial of 400 images near 50 %: +-1.96 * sqrt(0.25 / 400) is about +-4.9 points.
    assert 6 < intervals["top1"][1] - intervals["top1"][0] < 10.5


def test_the_result_is_plain_json_with_stable_keys() -> None:
    scores, labels = _random(6, [0, 1, 5])
    metrics = evaluate(scores, labels.astype(np.uint8), np.array([9, 5, 4, 3, 2, 1]))
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics
    assert list(metrics) == list(Metrics.__annotations__)


def test_narrow_labels_do_not_overflow_the_confusion_matrix() -> None:
    labels = np.array([199, 0], dtype=np.uint8)
    confusion = evaluate(_one_hot([199, 0], 200), labels, np.ones(200))["confusion"]
    assert confusion is not None
    assert (confusion[199][199], confusion[0][0]) == (1, 1)


def test_no_confusion_matrix_of_very_many_classes() -> None:
    metrics = evaluate(np.zeros((2, 1001)), np.array([0, 1000]), np.ones(1001))
    assert metrics["confusion"] is None
    assert len(metrics["per_class"]) == 1001


@pytest.mark.parametrize(
    ("scores", "labels", "counts", "message"),
    [
        (np.zeros(3), np.zeros(3, int), [1, 1], r"scores must have shape \(N, C\)"),
        (np.zeros((3, 1)), np.zeros(3, int), [1], "2 classes or more"),
        (np.zeros((3, 2)), np.zeros(2, int), [1, 1], r"labels must have shape \(3,\), got \(2,\)"),
        (np.zeros((3, 2)), np.zeros(3), [1, 1], "labels must hold integers, got float64"),
        (np.zeros((0, 2)), np.zeros(0, int), [1, 1], "no image to evaluate"),
        (np.zeros((3, 2)), np.zeros(3, int), [1, 1, 1], r"class_counts must have shape \(2,\)"),
        (np.zeros((3, 2)), np.array([0, 1, 2]), [1, 1], "labels must be between 0 and 1, got 2"),
        (np.zeros((3, 2)), np.array([0, 1, -1]), [1, 1], "labels must be between 0 and 1, got -1"),
        (np.full((3, 2), np.nan), np.zeros(3, int), [1, 1], "image 0 are not finite"),
        (
            [[0.0, 1.0]],
            np.zeros(1, int),
            [1, 1],
            "scores must be a tensor or an array of floating-point numbers, got l",
        ),
        (np.zeros((3, 2), int), np.zeros(3, int), [1, 1], "scores must hold floating-point numbers, got int64"),
        (np.zeros((3, 2)), np.zeros(3, bool), [1, 1], "labels must hold integers, got bool"),
        (np.zeros((3, 2)), np.zeros(3, int), [1, -1], "class_counts must be numbers of 0 or more, got -1 for class 1"),
    ],
)
def test_bad_input_is_one_sentence(scores: np.ndarray, labels: np.ndarray, counts: list[int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        evaluate(scores, labels, counts)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_tensors_give_what_arrays_give(dtype: torch.dtype) -> None:
    scores, labels = torch.randn(40, 6, dtype=dtype, requires_grad=True), torch.arange(40) % 6
    counts = torch.tensor([300, 150, 90, 40, 12, 3])
    expected = evaluate(scores.detach().numpy(), labels.numpy(), counts.numpy())
    assert evaluate(scores, labels, counts) == evaluate(scores, labels.numpy(), counts.tolist()) == expected


def test_scores_of_16_bits_are_read() -> None:
    scores, labels = torch.tensor([[1.0, 0.5], [0.25, 2.0]]), torch.tensor([0, 1])
    expected = evaluate(scores, labels, [10, 10])
    assert evaluate(scores.bfloat16(), labels, [10, 10]) == evaluate(scores.half(), labels, [10, 10]) == expected
