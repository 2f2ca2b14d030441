"""Figure: the mean feature norm of the images of every class, such as those of test, of one or several networks."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from decouple.class_counts import largest_first
from decouple.reporting.class_axis import MAX_NAMED, ClassAxis, figure_width, name_classes
from decouple.reporting.function_curves import curve_look
from decouple.reporting.legends import legend_above
from decouple.reporting.per_class_accuracy import MAX_DOTS, MAX_INTERVALS, window_of
from decouple.reporting.series import Floats, check_lengths, with_gaps
from decouple.reporting.style import MAX_VECTOR_DOTS, drawable, method_colour, method_marker, new_figure, styled


@styled
def draw_test_feature_norms(
    classes: ClassAxis, norms: Mapping[str, Sequence[float | None]], *, subtitle: str = ""
) -> Figure:
    """Return a figure of the mean feature norm of each class's images in a split, most training images first.

    Up to 30 classes have a marker for each network. Of more, a line is the mean of neighbouring classes, a tenth of
    all, and dots are single classes: of up to 3 networks, up to 1,000 classes.

    Args:
        classes: C names and counts.
        norms: name of a network to C mean norms; None or NaN of a class without images.
        subtitle: runs, weights and split.

    Raises:
        DataError: a network does not have C norms.
    """
    check_lengths({"class_counts": classes.counts, **norms}, len(classes.names), "classes")
    order = largest_first(classes.counts)
    figure = new_figure("Feature norm of every class", subtitle, width=figure_width(len(order)), height=3.6)
    axes = figure.add_subplot()
    rows = [with_gaps(values)[order] for values in norms.values()]
    dots = len(order) <= MAX_DOTS and len(rows) <= MAX_INTERVALS
    handles = [_draw_network(axes, row, index, dots=dots) for index, row in enumerate(rows)]
    legend_above(
        figure, handles, [drawable(name, f"network {index + 1}", limit=40) for index, name in enumerate(norms)]
    )
    axes.set_ylim(bottom=0)
    axes.set_ylabel("mean norm of the features of the class")
    name_classes(axes, classes.names, order)
    if len(order) > MAX_NAMED:
        axes.set_xlabel(f"{axes.get_xlabel()}\nlines: mean of {window_of(len(order))} neighbouring classes")
    return figure


def running_mean(values: Floats, window: int) -> Floats:
    """Return the mean of the `window` values (odd) around each position, (C,), NaN left out; fewer at the ends.

    Example:
        >>> running_mean(np.array([1.0, 2.0, np.nan, 6.0]), 3).tolist()
        [1.5, 1.5, 4.0, 6.0]
    """
    padded = np.pad(values, window // 2, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, window)
    known = np.isfinite(windows).sum(axis=1)
    return np.where(known > 0, np.nansum(windows, axis=1) / np.maximum(known, 1), np.nan)


def _draw_network(axes: Axes, values: Floats, index: int, *, dots: bool) -> Artist:
    """Draw the norms of the network at `index`; return what stands for it in the legend."""
    x, look = np.arange(len(values)), curve_look(index)
    if len(values) <= MAX_NAMED:
        marker: Any = {"color": method_colour(index), "marker": method_marker(index)}
        return axes.plot(x, values, lw=1.0, markersize=5, **marker)[0]
    if dots:
        vector = len(values) <= MAX_VECTOR_DOTS
        axes.plot(x, values, "o", color=look["color"], ms=2.4, mew=0, alpha=0.4, rasterized=not vector)
    return axes.plot(x, running_mean(values, window_of(len(values))), lw=1.8, **look)[0]
