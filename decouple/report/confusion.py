"""Figure: which classes are taken for which."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm

from decouple.errors import DataError
from decouple.report.class_axis import MAX_NAMED, class_labels, rank_step
from decouple.report.series import Floats
from decouple.report.style import INK, new_figure

_MAX_NUMBERED = 12  # with more classes the shares no longer fit into their cells


def draw_confusion(path: Path, class_names: Sequence[str], confusion: Sequence[Sequence[int]]) -> None:
    """Draw the confusion matrix as the share of each true class's images; classes stand in label order.

    The colour grows with a root of the share, so that small confusions are seen too.

    Args:
        path: the PNG to write.
        class_names: C names.
        confusion: (C, C) image counts; row: true class, column: predicted class.
    Raises:
        DataError: confusion is not (C, C).
    """
    num_classes = len(class_names)
    counts = np.array(confusion, dtype=np.float64)
    if counts.shape != (num_classes, num_classes):
        raise DataError(f"a confusion matrix of {num_classes} classes must be square, got shape {counts.shape}")
    shares = row_shares(counts)
    side = _side(num_classes)
    with new_figure(path, width=side * 1.12, height=side) as figure:
        axes = figure.add_subplot()
        colours = colormaps["Blues"].with_extremes(bad="#E8E2D8")
        root = 1 / 2 if num_classes <= MAX_NAMED else 1 / 3
        image = axes.imshow(shares, cmap=colours, norm=PowerNorm(root, 0, 100), interpolation="nearest")
        bar = figure.colorbar(image, ax=axes, shrink=0.75, aspect=28, ticks=[0, 1, 5, 10, 25, 50, 100])
        bar.set_label("share of the true class (%)")
        bar.outline.set_visible(False)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        axes.set(xlabel="predicted class", ylabel="true class")
        _label(axes, class_names)
        if num_classes <= _MAX_NUMBERED:
            _write_shares(axes, shares)


def row_shares(counts: Floats) -> Floats:
    """Return each row of `counts` in percent of its sum; NaN in a row without images."""
    totals = counts.sum(axis=1, keepdims=True)
    return 100 * counts / np.where(totals > 0, totals, np.nan)


def _side(num_classes: int) -> float:
    """Return the height in inches at which every class has a row of its own pixels."""
    if num_classes <= MAX_NAMED:
        return 3.4 + 0.13 * num_classes
    return 6.4 if num_classes <= 300 else 9.6


def _label(axes: Axes, class_names: Sequence[str]) -> None:
    """Name both axes, or number them by label when there is no room for names."""
    num_classes = len(class_names)
    if num_classes > MAX_NAMED:
        ticks = range(0, num_classes, rank_step(num_classes))
        axes.set_xticks(ticks)
        axes.set_yticks(ticks)
        return
    labels = class_labels(class_names)
    axes.set_xticks(range(num_classes), labels, rotation=50, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(num_classes), labels)
    axes.tick_params(length=0)


def _write_shares(axes: Axes, shares: Floats) -> None:
    """Write the share into each cell that is not empty, white on dark cells."""
    for (row, column), share in np.ndenumerate(shares):
        if share >= 0.5:
            colour = "white" if share > 35 else INK
            axes.text(column, row, f"{share:.0f}", ha="center", va="center", fontsize=7.5, color=colour)
