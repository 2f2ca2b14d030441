from collections.abc import Callable

import numpy as np
import pytest

from decouple.errors import DataError
from decouple.reporting.class_axis import ClassAxis
from decouple.reporting.feature_norms_of_test import draw_test_feature_norms, running_mean


def test_the_norms_stand_in_the_order_of_the_training_images() -> None:
    axis = ClassAxis(["ant", "bee", "cow"], [5, 500, 50])
    figure = draw_test_feature_norms(axis, {"ce": [1.0, 3.0, 2.0], "fbl": [2.0, None, 2.5]})
    first, second = (line.get_ydata() for line in figure.axes[0].lines)
    assert np.asarray(first).tolist() == [3, 2, 1]
    np.testing.assert_array_equal(np.asarray(second), [np.nan, 2.5, 2])
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["bee", "cow", "ant"]
    assert [text.get_text() for text in figure.legends[0].texts] == ["ce", "fbl"]
    assert figure.axes[0].get_ylim()[0] == 0


def test_many_classes_have_dots_and_the_mean_of_neighbours() -> None:
    # 40 classes: windows of 2 * (40 // 20) + 1 = 5. Norms 40, 39 ... 1 keep their mean but at the ends.
    norms = [float(40 - label) for label in range(40)]
    axis = ClassAxis([str(label) for label in range(40)], range(40, 0, -1))
    dots, line = draw_test_feature_norms(axis, {"ce": norms}).axes[0].lines
    assert np.asarray(dots.get_ydata()).tolist() == norms
    assert np.asarray(line.get_ydata()).tolist() == [39, 38.5, *norms[2:-2], 2.5, 2]
    many = draw_test_feature_norms(axis, dict.fromkeys("abcd", norms))
    assert len(many.axes[0].lines) == 4  # no dots


def test_the_running_mean_leaves_gaps_out() -> None:
    nan = np.nan
    assert running_mean(np.array([1.0, nan, 5.0]), 1)[[0, 2]].tolist() == [1, 5]
    means = running_mean(np.array([nan, nan, nan, 4.0, 8.0]), 3)
    np.testing.assert_array_equal(means, [nan, nan, 4, 6, 6])


@pytest.mark.parametrize("num_classes", [2, 30, 31, 1001])
def test_is_written_with_any_number_of_classes(
    check_figure: Callable[..., object], long_tail: Callable[[int], list[int]], num_classes: int
) -> None:
    norms = np.random.default_rng(0).random(num_classes).tolist()
    axis = ClassAxis([f"c{label}" for label in range(num_classes)], long_tail(num_classes))
    check_figure(lambda: draw_test_feature_norms(axis, {"ce": norms}, subtitle="test split"), again=num_classes == 2)


def test_another_length_is_refused() -> None:
    with pytest.raises(DataError, match="'ce' has 1 values for 2 classes"):
        draw_test_feature_norms(ClassAxis(["a", "b"], [2, 1]), {"ce": [1.0]})
