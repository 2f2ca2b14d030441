"""Figure: accuracy of every class under each method."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from decouple.report.class_axis import MAX_NAMED, figure_width, largest_first, name_classes
from decouple.report.log_axis import log_range, set_log_axis
from decouple.report.series import Floats, check_lengths, with_gaps
from decouple.report.style import GREY, drawable, legend_above, method_colour, method_marker, new_figure


def draw_per_class_accuracy(
    path: Path,
    class_names: Sequence[str],
    class_counts: Sequence[int],
    accuracies: Mapping[str, Sequence[float | None]],
) -> None:
    """Draw the accuracy of every class under each method, largest class first, and the class sizes in grey.

    Few classes get a marker each, joined from the first method to the others; more than 30 get a dot each and a line
    through the mean of neighbouring classes, because single classes vary too much for a line.

    Args:
        path: the PNG to write.
        class_names: C names.
        class_counts: C training images.
        accuracies: method to C accuracies in percent, None for a class without test images; stage one first.
    Raises:
        DataError: a list does not have C values.
    """
    check_lengths({"class_counts": class_counts, **accuracies}, len(class_names), "classes")
    order = largest_first(class_counts)
    with new_figure(path, width=figure_width(len(order)), height=3.9) as figure:
        axes = figure.add_subplot()
        size_line = _draw_sizes(axes, np.array(class_counts, dtype=np.float64)[order])
        values = {method: with_gaps(accuracy)[order] for method, accuracy in accuracies.items()}
        draw = _draw_trends if len(order) > MAX_NAMED else _draw_markers
        handles = [*draw(axes, values), size_line]
        labels = [drawable(method, f"method {i + 1}", limit=30) for i, method in enumerate(accuracies)]
        legend_above(figure, handles, [*labels, "training images"])
        axes.set_ylim(-3, 103)
        axes.set_ylabel("accuracy of the class (%)")
        name_classes(axes, class_names, order)
        if len(order) > MAX_NAMED:
            axes.set_title(
                f"lines: mean over {window_of(len(order))} neighbouring classes",
                loc="right",
                fontsize=7.5,
                fontweight="normal",
                color=GREY,
            )


def moving_average(values: Floats, window: int) -> Floats:
    """Return the mean of the `window` values (odd) around each position, fewer at the ends; NaN is left out."""
    known = np.isfinite(values)
    kernel = np.ones(window)
    half = window // 2
    # A full convolution, cut in the middle: mode="same" returns the length of the window where that is longer.
    sums = np.convolve(np.where(known, values, 0.0), kernel)[half : half + len(values)]
    known_near = np.convolve(known.astype(np.float64), kernel)[half : half + len(values)]
    return np.where(known_near > 0.5, sums / np.maximum(known_near, 1.0), np.nan)


def window_of(num_classes: int) -> int:
    """Return the odd number of neighbouring classes to average over, about a tenth of all."""
    return 2 * (num_classes // 20) + 1


def _draw_sizes(axes: Axes, class_counts: Floats) -> Artist:
    """Draw the class sizes as a faint line on a logarithmic axis of its own, behind the accuracies."""
    sizes = axes.twinx()
    axes.set_zorder(sizes.get_zorder() + 1)
    axes.patch.set_visible(False)
    (line,) = sizes.step(range(len(class_counts)), class_counts, where="mid", color="#B8B8B8", lw=1.0)
    set_log_axis(sizes, "y", *log_range(class_counts))
    sizes.set_ylabel("training images", color=GREY)
    sizes.tick_params(axis="y", colors=GREY, length=2)
    sizes.spines["right"].set_visible(False)
    sizes.grid(visible=False)
    return line


def _draw_markers(axes: Axes, values: Mapping[str, Floats]) -> list[Artist]:
    """Draw a marker per class and method, and a thin line over the range of the values of a class."""
    table = np.array(list(values.values()))  # (methods, C)
    for position, column in enumerate(table.T):
        known = column[np.isfinite(column)]
        if known.size > 1:
            axes.plot([position, position], [known.min(), known.max()], color=GREY, lw=1.0, zorder=1)
    handles: list[Artist] = []
    for position, row in enumerate(table):
        # Only the markers of stage one are hollow: where two values coincide, both are visible.
        fill = "white" if position == 0 else method_colour(position)
        size = 6.5 if position == 0 else 5.0
        handles += axes.plot(
            range(len(row)),
            row,
            linestyle="none",
            marker=method_marker(position),
            markersize=size,
            markerfacecolor=fill,
            markeredgecolor=method_colour(position),
            zorder=2,
        )
    return handles


def _draw_trends(axes: Axes, values: Mapping[str, Floats]) -> list[Artist]:
    """Draw a faint dot per class and method, and a line through the mean of neighbouring classes."""
    handles: list[Artist] = []
    dot = 2.8 if max(map(len, values.values()), default=0) <= 200 else 1.8
    for position, row in enumerate(values.values()):
        colour = method_colour(position)
        axes.plot(range(len(row)), row, "o", color=colour, markersize=dot, alpha=0.4, markeredgewidth=0)
        style = "--" if position == 0 else "-"
        trend = moving_average(row, window_of(len(row)))
        handles += axes.plot(range(len(row)), trend, color=colour, lw=1.8, linestyle=style)
    return handles
