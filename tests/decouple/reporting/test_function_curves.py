from collections.abc import Callable

import numpy as np
import pytest

from decouple.reporting.function_curves import CurvePanel, draw_curves

X = np.array([1.0, 10.0, 100.0])


def test_is_written_and_repeats(check_figure: Callable[..., object]) -> None:
    panel = CurvePanel("images", "weight", {"a": (X, X), "b": (X, 2 * X)})
    check_figure(lambda: draw_curves("Weights", [panel, panel], subtitle="of a test"), again=True)


def test_curves_are_drawn_as_they_are_given() -> None:
    figure = draw_curves("Weights", [CurvePanel("images", "weight", {"a": (X, X), "b": (X, 2 * X)})])
    first, second = figure.axes[0].lines
    np.testing.assert_array_equal(first.get_xydata(), np.stack([X, X], axis=1))
    np.testing.assert_array_equal(second.get_ydata(), [2.0, 20.0, 200.0])


def test_a_label_has_one_look_in_all_panels() -> None:
    panels = [CurvePanel("x", "y", {"a": (X, X), "b": (X, X)}), CurvePanel("x", "y", {"b": (X, X)})]
    left, right = draw_curves("Weights", panels).axes
    assert left.lines[1].get_color() == right.lines[0].get_color() != left.lines[0].get_color()
    assert left.lines[1].get_linestyle() == right.lines[0].get_linestyle()


def test_a_logarithmic_axis_reaches_a_tenth_beyond_the_values() -> None:
    (axes,) = draw_curves("Weights", [CurvePanel("x", "y", {"a": (X, X)}, x_log=True)]).axes
    assert axes.get_xscale() == "log"
    assert axes.get_yscale() == "linear"
    assert axes.get_xlim() == pytest.approx((1 / 1.1, 110))


def test_a_curve_without_a_label_has_no_legend() -> None:
    assert not draw_curves("Weights", [CurvePanel("x", "y", {"": (X, X)})]).legends
    assert draw_curves("Weights", [CurvePanel("x", "y", {"a": (X, X)})]).legends
