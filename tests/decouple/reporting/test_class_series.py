from collections.abc import Callable

import numpy as np
import pytest

from decouple.errors import DataError
from decouple.reporting.class_axis import ClassAxis
from decouple.reporting.class_series import draw_class_series, mean_of_neighbours


@pytest.mark.parametrize("num_classes", [2, 10, 1000])
def test_is_written_for_any_number_of_classes(
    num_classes: int, long_tail: Callable[[int], list[int]], check_figure: Callable[..., object]
) -> None:
    counts = long_tail(num_classes)
    names = [f"class {label}" for label in range(num_classes)]
    series = {"a": [1.0] * num_classes, "b": [None, *range(num_classes - 1)]}
    check_figure(lambda: draw_class_series("Errors", ClassAxis(names, counts), series, y_label="error (%)"))


def test_awkward_names_are_drawn(awkward_names: list[str], check_figure: Callable[..., object]) -> None:
    series = {name: [1.0] * 10 for name in awkward_names}
    check_figure(
        lambda: draw_class_series("Errors", ClassAxis(awkward_names, range(10)), series, y_label="%"), again=True
    )


def test_the_largest_class_is_first() -> None:
    figure = draw_class_series(
        "Errors", ClassAxis(["ant", "bee", "cat"], [5, 50, 7]), {"a": [1, 2, None]}, y_label="error (%)"
    )
    axes = figure.axes[0]
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [2, np.nan, 1])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["bee", "cat", "ant"]
    assert axes.get_ylim() == pytest.approx((0, 2.12))


def test_a_logarithmic_axis_leaves_out_zeros() -> None:
    (axes,) = draw_class_series(
        "Images", ClassAxis(["a", "b"], [9, 1]), {"x": [9, 0]}, y_label="images", y_log=True
    ).axes
    assert axes.get_ylim() == pytest.approx((9 / 1.3, 9 * 1.3))


def test_a_series_of_another_length_is_refused() -> None:
    with pytest.raises(DataError, match="'a' has 1 values for 2 classes"):
        draw_class_series("Errors", ClassAxis(["x", "y"], [2, 1]), {"a": [1.0]}, y_label="error (%)")


def test_neighbours_by_falling_size() -> None:
    # By size: 5 (40), 2 (30), None (20), 1 (10), 8 (1); the last chunk has one class.
    means = mean_of_neighbours([1.0, 5.0, 2.0, None, 8.0], [10, 40, 30, 20, 1], 2)
    np.testing.assert_array_equal(means, [3.5, 1.0, 8.0])
    assert np.isnan(mean_of_neighbours([None, None], [2, 1], 2)).all()
