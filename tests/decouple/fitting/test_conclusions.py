"""The three sentences, by hand."""

from typing import Any

import numpy as np
import pytest

from decouple.evaluation.recall_intervals import recall_intervals
from decouple.fitting.advice import rank_classes
from decouple.fitting.conclusions import found_sentence, next_sentence, tail_sentence

NAMES = ["'a'", "'b'", "'c'"]


class _Method:
    """The fields of an entry of stage two that the sentence reads."""

    def __init__(self, images: int, balanced: float, interval: tuple[float, float]) -> None:
        self.metrics: Any = {"test": _metrics(images, balanced, interval)}
        self.against_stage1: Any = {"balanced": 10.0, "balanced_interval": [2.0, 18.0]}


def _metrics(images: int, balanced: float, interval: tuple[float, float]) -> Any:
    return {"images": images, "balanced": balanced, "intervals": {"balanced": interval}}


def _found(images: list[int], balanced: float, interval: tuple[float, float]) -> str:
    stage1, method = _metrics(sum(images), 60.0, (50.0, 70.0)), _Method(sum(images), balanced, interval)
    return found_sentence("tau", stage1, method, images)  # type: ignore[arg-type]


def test_what_was_found() -> None:
    assert _found([20, 20], 70.0, (60.0, 80.0)) == (
        "Found: tau is recommended: balanced accuracy 70.0 % [60.0, 80.0] on 40 test images, +10.0 points [+2.0, "
        "+18.0] against the first classifier (stage one), which does nothing for rare classes (60.0 %)."
    )
    assert found_sentence("none", _metrics(40, 60.0, (50.0, 70.0)), None, [20, 20]) == (
        "Found: the first classifier (stage one) itself is recommended: balanced accuracy 60.0 % [50.0, 70.0] on 40 "
        "test images."
    )


@pytest.mark.parametrize(
    ("images", "interval"), [([19, 10], (60.0, 80.0)), ([31, 9], (75.0, 75.0)), ([1, 1], (100.0, 100.0))]
)
def test_a_test_split_that_is_too_small_to_tell(images: list[int], interval: tuple[float, float]) -> None:
    assert _found(images, interval[0], interval) == (
        f"Found: tau is recommended; it gets {interval[0]:.1f} % balanced accuracy on {sum(images)} test images, too "
        "few to tell how good it is, or better than which other one: put 10 or more images of each class into the test "
        "split to know."
    )


def test_an_interval_that_is_narrow_by_classes_of_one_image_is_marked() -> None:
    assert "[100.0, 100.0] on 60 test" in _found([30, 30], 100.0, (100.0, 100.0))  # all of many are right
    assert _found([40, 2, 1], 75.0, (70.0, 80.0)).endswith(
        "; the interval is too narrow, for 2 of 3 classes have 1 or 2 test images, which hardly widen it: put 10 or "
        "more images of each class into the test split to know."
    )


def _tail(correct: list[int], images: list[int], counts: list[int]) -> str:
    return tail_sentence(recall_intervals(np.array(correct), np.array(images)), counts, NAMES)


def test_the_tail() -> None:
    # Wilson: 50 of 100 is [40, 60], 90 of 100 is [83, 94], 2 of 2 is [34, 100].
    assert _tail([50, 90, 2], [100, 100, 2], [500, 200, 1]) == (
        "Rarest class: 'c' (1 training image), 100 % [34, 100] of 2 test images, few images: unknown; worst class: "
        "'a', 50 % [40, 60] of 100 test images; 1 class has fewer than 10 test images and is unknown."
    )
    assert _tail([50, 90, 90], [100, 100, 100], [500, 200, 20]).endswith(
        "'c' (20 training images), 90 % [83, 94] of 100 test images; worst class: 'a', 50 % [40, 60] of 100 test "
        "images."
    )


def test_a_tail_that_is_unknown() -> None:
    assert _tail([1, 0, 0], [1, 1, 0], [5, 4, 3]) == (
        "Rarest class: 'c' (3 training images), no test image: unknown; no class has 10 test images, so the worst one "
        "is unknown."
    )


def test_what_to_photograph_next() -> None:
    # a: 12 of 20 wrong, 10 of them as b; b: none wrong; c has 2 test images.
    labels = np.repeat([0, 1, 2], [20, 20, 2])
    predicted = labels.copy()
    predicted[:10], predicted[10:12] = 1, 2
    advice = rank_classes(labels, predicted, [30, 30, 3])
    assert next_sentence(advice, NAMES) == (
        "Photograph next: 'a' (mostly taken for 'b'), of which 20 more images help most; and 'c', so that its accuracy "
        "becomes known."
    )


def test_no_class_stands_out() -> None:
    labels = np.repeat([0, 1, 2], 20)
    assert next_sentence(rank_classes(labels, labels, [9, 9, 9]), NAMES) == (
        "Photograph next: no class stands out; all test images are right."
    )


def test_errors_that_go_to_several_classes_name_none() -> None:
    labels = np.repeat([0, 1, 2], 20)
    predicted = labels.copy()
    predicted[:2], predicted[2:4] = 1, 2
    assert next_sentence(rank_classes(labels, predicted, [9, 9, 9]), NAMES) == (
        "Photograph next: 'a', of which 20 more images help most."
    )
