from collections.abc import Callable

import numpy as np
import pytest

from decouple.reporting.palette import METHOD_COLOURS, PAPER
from decouple.reporting.per_class_accuracy import draw_per_class_accuracy, window_of


@pytest.mark.parametrize("num_classes", [2, 1000])
def test_is_written_for_any_number_of_classes(
    num_classes: int, long_tail: Callable[[int], list[int]], check_figure: Callable[..., object]
) -> None:
    names = [f"class_{label}" for label in range(num_classes)]
    before: list[float | None] = [100.0 * label / num_classes for label in range(num_classes)]
    after: list[float | None] = [None, *before[1:]]
    accuracies: dict[str, list[float | None]] = {"stage one": before, "_crt_": after}
    images = [0, *[100] * (num_classes - 1)]
    check_figure(lambda: draw_per_class_accuracy(names, long_tail(num_classes), accuracies, images))


@pytest.mark.parametrize("num_classes", [10, 40])
def test_all_values_missing(
    num_classes: int,
    awkward_names: list[str],
    long_tail: Callable[[int], list[int]],
    check_figure: Callable[..., object],
) -> None:
    names, missing = awkward_names * (num_classes // 10), {"stage one": [None] * num_classes}
    images = [0] * num_classes
    check_figure(lambda: draw_per_class_accuracy(names, long_tail(num_classes), missing, images), again=True)


def test_markers_with_wilson_intervals_largest_class_first_and_few_images_hollow() -> None:
    # By size b, a. b: 60 of 100 images correct; a: 2 of 2. 95 % Wilson intervals: 50.2 to 69.1, and 34.2 to 100.
    figure = draw_per_class_accuracy(["a", "b"], [3, 90], {"stage one": [100.0, 60.0]}, [2, 100])
    axes = figure.axes[0]
    (intervals,) = axes.collections
    ends = [segment.tolist() for segment in intervals.get_segments()]  # type: ignore[attr-defined]
    np.testing.assert_allclose(ends, [[[0, 50.2], [0, 69.1]], [[1, 34.2], [1, 100]]], atol=0.05)
    markers = [(line.get_xydata().tolist(), line.get_markerfacecolor()) for line in axes.lines]  # type: ignore[union-attr]
    assert markers == [([[0, 60]], METHOD_COLOURS[0]), ([[1, 100]], PAPER)]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["b", "a"]
    assert "few images (under 10)" in [text.get_text() for text in figure.legends[0].texts]


def test_more_than_three_methods_have_no_intervals() -> None:
    accuracies: dict[str, list[float | None]] = {f"method {index}": [50.0, 50.0] for index in range(4)}
    figure = draw_per_class_accuracy(["a", "b"], [3, 90], accuracies, [10, 10])
    assert len(figure.axes[0].collections) == 0
    assert "few images (under 10)" not in [text.get_text() for text in figure.legends[0].texts]


def test_neighbouring_classes_are_taken_together() -> None:
    # 40 classes of 10 images: a window of 5 classes. All correct but the first class, so it and its two neighbours
    # have 20 of 30 images correct; with 4 neighbours it is 40 of 50 in the middle of the window.
    figure = draw_per_class_accuracy([""] * 40, [1] * 40, {"stage one": [0.0, *[100.0] * 39]}, [10] * 40)
    (trend,) = [line for line in figure.axes[0].lines if line.get_marker() in ("None", "none", "")]
    np.testing.assert_allclose(np.asarray(trend.get_ydata())[:4], [200 / 3, 75, 80, 100])


def test_the_window_is_odd_and_about_a_tenth() -> None:
    assert [window_of(c) for c in (31, 100, 1000)] == [3, 11, 101]
