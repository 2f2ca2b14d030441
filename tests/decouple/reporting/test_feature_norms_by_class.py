from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from decouple.errors import DataError
from decouple.reporting.class_axis import ClassAxis
from decouple.reporting.feature_norms_by_class import draw_feature_norms_by_class, spread_labels
from decouple.reporting.figure_files import figure_svg
from decouple.reporting.palette import GROUP_COLOURS, PAGE_COLOURS, RANK_COLOURS

NAN = np.nan


def _points(figure: Figure) -> list[object]:
    return [line.get_xydata().tolist() for line in figure.axes[0].lines]  # type: ignore[union-attr]


def test_a_line_for_each_class_the_largest_on_top_with_its_name() -> None:
    # Class 1 is the largest, then 2, then 0. Class 2 has no norm in epoch 2, over which its line goes on.
    norms = np.array([[1.0, 4.0, 2.0], [1.5, 5.0, NAN], [2.0, 6.0, 3.0]])
    figure = draw_feature_norms_by_class(norms, ClassAxis(["ant", "bee", "cow"], [5, 1500, 50]))
    assert _points(figure) == [[[1, 1], [2, 1.5], [3, 2]], [[1, 2], [3, 3]], [[1, 4], [2, 5], [3, 6]]]
    colours = [line.get_color() for line in figure.axes[0].lines]
    assert (colours[0], colours[2]) == (RANK_COLOURS[-1], RANK_COLOURS[0])
    labels = [text.get_text() for text in figure.axes[0].texts]
    assert labels == ["ant (5)", "cow (50)", "bee (1,500)"]
    assert [text.get_position()[1] for text in figure.axes[0].texts] == pytest.approx([2, 3, 6])


def test_a_class_without_norms_has_no_line_and_no_name() -> None:
    figure = draw_feature_norms_by_class(np.array([[1.0, NAN]]), ClassAxis(["a", "b"], [5, 2]))
    assert _points(figure) == [[[1, 1]]]
    assert [text.get_text() for text in figure.axes[0].texts] == ["a (5)"]


def test_many_classes_are_drawn_by_group() -> None:
    # The 11 classes of "few" have the norms 0, 1 ... 10 and twice as much: median 5 and 10, 10 % at 1, 90 % at 9.
    few, many = np.arange(11.0), np.full(20, 3.0)
    norms = np.stack([np.concatenate([few, many]), np.concatenate([2 * few, many])])
    groups = {"many": tuple(range(11, 31)), "medium": (), "few": tuple(range(11))}
    axis = ClassAxis([str(label) for label in range(31)], [5] * 11 + [500] * 20, groups)
    figure = draw_feature_norms_by_class(norms, axis)
    assert _points(figure) == [[[1, 3], [2, 3]], [[1, 5], [2, 10]]]
    assert [line.get_color() for line in figure.axes[0].lines] == [GROUP_COLOURS["many"], GROUP_COLOURS["few"]]
    assert [text.get_text() for text in figure.legends[0].texts] == ["many", "few"]
    corners = figure.axes[0].collections[1].get_paths()[0].vertices
    assert {(1, 1), (1, 9), (2, 2), (2, 18)} <= {tuple(corner) for corner in np.round(corners, 9).tolist()}  # type: ignore[arg-type]


def test_labels_are_apart_below_the_top_and_in_order() -> None:
    assert spread_labels(np.array([1.0, 3.0, 2.0]), 0.5, 4.0).tolist() == [1, 3, 2]  # nothing to do
    assert spread_labels(np.array([1.0, 1.0, 1.25]), 0.5, 4.0).tolist() == [1, 1.5, 2]
    assert spread_labels(np.array([4.0, 3.9, 4.0]), 0.5, 4.0).tolist() == [3.5, 3, 4]
    assert spread_labels(np.empty(0), 0.5, 4.0).tolist() == []


@pytest.mark.parametrize("num_classes", [1, 2, 10, 30, 31, 200])
def test_is_written_with_any_number_of_classes(
    check_figure: Callable[..., object], long_tail: Callable[[int], list[int]], num_classes: int
) -> None:
    counts = long_tail(num_classes) if num_classes > 1 else [5]
    norms = np.random.default_rng(0).random((3, num_classes))
    axis = ClassAxis([f"c{label}" for label in range(num_classes)], counts, {"few": range(num_classes)})
    check_figure(lambda: draw_feature_norms_by_class(norms, axis, subtitle="run r"), again=num_classes == 2)


def test_is_written_with_awkward_names_and_without_values(
    check_figure: Callable[..., object], awkward_names: list[str]
) -> None:
    axis = ClassAxis(awkward_names, range(10, 0, -1))
    check_figure(lambda: draw_feature_norms_by_class(np.ones((2, 10)), axis))
    check_figure(lambda: draw_feature_norms_by_class(np.full((2, 10), NAN), axis))
    check_figure(lambda: draw_feature_norms_by_class(np.zeros((1, 10)), axis))


@pytest.mark.parametrize("shape", [(3,), (2, 3)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match="norms must have shape \\(epochs, 2 classes\\), got"):
        draw_feature_norms_by_class(np.ones(shape), ClassAxis(["a", "b"], [2, 1]))


def test_the_colours_follow_the_page() -> None:
    figure = draw_feature_norms_by_class(np.ones((2, 2)), ClassAxis(["a", "b"], [2, 1]))
    svg = figure_svg(figure)
    assert f"var(--figure-rank-1, {RANK_COLOURS[0]})" in svg
    assert f"var(--figure-rank-10, {RANK_COLOURS[-1]})" in svg


def test_the_colours_of_ranks_have_contrast_on_both_pages() -> None:
    ranks = [colours for name, colours in PAGE_COLOURS.items() if name.startswith("--figure-rank-")]
    assert len(ranks) == 10
    for light, dark in ranks:
        assert (1 + 0.05) / (_luminance(light) + 0.05) >= 3
        assert (_luminance(dark) + 0.05) / (_luminance(PAGE_COLOURS["--figure-paper"][1]) + 0.05) >= 3


def _luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in to_rgb(colour)]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))
