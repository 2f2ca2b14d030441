"""Figure: features in two dimensions, a panel for each training and split, coloured by class or by class group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from decouple.checks import require_shape
from decouple.class_counts import group_of_class, largest_first
from decouple.evaluation.arrays import FLOATING, INTEGER, Array, as_array
from decouple.reporting.class_axis import ClassAxis, class_labels
from decouple.reporting.legends import legend_above
from decouple.reporting.palette import GREY, GROUP_COLOURS
from decouple.reporting.style import MAX_VECTOR_DOTS, drawable, method_marker, new_figure, styled

MAX_COLOURED_CLASSES = 10  # more are coloured by group
SIDE = 3.3  # inches of a panel
# After Paul Tol's "muted" colours, from the largest class to the smallest.
CLASS_COLOURS = (
    "#332288", "#88ccee", "#117733", "#ddaa33", "#cc6677", "#44aa99", "#999933", "#aa4499", "#661100", "#222222"
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class EmbeddingPanel:
    """The points of a panel."""

    points: Array  # (N, 2)
    labels: Array  # (N,) int64


@styled
def draw_embeddings(
    title: str,
    panels: Mapping[str, EmbeddingPanel],
    classes: ClassAxis,
    *,
    columns: int,
    angles: tuple[str, str] | None = None,
    subtitle: str = "",
) -> Figure:
    """Return a figure of points, coloured by class up to 10 classes, else by group; small classes lie on top.

    Args:
        title: what is drawn.
        panels: title of a panel to its points, row by row.
        classes: C names, counts and groups.
        columns: panels side by side.
        angles: labels of the axes of points that are angles in radians; default: points have no unit and no scale.
        subtitle: of what.

    Raises:
        DataError: shapes or types do not fit.
    """
    rows = -(-len(panels) // columns)
    figure = new_figure(title, subtitle, width=max(5.0, 0.3 + SIDE * columns), height=0.2 + (SIDE + 0.1) * rows)
    handles: dict[str, Artist] = {}
    names = _coloured(classes)
    for index, (heading, panel) in enumerate(panels.items()):
        axes = figure.add_subplot(rows, columns, index + 1)
        handles |= _draw_panel(axes, panel, names)
        if angles is not None:
            _scale_in_radians(axes, angles)
        axes.set_title(drawable(heading, f"panel {index + 1}", limit=44))
    labels = [name for name in names if name in handles]
    legend_above(figure, [handles[name] for name in labels], labels)
    return figure


def _coloured(classes: ClassAxis) -> dict[str, tuple[list[int], dict[str, Any]]]:
    """Return name -> classes and look of what has a colour of its own: the classes, or the groups."""
    order = largest_first(classes.counts)
    if len(order) <= MAX_COLOURED_CLASSES:
        names = class_labels(classes.names)
        return {
            names[label]: ([label], {"color": CLASS_COLOURS[rank], "marker": method_marker(rank)})
            for rank, label in enumerate(order.tolist())
        }
    known = set(group_of_class(classes.groups).values())
    return {
        drawable(name, "group"): (list(members), {"color": GROUP_COLOURS.get(name, GREY), "marker": "o"})
        for name, members in classes.groups.items()
        if name in known
    }


def _draw_panel(
    axes: Axes, panel: EmbeddingPanel, names: Mapping[str, tuple[list[int], dict[str, Any]]]
) -> dict[str, Artist]:
    """Draw the points of a panel; return a mark for each name that has one."""
    points, labels = as_array("points", panel.points, FLOATING), as_array("labels", panel.labels, INTEGER)
    require_shape("points", points, ("N", 2))
    require_shape("labels", labels, (len(points),))
    dense = len(points) > MAX_VECTOR_DOTS
    handles: dict[str, Artist] = {}
    for name, (members, look) in names.items():
        chosen = points[np.isin(labels, members)]
        size = 2.2 if dense else 3.4
        axes.plot(
            chosen[:, 0], chosen[:, 1], linestyle="none", markersize=size, alpha=0.7, rasterized=dense,
            markeredgewidth=0, **look,
        )  # fmt: skip
        if len(chosen):
            handles[name] = Line2D([], [], linestyle="none", markersize=5, **look)
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    return handles


def _scale_in_radians(axes: Axes, labels: tuple[str, str]) -> None:
    """Give both axes a scale from 0 to pi, and mark the right angle."""
    for line in (axes.axvline, axes.axhline):
        line(np.pi / 2, color=GREY, lw=0.8, linestyle=":", zorder=0)
    ticks = np.arange(5) * np.pi / 4
    texts = ["0", "\u03c0/4", "\u03c0/2", "3\u03c0/4", "\u03c0"]
    axes.set_xticks(ticks, texts)
    axes.set_yticks(ticks, texts)
    axes.set(xlim=(0, np.pi), ylim=(0, np.pi), xlabel=labels[0], ylabel=labels[1], aspect="equal")
