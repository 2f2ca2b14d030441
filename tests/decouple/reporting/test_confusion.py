from collections.abc import Callable

import numpy as np
import pytest

from decouple.errors import DataError
from decouple.reporting.confusion import draw_confusion, row_shares


@pytest.mark.parametrize("num_classes", [2, 1000])
def test_every_class_has_pixels_of_its_own(num_classes: int, check_figure: Callable[..., tuple[int, int]]) -> None:
    confusion = [*(np.eye(num_classes, dtype=int) * 9 + 1)[:-1].tolist(), [0] * num_classes]
    names = [f"class_{label}" for label in range(num_classes)]
    _, height = check_figure(lambda: draw_confusion(confusion, names, range(num_classes)))
    assert height > 1.2 * num_classes


def test_takes_any_name(awkward_names: list[str], check_figure: Callable[..., object]) -> None:
    check_figure(lambda: draw_confusion(np.eye(10, dtype=int).tolist(), awkward_names, [1] * 10), again=True)


def test_rows_and_columns_begin_with_the_largest_class() -> None:
    # By size: c (9 images), a (5), b (1). Of a, 3 of 4 images are right and 1 is called b; of c, 1 of 2 is called a.
    figure = draw_confusion([[3, 1, 0], [0, 0, 0], [1, 0, 1]], ["a", "b", "c"], [5, 1, 9], subtitle="run r \u00b7 tau")
    axes = figure.axes[0]
    expected = [[50, 50, 0], [0, 75, 25], [np.nan] * 3]
    np.testing.assert_array_equal(np.ma.filled(axes.images[0].get_array(), np.nan), expected)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["c", "a", "b"]
    assert sorted((text.get_position(), text.get_text()) for text in axes.texts) == [
        ((0, 0), "50"),
        ((1, 0), "50"),
        ((1, 1), "75"),
        ((2, 1), "25"),
    ]
    assert figure.get_label() == "Confusion matrix. run r \u00b7 tau"


def test_rows_become_percent_and_an_empty_row_a_gap() -> None:
    np.testing.assert_array_equal(row_shares(np.array([[3.0, 1.0], [0.0, 0.0]])), [[75, 25], [np.nan, np.nan]])


def test_another_shape_is_refused() -> None:
    with pytest.raises(DataError, match=r"2 classes must be square, got shape \(1, 2\)"):
        draw_confusion([[1, 2]], ["a", "b"], [1, 1])
