"""Figure: the confusion matrix, true class by predicted class."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.text import Text

from decouple.errors import DataError
from decouple.report.class_axis import MAX_NAMED, class_labels, rank_step
from decouple.report.series import Floats
from decouple.report.style import INK, empty_figure, save

_MAX_NUMBERED = 12  # with more classes the shares no longer fit into their cells


def draw_confusions(tables: Mapping[Path, Sequence[Sequence[int]]], class_names: Sequence[str]) -> None:
    """Draw confusion matrices as the share of each true class's images; classes stand in label order.

    The colour grows with a root of the share, so that small confusions are visible too. All figures share one frame,
    which is built and laid out once.

    Args:
        tables: the PNG to write to (C, C) image counts; row: true class, column: predicted class.
        class_names: C names.
    Raises:
        DataError: a table is not (C, C).
    """
    shares = {path: row_shares(_checked(counts, len(class_names))) for path, counts in tables.items()}
    side = _side(len(class_names))
    with empty_figure(width=side * 1.12, height=side) as figure:
        axes, image = _draw_frame(figure, class_names)
        for path, table in shares.items():
            image.set_data(table)
            cells = _write_shares(axes, table) if len(class_names) <= _MAX_NUMBERED else []
            save(figure, path)
            figure.set_layout_engine("none")  # the layout of the first figure serves all
            for cell in cells:
                cell.remove()


def row_shares(counts: Floats) -> Floats:
    """Return each row of `counts` in percent of its sum; NaN in a row without images."""
    totals = counts.sum(axis=1, keepdims=True)
    return 100 * counts / np.where(totals > 0, totals, np.nan)


def _checked(confusion: Sequence[Sequence[int]], num_classes: int) -> Floats:
    counts = np.array(confusion, dtype=np.float64)
    if counts.shape != (num_classes, num_classes):
        raise DataError(f"a confusion matrix of {num_classes} classes must be square, got shape {counts.shape}")
    return counts


def _draw_frame(figure: Figure, class_names: Sequence[str]) -> tuple[Axes, AxesImage]:
    """Draw everything but the shares; return the panel and the image to put them in."""
    axes = figure.add_subplot()
    colours = colormaps["Blues"].with_extremes(bad="#E8E2D8")
    root = 1 / 2 if len(class_names) <= MAX_NAMED else 1 / 3
    empty = np.zeros((len(class_names), len(class_names)))
    image = axes.imshow(empty, cmap=colours, norm=PowerNorm(root, 0, 100), interpolation="nearest")
    bar = figure.colorbar(image, ax=axes, shrink=0.75, aspect=28, ticks=[0, 1, 5, 10, 25, 50, 100])
    bar.set_label("share of the true class (%)")
    bar.outline.set_visible(False)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.set(xlabel="predicted class", ylabel="true class")
    _label(axes, class_names)
    return axes, image


def _side(num_classes: int) -> float:
    """Return the height in inches at which every class has a row of its own pixels."""
    if num_classes <= MAX_NAMED:
        return 3.4 + 0.13 * num_classes
    return 6.4 if num_classes <= 300 else 9.6


def _label(axes: Axes, class_names: Sequence[str]) -> None:
    """Label both axes with class names, or with class indices where there is no room for names."""
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


def _write_shares(axes: Axes, shares: Floats) -> list[Text]:
    """Write the share into each cell that is not empty, white on dark cells."""
    look: Any = {"ha": "center", "va": "center", "fontsize": 7.5, "in_layout": False}  # it lies inside its cell
    return [
        axes.text(column, row, f"{share:.0f}", color="white" if share > 35 else INK, **look)
        for (row, column), share in np.ndenumerate(shares)
        if share >= 0.5
    ]
