from collections.abc import Callable

import numpy as np
import pytest

from decouple.errors import DataError
from decouple.reporting.category_panels import Estimate, draw_category_panels

GROUPS = ["all", "many", "medium", "few"]


@pytest.mark.parametrize("num_panels", [1, 2, 5])
def test_is_written_for_any_number_of_panels(num_panels: int, check_figure: Callable[..., object]) -> None:
    series = {f"loss {k}": [Estimate(50.0 + k, 2.0), Estimate(None), Estimate(30.0), Estimate(1.0)] for k in range(7)}
    panels = {f"network {index}": series for index in range(num_panels)}
    check_figure(
        lambda: draw_category_panels("Accuracy", GROUPS, panels, y_label="accuracy (%)"), again=num_panels == 2
    )


def test_nothing_to_show_is_said(check_figure: Callable[..., object]) -> None:
    check_figure(lambda: draw_category_panels("Accuracy", ["all"], {"p": {"a": [Estimate(None)]}}, y_label="%"))


def test_marks_stand_beside_each_other_and_bars_are_deviations() -> None:
    panels = {"p": {"a": [Estimate(10.0, 1.0), Estimate(20.0)], "b": [Estimate(None), Estimate(5.0, 2.0)]}}
    (axes,) = draw_category_panels("Accuracy", ["all", "few"], panels, y_label="%").axes
    marks = {line.get_marker(): line for line in axes.lines if line.get_linestyle() == ":"}
    np.testing.assert_allclose(marks["o"].get_xydata(), [[-0.165, 10], [0.835, 20]])
    np.testing.assert_allclose(marks["s"].get_xydata(), [[1.165, 5]])
    bars = [segment for bar in axes.collections for segment in bar.get_segments()]  # type: ignore[attr-defined]
    ends = sorted((float(segment[0, 1]), float(segment[1, 1])) for segment in bars)
    assert ends == [(3, 7), (9, 11), (20, 20)]


def test_a_series_has_one_colour_in_all_panels() -> None:
    panels = {"p": {"a": [Estimate(1.0)], "b": [Estimate(2.0)]}, "q": {"b": [Estimate(3.0)]}}
    figure = draw_category_panels("Accuracy", ["all"], panels, y_label="%")
    first = [line.get_color() for line in figure.axes[0].lines if line.get_linestyle() == ":"]
    second = [line.get_color() for line in figure.axes[1].lines if line.get_linestyle() == ":"]
    assert second == first[1:]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]


def test_a_series_of_another_length_is_refused() -> None:
    with pytest.raises(DataError, match="'a' has 1 values for 2 categories"):
        draw_category_panels("Accuracy", ["all", "few"], {"p": {"a": [Estimate(1.0)]}}, y_label="%")
