"""The order of classes by hand."""

import math

import numpy as np
import pytest

from decouple.errors import DataError
from decouple.fitting.advice import Advice, rank_classes

Z2 = 1.959963984540054**2


def _upper(correct: int, images: int) -> float:
    """Wilson's upper end from its definition: the larger root p of (k/n - p)^2 = z^2 p (1 - p) / n."""
    share = correct / images
    a, b, c = 1 + Z2 / images, -(2 * share + Z2 / images), share**2
    return (-b + math.sqrt(b * b - 4 * a * c)) / (2 * a)


def _rank(confusion: list[list[int]], train_counts: list[int]) -> Advice:
    """Rank from images by true class (rows) and predicted class (columns)."""
    cells = np.array(confusion)
    true, predicted = (indices.flatten() for indices in np.indices(cells.shape))
    return rank_classes(np.repeat(true, cells.flatten()), np.repeat(predicted, cells.flatten()), train_counts)


def test_the_gain_by_hand() -> None:
    # 5 of 20 correct, 20 training images: 1 - sqrt(20 / 40) of the certain error.
    confusion = [[5, 15], [0, 20]]
    advice = _rank(confusion, [20, 80])
    first = advice.ranked[0]
    assert (first.label, first.mistaken_for, first.errors, first.mistaken) == (0, 1, 15, 15)
    assert first.gain == pytest.approx(100 * (1 - _upper(5, 20)) * (1 - math.sqrt(0.5)))
    assert first.interval.recall == 25


def test_a_class_without_errors_gains_nothing() -> None:
    last = _rank([[5, 15], [0, 20]], [20, 80]).ranked[-1]
    assert (last.label, last.gain, last.mistaken_for, last.errors) == (1, 0, None, 0)


def test_of_two_equally_bad_classes_the_rarer_comes_first() -> None:
    confusion = [[10, 10, 0], [10, 10, 0], [0, 0, 20]]
    assert [entry.label for entry in _rank(confusion, [200, 10, 50]).ranked] == [1, 0, 2]


def test_of_two_equal_recalls_the_surer_comes_first() -> None:
    # Half of 100 and half of 10: the upper ends are 0.60 and 0.76.
    confusion = [[5, 5, 0], [50, 50, 0], [0, 0, 20]]
    assert [entry.label for entry in _rank(confusion, [30, 30, 30]).ranked] == [1, 0, 2]


def test_classes_of_few_test_images_are_unknown() -> None:
    confusion = [[10, 0, 0, 0], [9, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 9]]
    advice = _rank(confusion, [10, 10, 1, 10])
    assert [entry.label for entry in advice.ranked] == [0]
    assert advice.unknown == (2, 1, 3)  # 0, 9 and 9 test images


def test_equal_classes_stay_in_order() -> None:
    confusion = [[0, 10, 0], [0, 0, 10], [10, 0, 0]]
    assert [entry.label for entry in _rank(confusion, [5, 5, 5]).ranked] == [0, 1, 2]


def test_shapes_are_checked() -> None:
    with pytest.raises(DataError, match="predicted"):
        rank_classes(np.zeros(3, dtype=np.int64), np.zeros(2, dtype=np.int64), [1, 1])
