"""Figure: accuracy of every class under each method, with intervals, the largest class first."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from decouple.class_counts import largest_first
from decouple.evaluation.recall_intervals import MIN_RANKED_IMAGES, RecallInterval, recall_intervals
from decouple.reporting.class_axis import MAX_NAMED, figure_width, name_classes
from decouple.reporting.legends import legend_above
from decouple.reporting.log_axis import log_range, set_log_axis
from decouple.reporting.palette import FAINT, GREY, PAPER
from decouple.reporting.series import Floats, check_lengths, with_gaps
from decouple.reporting.style import MAX_VECTOR_DOTS, drawable, method_colour, method_marker, new_figure, styled

MAX_INTERVALS = 3  # methods; the intervals of more would cover one another, and so would their dots
MAX_DOTS = 1000  # classes; the dots of more would cover one another
MAX_VERTICES = 500  # of a line


@styled
def draw_per_class_accuracy(
    class_names: Sequence[str],
    class_counts: Sequence[int],
    accuracies: Mapping[str, Sequence[float | None]],
    test_images: Sequence[int],
    *,
    subtitle: str = "",
) -> Figure:
    """Return a figure of the accuracy of every class under each method, and of the class sizes in grey.

    Up to 30 classes get a marker with its 95 % Wilson interval for each method. More get a dot, and a line through the
    accuracy of neighbouring classes together, with a band as its interval. Classes with fewer than 10 test images are
    hollow. Above 3 methods there are no intervals, and dots only up to 30 classes; above 1,000 classes there are none.

    Args:
        class_names: C names.
        class_counts: C training images, which order the classes.
        accuracies: method to C accuracies in percent, None for a class without test images; stage one first.
        test_images: C images that the accuracies are of.
        subtitle: run, methods and split.

    Raises:
        DataError: a list does not have C values.
    """
    lists = {"class_counts": class_counts, "test_images": test_images, **accuracies}
    check_lengths(lists, len(class_names), "classes")
    order = largest_first(class_counts)
    images = np.asarray(test_images, dtype=np.int64)[order]
    hits = {method: correct_images(values, test_images)[order] for method, values in accuracies.items()}
    figure = new_figure("Accuracy of every class", subtitle, width=figure_width(len(order)), height=4.1)
    axes = figure.add_subplot()
    size_line = _draw_sizes(axes, np.array(class_counts, dtype=np.float64)[order])
    draw = _draw_trends if len(order) > MAX_NAMED else _draw_markers
    handles = [*draw(axes, list(hits.values()), images), size_line]
    labels = [drawable(method, f"method {i + 1}", limit=30) for i, method in enumerate(accuracies)]
    labels.append("training images")
    dots = len(order) <= (MAX_DOTS if len(accuracies) <= MAX_INTERVALS else MAX_NAMED)
    if dots and ((images > 0) & (images < MIN_RANKED_IMAGES)).any():
        handles.append(Line2D([], [], linestyle="none", marker="o", color=GREY, markerfacecolor=PAPER))
        labels.append(f"few images (under {MIN_RANKED_IMAGES})")
    legend_above(figure, handles, labels)
    axes.set_ylim(-3, 103)
    axes.set_ylabel("accuracy of the class (%)")
    name_classes(axes, class_names, order)
    if len(order) > MAX_NAMED:
        bands = ", bands: 95 % intervals" if len(accuracies) <= MAX_INTERVALS else ""
        note = f"lines: {window_of(len(order))} neighbouring classes together{bands}"
        axes.set_xlabel(f"{axes.get_xlabel()}\n{note}")
    return figure


def correct_images(accuracies: Sequence[float | None], images: Sequence[int]) -> NDArray[np.int64]:
    """Return the number of correct images of each class, (C,): its accuracy in percent times its images.

    Example:
        >>> correct_images([50.0, None, 100.0], [4, 0, 3]).tolist()
        [2, 0, 3]
    """
    shares = np.nan_to_num(with_gaps(accuracies)) / 100
    return np.rint(shares * np.asarray(images, dtype=np.float64)).astype(np.int64)


def neighbours_together(values: NDArray[np.int64], window: int) -> NDArray[np.int64]:
    """Return the sum of the `window` values (odd) around each position, (C,); fewer at the ends.

    Example:
        >>> neighbours_together(np.array([1, 2, 3, 4]), 3).tolist()
        [3, 6, 9, 7]
    """
    half = window // 2
    sums = np.concatenate([[0], np.cumsum(values)])
    positions = np.arange(len(values))
    return np.asarray(sums[np.minimum(positions + half + 1, len(values))] - sums[np.maximum(positions - half, 0)])


def window_of(num_classes: int) -> int:
    """Return the odd number of neighbouring classes to take together, about a tenth of all."""
    return 2 * (num_classes // 20) + 1


def _draw_sizes(axes: Axes, class_counts: Floats) -> Artist:
    """Draw the class sizes as a faint line on a logarithmic axis of its own, behind the accuracies."""
    sizes = axes.twinx()
    axes.set_zorder(sizes.get_zorder() + 1)
    axes.patch.set_visible(False)
    (line,) = sizes.step(range(len(class_counts)), class_counts, where="mid", color=FAINT, lw=1.0)
    set_log_axis(sizes, "y", *log_range(class_counts))
    sizes.set_ylabel("training images (logarithmic)", color=GREY)
    sizes.tick_params(axis="y", colors=GREY, length=2)
    sizes.spines["right"].set_visible(False)
    sizes.grid(visible=False)
    return line


def _draw_markers(axes: Axes, hits: Sequence[NDArray[np.int64]], images: NDArray[np.int64]) -> list[Artist]:
    """Draw a marker per class and method, side by side, with its interval; return a legend marker per method."""
    step = 0.62 / max(1, len(hits))
    handles: list[Artist] = []
    for position, correct in enumerate(hits):
        look: Any = {"color": method_colour(position), "marker": method_marker(position), "markersize": 5.0}
        x = np.arange(len(images), dtype=np.float64) + float(step * (position - (len(hits) - 1) / 2))
        _draw_classes(axes, x, recall_intervals(correct, images), look, with_intervals=len(hits) <= MAX_INTERVALS)
        handles.append(Line2D([], [], linestyle="none", **look))
    return handles


def _draw_classes(
    axes: Axes, x: Floats, intervals: Sequence[RecallInterval], look: Any, *, with_intervals: bool
) -> None:
    """Draw the classes that have test images, those with few of them hollow."""
    recalls = with_gaps([interval.recall for interval in intervals])
    known, few = np.isfinite(recalls), np.array([interval.few_images for interval in intervals])
    if with_intervals:
        low, high = (np.array([getattr(interval, end) for interval in intervals]) for end in ("low", "high"))
        axes.vlines(x[known], low[known], high[known], color=look["color"], lw=1.1, zorder=1)
    for members, fill in ((known & ~few, look["color"]), (known & few, PAPER)):
        axes.plot(x[members], recalls[members], linestyle="none", zorder=2, markerfacecolor=fill, **look)


def _draw_trends(axes: Axes, hits: Sequence[NDArray[np.int64]], images: NDArray[np.int64]) -> list[Artist]:
    """Draw a faint dot per class and method, and a line with its band for neighbouring classes together."""
    handles: list[Artist] = []
    window = window_of(len(images))
    x = np.linspace(0, len(images) - 1, min(len(images), MAX_VERTICES)).round().astype(np.int64)
    together = neighbours_together(images, window)[x]
    for position, correct in enumerate(hits):
        colour = method_colour(position)
        trend = recall_intervals(neighbours_together(correct, window)[x], together)
        if len(hits) <= MAX_INTERVALS:
            if len(images) <= MAX_DOTS:
                _draw_dots(axes, correct, images, colour)
            low, high = [interval.low for interval in trend], [interval.high for interval in trend]
            axes.fill_between(x, low, high, color=colour, alpha=0.25, lw=0, where=list(together > 0))
        recalls = with_gaps([interval.recall for interval in trend])
        handles += axes.plot(x, recalls, color=colour, lw=1.8, linestyle="--" if position == 0 else "-")
    return handles


def _draw_dots(axes: Axes, correct: NDArray[np.int64], images: NDArray[np.int64], colour: str) -> None:
    size = 3.0 if len(images) <= 200 else 1.8
    recalls = np.where(images > 0, 100 * correct / np.maximum(images, 1), np.nan)
    few = images < MIN_RANKED_IMAGES
    for members, fill in ((~few, colour), (few, "none")):
        axes.plot(
            np.flatnonzero(members),
            recalls[members],
            "o",
            color=colour,
            markersize=size,
            markerfacecolor=fill,
            markeredgewidth=0.5 if fill == "none" else 0,
            alpha=0.4,
            rasterized=len(images) > MAX_VECTOR_DOTS,
        )
