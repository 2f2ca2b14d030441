"""Figure: images of every class in each split, with the class groups in the background."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from decouple.class_counts import group_of_class, largest_first
from decouple.reporting.class_axis import MAX_NAMED, figure_width, name_classes
from decouple.reporting.legends import in_rows, legend_above
from decouple.reporting.log_axis import set_log_axis
from decouple.reporting.palette import GREY, GROUP_COLOURS
from decouple.reporting.series import Floats, check_lengths
from decouple.reporting.style import drawable, method_colour, new_figure, styled

_LINE_STYLES = ("-", "--", "-.", ":")


@styled
def draw_class_distribution(
    class_names: Sequence[str],
    counts: Mapping[str, Sequence[int]],
    groups: Mapping[str, Sequence[int]],
    *,
    subtitle: str = "",
) -> Figure:
    """Return a figure of the per class, one series per split; the first split orders the classes.

    Args:
        class_names: C names.
        counts: split title to C image counts; the training set first.
        groups: group name ("many", "medium", "few") to class indices; may be empty.
        subtitle: the run or the data set.

    Raises:
        DataError: a split does not have C counts.
    """
    check_lengths(counts, len(class_names), "classes")
    order = largest_first(next(iter(counts.values())))
    figure = new_figure("Images of every class", subtitle, width=figure_width(len(order)), height=3.8)
    axes = figure.add_subplot()
    values = {title: np.array(split, dtype=np.float64)[order] for title, split in counts.items()}
    draw = _draw_steps if len(order) > MAX_NAMED else _draw_bars
    titles = [drawable(title, "split", limit=30) for title in counts]
    splits = list(zip(draw(axes, values), titles, strict=True))
    handles, labels, columns = in_rows(*filter(None, (splits, _shade(axes, order, groups))))
    legend_above(figure, handles, labels, columns=columns)
    set_log_axis(axes, "y", 0.7, 1.5 * max(1.0, *(float(split.max()) for split in values.values())))
    axes.set_ylabel("images (logarithmic)")
    name_classes(axes, class_names, order)
    return figure


def group_runs(order: NDArray[np.intp], groups: Mapping[str, Sequence[int]]) -> list[tuple[str, int, int]]:
    """Return (group, first position, last position + 1) for each run of neighbours in `order` that share a group."""
    group_of = group_of_class(groups)
    runs: list[tuple[str, int, int]] = []
    for position, label in enumerate(order.tolist()):
        name = group_of.get(label, "")
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1], position + 1)
        else:
            runs.append((name, position, position + 1))
    return [run for run in runs if run[0]]


def _shade(axes: Axes, order: NDArray[np.intp], groups: Mapping[str, Sequence[int]]) -> list[tuple[Artist, str]]:
    """Tint the background behind each group that has a class; return the entries of the legend."""
    for name, start, stop in group_runs(order, groups):
        axes.axvspan(start - 0.5, stop - 0.5, color=GROUP_COLOURS.get(name, GREY), alpha=0.16, lw=0, zorder=0)
    sizes = {name: len(members) for name, members in groups.items() if len(members)}
    patches = [Patch(color=GROUP_COLOURS.get(name, GREY), alpha=0.3, lw=0) for name in sizes]
    labels = [f"{name} ({size:,} {'class' if size == 1 else 'classes'})" for name, size in sizes.items()]
    return list(zip(patches, labels, strict=True))


def _draw_bars(axes: Axes, values: Mapping[str, Floats]) -> list[Artist]:
    """Draw one bar per class and split, those of a class side by side."""
    width = 0.8 / len(values)
    handles: list[Artist] = []
    for position, split in enumerate(values.values()):
        centres = np.arange(len(split)) - 0.4 + width * (position + 0.5)
        axes.bar(centres, split, width * 0.92, color=method_colour(position))
        handles.append(Patch(color=method_colour(position)))
    return handles


def _draw_steps(axes: Axes, values: Mapping[str, Floats]) -> list[Artist]:
    """Draw one stepped line per split, with a gap where a class has no image."""
    handles: list[Artist] = []
    for position, split in enumerate(values.values()):
        counts = np.where(split > 0, split, np.nan)
        style = _LINE_STYLES[position % len(_LINE_STYLES)]
        (line,) = axes.step(
            range(len(counts)),
            counts,
            where="mid",
            color=method_colour(position),
            linestyle=style,
            lw=1.0 if position else 1.6,
        )
        handles.append(line)
    return handles
