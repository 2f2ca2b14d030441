"""Figure: the confusion matrix, true class by predicted class, the largest class first."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from decouple.class_counts import largest_first
from decouple.errors import DataError
from decouple.reporting.class_axis import MAX_NAMED, class_labels, rank_step
from decouple.reporting.palette import CELL_INK, CELL_PAPER
from decouple.reporting.series import Floats, check_lengths
from decouple.reporting.style import new_figure, styled

_MAX_NUMBERED = 12  # with more classes the shares no longer fit into their cells


@styled
def draw_confusion(
    confusion: Sequence[Sequence[int]],
    class_names: Sequence[str],
    class_counts: Sequence[int],
    *,
    subtitle: str = "",
) -> Figure:
    """Return a figure of the share of each true class's images by predicted class; both axes begin with the largest.

    The colour grows with a root of the share, so that small confusions are visible too. Rows without images are beige.

    Args:
        confusion: (C, C) image counts; row: true class, column: predicted class.
        class_names: C names.
        class_counts: C training images, which order rows and columns.
        subtitle: run, method and split.

    Raises:
        DataError: the counts are not (C, C), or the lists differ in length.
    """
    check_lengths({"class_counts": class_counts}, len(class_names), "classes")
    order = largest_first(class_counts)
    shares = row_shares(_checked(confusion, len(class_names)))[np.ix_(order, order)]
    side = _side(len(order))
    figure = new_figure("Confusion matrix", subtitle, width=side * 1.12, height=side)
    axes = figure.add_subplot()
    colours = colormaps["Blues"].with_extremes(bad="#e8e2d8")
    root = 1 / 2 if len(order) <= MAX_NAMED else 1 / 3
    image = axes.imshow(shares, cmap=colours, norm=PowerNorm(root, 0, 100), interpolation="nearest")
    bar = figure.colorbar(image, ax=axes, shrink=0.75, aspect=28, ticks=[0, 1, 5, 10, 25, 50, 100])
    bar.set_label("share of the true class (%)")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    _label(axes, class_names, order)
    if len(order) <= _MAX_NUMBERED:
        _write_shares(axes, shares)
    return figure


def row_shares(counts: Floats) -> Floats:
    """Return each row of `counts` in percent of its sum; NaN in a row without images."""
    totals = counts.sum(axis=1, keepdims=True)
    return 100 * counts / np.where(totals > 0, totals, np.nan)


def _checked(confusion: Sequence[Sequence[int]], num_classes: int) -> Floats:
    counts = np.array(confusion, dtype=np.float64)
    if counts.shape != (num_classes, num_classes):
        raise DataError(f"a confusion matrix of {num_classes} classes must be square, got shape {counts.shape}")
    return counts


def _side(num_classes: int) -> float:
    """Return the height in inches at which every class has a row of its own pixels."""
    if num_classes <= MAX_NAMED:
        return 3.4 + 0.13 * num_classes
    return 6.4 if num_classes <= 300 else 9.6


def _label(axes: Axes, class_names: Sequence[str], order: NDArray[np.intp]) -> None:
    num_classes = len(order)
    if num_classes > MAX_NAMED:
        note = "rank by training images, 1: largest"
        axes.set(xlabel=f"predicted class ({note})", ylabel=f"true class ({note})")
        ranks = [1, *range((step := rank_step(num_classes)), num_classes + 1, step)]
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_ticks([rank - 1 for rank in ranks], [f"{rank:,}" for rank in ranks])
        return
    axes.set(xlabel="predicted class, largest first", ylabel="true class, largest first")
    labels = class_labels(class_names)
    names = [labels[label] for label in order]
    if max(len(name) for name in names) <= 2:
        axes.set_xticks(range(num_classes), names)
    else:
        axes.set_xticks(range(num_classes), names, rotation=50, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(num_classes), names)
    axes.tick_params(length=0)


def _write_shares(axes: Axes, shares: Floats) -> None:
    """Write the share into each cell that is not empty, light on dark cells."""
    look: Any = {"ha": "center", "va": "center", "fontsize": 7.5, "in_layout": False}  # it lies inside its cell
    for (row, column), share in np.ndenumerate(shares):
        if share >= 0.5:
            axes.text(column, row, f"{share:.0f}", color=CELL_PAPER if share > 35 else CELL_INK, **look)
