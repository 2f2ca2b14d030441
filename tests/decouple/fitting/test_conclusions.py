"""The three sentences, by hand."""

import numpy as np

from decouple.evaluation.recall_intervals import recall_intervals
from decouple.fitting.advice import rank_classes
from decouple.fitting.conclusions import next_sentence, tail_sentence

NAMES = ["'a'", "'b'", "'c'"]


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
