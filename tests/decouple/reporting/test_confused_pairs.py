from collections.abc import Callable

import numpy as np
import pytest

from decouple.errors import DataError
from decouple.reporting.confused_pairs import ConfusedPair, confused_pairs, draw_confused_pairs, pairs_of_matrix

# Rows: true class. Class 0: 4 of 10 are called 1; class 1: 2 of 4 are called 0 and 2 of 2 of class 2 are called 1.
MATRIX = [[6, 4, 0], [2, 2, 0], [0, 2, 0]]
PAIRS = (ConfusedPair(0, 1, 4, 10), ConfusedPair(2, 1, 2, 2), ConfusedPair(1, 0, 2, 4))


def test_most_images_first_then_the_larger_share() -> None:
    assert pairs_of_matrix(MATRIX) == PAIRS
    assert pairs_of_matrix(MATRIX, limit=1) == PAIRS[:1]
    assert [pair.share for pair in PAIRS] == [40, 100, 50]


def test_labels_and_their_matrix_give_the_same_pairs() -> None:
    rows, columns = np.indices((3, 3))
    counts = np.array(MATRIX).ravel()
    labels, predicted = np.repeat(rows.ravel(), counts), np.repeat(columns.ravel(), counts)
    assert confused_pairs(labels, predicted) == PAIRS


def test_no_error_is_no_pair(check_figure: Callable[..., object]) -> None:
    assert confused_pairs(np.array([5, 0]), np.array([5, 0])) == ()
    assert pairs_of_matrix([[3, 0], [0, 0]]) == ()
    check_figure(lambda: draw_confused_pairs((), ["a", "b"]))


def test_equal_pairs_stand_in_the_order_of_their_labels() -> None:
    assert pairs_of_matrix([[0, 1, 1], [1, 1, 0], [0, 0, 1]])[0] == ConfusedPair(0, 1, 1, 2)


def test_bars_have_the_counts_and_say_the_share() -> None:
    axes = draw_confused_pairs(PAIRS, ["ant", "bee", "fly"]).axes[0]
    assert [bar.get_width() for bar in axes.patches] == [4, 2, 2]  # type: ignore[attr-defined]
    assert [text.get_text().strip() for text in axes.texts] == ["4 of 10 (40 %)", "2 of 2 (100 %)", "2 of 4 (50 %)"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["ant → bee", "fly → bee", "bee → ant"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first on top


def test_takes_any_name(awkward_names: list[str], check_figure: Callable[..., object]) -> None:
    pairs = [ConfusedPair(index, (index + 1) % 10, 10 - index, 20) for index in range(10)]
    check_figure(lambda: draw_confused_pairs(pairs, awkward_names), again=True)


def test_lists_of_other_lengths_are_refused() -> None:
    with pytest.raises(DataError, match="predicted"):
        confused_pairs(np.array([0, 1]), np.array([0]))
