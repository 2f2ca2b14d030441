"""Which of two runs is recommended."""

import numpy as np
import pytest

from decouple.files.results import RecommendationEntry
from decouple.fitting import choice
from decouple.fitting.choice import choose_run, is_surely_better
from stage2.recommendation import HeldOutPredictions


def _rows(correct: list[int], labels: list[int]) -> HeldOutPredictions:
    return HeldOutPredictions(np.array(correct, dtype=bool), np.array(labels), "images")


def test_one_image_of_each_rare_class_does_not_decide() -> None:
    # 20 images of class 0 are equally good, and the only images of classes 1 and 2 are correct by the better alone.
    # The bootstrap interval of the difference is [66.7, 66.7]; here a class of one image has a wide posterior.
    labels = [0] * 20 + [1, 2]
    better, other = _rows([1] * 22, labels), _rows([1] * 20 + [0, 0], labels)
    assert not is_surely_better(better, other)


def test_many_images_decide() -> None:
    labels = [0] * 40 + [1] * 40
    better, other = _rows([1] * 80, labels), _rows([1] * 40 + [0] * 20 + [1] * 20, labels)
    assert is_surely_better(better, other)
    assert not is_surely_better(other, better)
    assert not is_surely_better(better, better)


class _Run:
    def __init__(self, name: str, rows: HeldOutPredictions, validation: int) -> None:
        self.name, self.rows, self.images = name, rows, {"val": validation}

    def read_data(self) -> "_Run":
        return self


@pytest.fixture(autouse=True)
def _stored(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = RecommendationEntry(checkpoint="last", method="tau", reason="", split="")
    monkeypatch.setattr(choice, "recommended_classifier", lambda _: entry)
    monkeypatch.setattr(choice, "predict_held_out", lambda run, *_: run.rows)


def _choose(*runs: _Run) -> tuple[str, str]:
    run, reason = choose_run(runs)  # type: ignore[arg-type]
    return run.name, reason


def test_a_better_run_replaces_the_simpler_one_and_a_tie_does_not() -> None:
    # The frozen features have logits of 10 training images too; validation images are the last 40.
    labels = [0] * 20 + [1] * 20
    frozen = _Run("frozen", _rows([1] * 10 + [0] * 10 + [1] * 30, [0] * 10 + labels), 40)
    better, equal = _Run("all", _rows([1] * 40, labels), 40), _Run("all", _rows([0] * 9 + [1] * 31, labels), 40)
    name, reason = _choose(frozen, better)
    assert (name, reason.split(" [")[0]) == ("all", "all (100.0 %")
    assert "is better than frozen (75.0 %" in reason
    name, reason = _choose(frozen, equal)
    assert name == "frozen"
    assert "not better than frozen (75.0 %" in reason


def test_runs_that_cannot_be_compared_leave_the_simpler_one() -> None:
    frozen, other = _Run("frozen", _rows([1, 1], [0, 1]), 2), _Run("all", _rows([1, 1], [0, 1]), 0)
    assert _choose(frozen, other)[0] == "frozen"
    assert _choose(frozen) == ("frozen", "it is the only run")
