"""Figure: one number per class, such as its sampling probability, for several series over the same class axis."""

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
from decouple.reporting.log_axis import log_range, set_log_axis
from decouple.reporting.series import Floats, check_lengths, with_gaps
from decouple.reporting.style import drawable, method_colour, method_marker, new_figure, styled


@styled
def draw_class_series(
    title: str,
    classes: ClassAxis,
    series: Mapping[str, Sequence[float | None]],
    *,
    y_label: str,
    y_log: bool = False,
    subtitle: str = "",
) -> Figure:
    """Return a figure of one value per class for each of `series`: markers up to 30 classes, lines above.

    Args:
        title: what is drawn.
        classes: C names and counts.
        series: label to C values; None is a gap.
        y_label: of the values, with their unit.
        y_log: whether the axis of the values is logarithmic; values of 0 are gaps then.
        subtitle: run, split or counts.

    Raises:
        DataError: a list does not have C values.
    """
    check_lengths({"class_counts": classes.counts, **series}, len(classes.names), "classes")
    order = largest_first(classes.counts)
    figure = new_figure(title, subtitle, width=max(6.4, figure_width(len(order))), height=3.8)
    axes = figure.add_subplot()
    values = [with_gaps(numbers)[order] for numbers in series.values()]
    handles = [_draw_line(axes, row, index) for index, row in enumerate(values)]
    labels = [drawable(label, f"series {index + 1}", limit=40) for index, label in enumerate(series)]
    legend_above(figure, handles, labels)
    if y_log:
        set_log_axis(axes, "y", *log_range(np.concatenate(values)))
    else:
        _set_from_zero(axes, values)
    axes.set_ylabel(y_label)
    name_classes(axes, classes.names, order)
    if classes.label:
        axes.set_xlabel(classes.label)
    return figure


def mean_of_neighbours(values: Sequence[float | None], class_counts: Sequence[int], together: int) -> Floats:
    """Return the mean of every `together` classes by falling size, None left out, (ceil(C / together),).

    Example:
        >>> mean_of_neighbours([1.0, 5.0, 2.0, None], [10, 40, 30, 20], 2).tolist()
        [3.5, 1.0]
    """
    ordered = with_gaps(values)[largest_first(class_counts)]
    chunks = [ordered[start : start + together] for start in range(0, len(ordered), together)]
    return np.array([chunk[np.isfinite(chunk)].mean() if np.isfinite(chunk).any() else np.nan for chunk in chunks])


def _draw_line(axes: Axes, values: Floats, index: int) -> Artist:
    if len(values) > MAX_NAMED:
        (line,) = axes.plot(range(len(values)), values, drawstyle="steps-mid", lw=1.5, **curve_look(index))
    else:
        look: Any = {"color": method_colour(index), "marker": method_marker(index)}
        (line,) = axes.plot(range(len(values)), values, lw=1.0, markersize=5, **look)
    return line


def _set_from_zero(axes: Axes, values: Sequence[Floats]) -> None:
    """Begin the axis at 0 where no value is negative."""
    finite = np.concatenate([row[np.isfinite(row)] for row in values])
    if finite.size and finite.min() >= 0:
        axes.set_ylim(bottom=0, top=max(1.06 * float(finite.max()), 1e-12))
