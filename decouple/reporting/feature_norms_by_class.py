"""Figure: the mean feature norm of every class over the epochs of stage one."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from decouple.class_counts import largest_first
from decouple.errors import DataError
from decouple.reporting.class_axis import MAX_NAMED, ClassAxis, class_labels
from decouple.reporting.legends import legend_above
from decouple.reporting.palette import GREY, GROUP_COLOURS, rank_colour
from decouple.reporting.series import Floats
from decouple.reporting.style import drawable, new_figure, say_nothing, styled

BAND = (10, 90)  # percent of the classes of a group
HEIGHT = 3.4  # inches
LABEL_GAP = 0.038  # share of the height of the panel between labels, of 30 classes just above their height


@styled
def draw_feature_norms_by_class(norms: Floats, classes: ClassAxis, *, subtitle: str = "") -> Figure:
    """Return a figure of the mean feature norm of every class, epoch by epoch.

    Up to 30 classes get a line with the name of the class at its end, coloured by its rank in training images. Of more,
    each group gets the median of its classes, and a band from 10 to 90 % of them.

    Args:
        norms: Euclidean norms, (E, C); NaN where there is none: a class without images, an epoch without a record.
        classes: C names and counts, and the groups.
        subtitle: run and split.

    Raises:
        DataError: `norms` is not (E, C), or there are not C counts.
    """
    if norms.ndim != 2 or norms.shape[1] != len(classes.names):
        raise DataError(f"`norms` must have shape (epochs, {len(classes.names)} classes), got {norms.shape}")
    named = len(classes.names) <= MAX_NAMED
    figure = new_figure("Feature norm by class over epochs", subtitle, width=6.6, height=HEIGHT)
    axes = figure.add_subplot()
    if not np.isfinite(norms).any():
        say_nothing(axes)
    elif named:
        _draw_classes(axes, norms, classes)
    else:
        handles = _draw_groups(axes, norms, classes.groups)
        legend_above(figure, list(handles.values()), [drawable(name, "group") for name in handles])
    note = f"lines: median of the classes of a group, bands: {BAND[0]} to {BAND[1]} % of them"
    note = "colours: from the largest class to the smallest; in brackets: training images" if named else note
    axes.set(xlabel=f"epoch\n{note}", ylabel="mean norm of the features of the class")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    return figure


def spread_labels(heights: Floats, gap: float, top: float) -> Floats:
    """Return the heights of labels near `heights` (K,), in the same order, `gap` apart and up to `top` where they fit.

    Example:
        >>> spread_labels(np.array([5.0, 1.0, 5.0]), 1.0, 5.5).tolist()
        [4.5, 1.0, 5.5]
    """
    order = np.argsort(heights, kind="stable")
    steps = gap * np.arange(len(heights))
    raised = np.maximum.accumulate(heights[order] - steps) + steps  # the lowest positions from below
    highest = top - steps[::-1]
    spread = np.empty(len(heights))
    spread[order] = np.minimum(raised, highest)
    return spread


def _draw_classes(axes: Axes, norms: Floats, classes: ClassAxis) -> None:
    """Draw a line for each class, the smallest class first so that the large ones lie above, and name its end."""
    order, names = largest_first(classes.counts), class_labels(classes.names)
    labels = [f"{name} ({count:,})" for name, count in zip(names, classes.counts, strict=True)]
    top = 1.06 * float(np.nanmax(norms)) or 1.0
    axes.set_ylim(0, top)
    ends: list[tuple[int, float, float, str]] = []  # class, last epoch and its norm, colour
    for rank, label in reversed(list(enumerate(order))):
        epochs = np.flatnonzero(np.isfinite(norms[:, label]))
        if epochs.size:
            colour, values = rank_colour(rank, len(order)), norms[epochs, label]
            marker = "o" if epochs.size <= 10 else ""
            axes.plot(epochs + 1, values, color=colour, lw=1.3, marker=marker, markersize=3, clip_on=False)
            ends.append((int(label), float(epochs[-1]) + 1, float(values[-1]), colour))
    heights = spread_labels(np.array([end[2] for end in ends]), LABEL_GAP * top, top)
    for (label, epoch, value, colour), height in zip(ends, heights.tolist(), strict=True):
        _name_line(axes, labels[label], (epoch, value), height, colour)
    axes.set_xlim(right=max(epoch for _, epoch, _, _ in ends))


def _name_line(axes: Axes, name: str, end: tuple[float, float], height: float, colour: str) -> None:
    """Write a name to the right of the panel, with a thin line from the end of its curve."""
    position = axes.get_yaxis_transform()  # x as a share of the width, y as data
    axes.annotate(
        name,
        end,
        (1.07, height),
        textcoords=position,
        va="center",
        fontsize=7,
        annotation_clip=False,
        arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.8, "shrinkA": 1, "shrinkB": 0, "relpos": (0, 0.5)},
    )


def _draw_groups(axes: Axes, norms: Floats, groups: Mapping[str, Sequence[int]]) -> dict[str, Artist]:
    """Draw a median and a band for each group that has norms; return its line."""
    handles: dict[str, Artist] = {}
    for name, members in groups.items():
        of_group = norms[:, np.asarray(members, dtype=np.int64)]
        epochs = np.flatnonzero(np.isfinite(of_group).any(axis=1))
        if epochs.size:
            low, median, high = np.nanpercentile(of_group[epochs], [BAND[0], 50, BAND[1]], axis=1)
            colour = GROUP_COLOURS.get(name, GREY)
            axes.fill_between(epochs + 1, low, high, color=colour, alpha=0.22, lw=0)
            marker = "o" if epochs.size <= 10 else ""
            (handles[name],) = axes.plot(epochs + 1, median, color=colour, marker=marker)
    axes.set_ylim(bottom=0)
    return handles
