"""Legends outside the panels, where they hide no data; the figure grows by them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Patch
from matplotlib.transforms import offset_copy

from decouple.reporting.style import DPI, text_renderer


def legend_above(figure: Figure, handles: Sequence[Artist], labels: Sequence[str], *, columns: int = 0) -> None:
    """Put one legend above all panels of `figure`, which grows by it, in as many columns as fit (or `columns`)."""
    if not labels:
        return
    height = _content(figure)[1]
    title = figure.get_figheight() - height
    place = offset_copy(figure.transFigure, figure, y=-title)
    options: Any = {
        "ncols": min(len(labels), columns or fitting_columns(labels, figure.get_figwidth())),
        "borderaxespad": 0.2,
        "bbox_transform": place,
    }
    legend = figure.legend(handles, _visible(labels), loc="upper center", bbox_to_anchor=(0.5, 1), **options)
    legend.set_in_layout(False)
    room = legend.get_window_extent(text_renderer(figure)).height / DPI + 0.1
    figure.set_figheight(height + room + title)
    _set_content(figure, figure.get_figwidth(), height)


def fitting_columns(labels: Sequence[str], width: float) -> int:
    """Return the largest number of columns of a legend that fit into `width` inches; matplotlib fills them in turn.

    Example:
        >>> fitting_columns(["short"] * 4, 4.0), fitting_columns(["short", "l" * 41], 4.0)
        (4, 1)
    """
    for columns in range(len(labels), 1, -1):
        longer, shorter = len(labels) % columns, len(labels) // columns  # the first columns have an entry more
        starts = [shorter * column + min(column, longer) for column in range(columns + 1)]
        letters = [max(map(len, labels[first:stop])) for first, stop in pairwise(starts)]
        if sum(0.5 + 0.068 * count for count in letters) <= width - 0.2:
            return columns
    return 1


def legend_right(figure: Figure, handles: Sequence[Artist], labels: Sequence[str]) -> None:
    """Put one legend to the right of all panels of `figure`, which grows by it, an entry a row."""
    width, height = _content(figure)
    place = offset_copy(figure.transFigure, figure, x=-0.1, y=height - figure.get_figheight() - 0.1)
    options: Any = {"borderaxespad": 0, "bbox_to_anchor": (1, 1), "bbox_transform": place}
    legend = figure.legend(handles, _visible(labels), loc="upper right", **options)
    legend.set_in_layout(False)
    box = legend.get_window_extent(text_renderer(figure))
    taller = max(0.0, box.height / DPI + 0.2 - height)
    figure.set_size_inches(width + box.width / DPI + 0.2, figure.get_figheight() + taller)
    _set_content(figure, width, height + taller)


def _visible(labels: Sequence[str]) -> list[str]:
    """Return the labels; matplotlib leaves out those that start with an underscore, as internal ones."""
    return [f" {label}" if label.startswith("_") else label for label in labels]


def _content(figure: Figure) -> tuple[float, float]:
    """Return the width and the height in inches of the part of `figure` that the panels share."""
    layout = figure.get_layout_engine()
    rect = layout.get()["rect"] if isinstance(layout, ConstrainedLayoutEngine) else (0, 0, 1, 1)
    return rect[2] * figure.get_figwidth(), rect[3] * figure.get_figheight()


def _set_content(figure: Figure, width: float, height: float) -> None:
    layout = figure.get_layout_engine()
    if isinstance(layout, ConstrainedLayoutEngine):
        layout.set(rect=(0, 0, width / figure.get_figwidth(), height / figure.get_figheight()))


def in_rows(*rows: Sequence[tuple[Artist, str]]) -> tuple[list[Artist], list[str], int]:
    """Return the handles, labels and columns with which `legend_above` puts each of `rows` in a row of its own.

    matplotlib fills a legend column by column; shorter rows are padded with blank entries.
    """
    columns = max(len(row) for row in rows)
    blank: tuple[Artist, str] = (Patch(visible=False), "")
    entries = [row[column] if column < len(row) else blank for column in range(columns) for row in rows]
    return [handle for handle, _ in entries], [label for _, label in entries], columns
