"""Columns of a sweep's table from what cells.json holds of a cell: equal to the metrics of the run's own evaluation."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score

from decouple.errors import ConfigError
from decouple.evaluation.metrics import evaluate
from decouple.files.json_records import parse_record, record_to_json
from tuning.sweep.cell_metrics import CellMetrics, cell_metrics
from tuning.sweep.cell_states import CellState
from tuning.sweep.cell_values import Value, cell_values
from tuning.sweep.table_columns import TableColumn, column_classes, require_column

COUNTS = [90, 80, 70, 30, 20, 10, 5, 4, 3, 2]
SIZES = (3, 4, 3)


def _images(seed: int, shares: list[int]) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.choice(10, 400, p=np.array(shares) / sum(shares))
    scores = rng.normal(size=(400, 10))
    scores[np.arange(400), labels] += 1.5
    return scores, labels


BALANCED, LONG_TAILED = _images(0, [1] * 10), _images(1, COUNTS)


def _state() -> CellState:
    metrics = {"test": evaluate(*BALANCED, COUNTS), "test_longtailed": evaluate(*LONG_TAILED, COUNTS)}
    losses = {"test": {"all": 1.5, "tail": 2.5}, "test_longtailed": {}}
    stored = cell_metrics(metrics, COUNTS, SIZES, losses)
    text = json.dumps(record_to_json(stored))
    assert len(text) < 3000  # of 10 classes and two splits
    read = parse_record(CellMetrics, json.loads(text), Path("cells.json"))
    return CellState(state="done", fingerprint="f", figures={"tune/trials": (12.0, None, None)}, metrics=read)


def _value(split: str, metric: str) -> Value:
    column = TableColumn(split, metric)
    return cell_values(_state(), [column], SIZES)[column]


def test_metrics_of_a_split_are_those_of_its_evaluation() -> None:
    for split, images in (("all", BALANCED), ("long_tailed", LONG_TAILED)):
        metrics = evaluate(*images, COUNTS)
        for name in ("top1", "top5", "balanced", "macro_f1", "weighted_f1", "g_mean", "ece", "nll", "auc"):
            assert _value(split, name).value == pytest.approx(dict(metrics)[name]), name
        assert _value(split, "micro") == _value(split, "top1")
        assert list(_value(split, "top1"))[1:] == pytest.approx(metrics["intervals"]["top1"])
        precision = precision_score(images[1], images[0].argmax(axis=1), average="macro")
        assert _value(split, "precision").value == pytest.approx(100 * precision)


def test_a_group_of_the_long_tailed_split_as_a_test_set_of_its_own() -> None:
    # Groups by sizes 3, 4, 3 of classes whose counts fall: the tail is classes 7, 8, 9.
    scores, labels = LONG_TAILED
    tail, predicted = labels >= 7, scores.argmax(axis=1)
    correct = predicted[tail] == labels[tail]
    assert _value("long_tailed.tail", "micro").value == pytest.approx(100 * correct.mean())
    alone = f1_score(labels[tail], predicted[tail], labels=[7, 8, 9], average="weighted")
    assert _value("long_tailed.tail", "within_weighted_f1").value == pytest.approx(100 * alone)
    recalls = [np.mean(predicted[labels == label] == label) for label in (7, 8, 9)]
    assert _value("long_tailed.tail", "top1").value == pytest.approx(100 * np.mean(recalls))


def test_classes_and_ranges_of_classes() -> None:
    metrics = evaluate(*BALANCED, COUNTS)
    recall = metrics["per_class"][4]
    assert _value("class_4", "recall").value == _value("class_4", "top1").value == pytest.approx(recall)
    assert _value("class_4", "precision").value == pytest.approx(metrics["per_class_precision"][4])
    labels, predicted = BALANCED[1], BALANCED[0].argmax(axis=1)
    expected = f1_score(labels, predicted, labels=[4], average="macro")
    assert _value("class_4", "f1").value == pytest.approx(100 * expected)
    hit = predicted == labels
    assert _value("classes_2_5", "micro").value == pytest.approx(100 * hit[(labels >= 2) & (labels <= 5)].mean())
    assert _value("classes_8_99", "micro").value == pytest.approx(100 * hit[labels >= 8].mean())
    assert _value("class_12", "recall") == Value()
    assert _value("classes_2_5", "within_macro_f1") == Value()


def test_training_losses_and_results_of_a_search_stand_as_they_are() -> None:
    assert (_value("all", "loss").value, _value("tail", "loss").value) == (1.5, 2.5)
    assert _value("long_tailed", "loss") == Value()
    assert _value("tune", "trials").value == 12.0


def test_other_groups_need_no_new_run_but_for_metrics_within() -> None:
    columns = [TableColumn("head", "micro"), TableColumn("head", "within_macro_f1")]
    values = cell_values(_state(), columns, "halves")
    labels = BALANCED[1]
    hit = BALANCED[0].argmax(axis=1) == labels
    assert values[columns[0]].value == pytest.approx(100 * hit[labels < 5].mean())
    assert values[columns[1]] == Value()


def test_a_cell_of_an_old_version_has_its_stored_figures() -> None:
    state = CellState(
        state="done", fingerprint="f", figures={"all/top1": (50.0, 40.0, 60.0), "thirds.tail/top1": (9.0,)}
    )
    columns = [TableColumn("all", "top1"), TableColumn("tail", "top1"), TableColumn("all", "nll")]
    assert list(cell_values(state, columns, "thirds").values()) == [Value(50.0, 40.0, 60.0), Value(9.0), Value()]


def test_sizes_for_100_classes_keep_their_shares_of_the_20_of_a_trial_run() -> None:
    classes = column_classes([TableColumn("tail", "top1")], (33, 33, 34), list(range(20, 0, -1)))
    assert classes["tail"].tolist() == [13, 14, 15, 16, 17, 18, 19]  # round(20 * 0.66) = 13


@pytest.mark.parametrize(
    ("split", "metric", "sentence"),
    [
        ("heed", "top1", "unknown split 'heed' in x. Did you mean 'head'?"),
        ("long_tailed.few", "top1", "unknown split 'long_tailed.few'"),
        ("head", "auc", "'head' has no metric 'auc'"),
        ("all", "balance", "'all' has no metric 'balance' in x. Did you mean 'balanced'?"),
        ("class_3", "within_macro_f1", "'class_3' has no metric"),
    ],
)
def test_columns_without_a_meaning_are_refused(split: str, metric: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        require_column(TableColumn(split, metric), "thirds", "x")
    assert str(caught.value).startswith(sentence)
