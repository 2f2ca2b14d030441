"""Figure: methods side by side, by class group."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from decouple.report.columns import BALANCED, MANY_MEDIUM_FEW, Column, ResultRow, interval_of, value_of
from decouple.report.style import GROUP_COLOURS, INK, drawable, legend_above, new_figure, say_nothing

_COLUMNS = (*MANY_MEDIUM_FEW, BALANCED)


def draw_method_comparison(path: Path, rows: Mapping[str, ResultRow]) -> None:
    """Draw many, medium, few and balanced accuracy of each method as bars, with their 95 % intervals.

    A group without a value for any method is left out.

    Args:
        path: the PNG to write.
        rows: method to its metrics on one split.
    """
    columns = [column for column in _COLUMNS if any(value_of(row, column) is not None for row in rows.values())]
    width = min(16.0, max(5.2, 1.4 + 0.8 * len(rows)))
    with new_figure(path, width=width, height=3.6) as figure:
        axes = figure.add_subplot()
        for index, column in enumerate(columns):
            _draw_column(axes, rows, column, -0.4 + 0.8 * (index + 0.5) / len(columns), 0.8 / len(columns))
        handles = [Patch(facecolor=_fill(column), edgecolor=_edge(column), lw=0.8) for column in columns]
        legend_above(figure, handles, [column.heading for column in columns], columns=4)
        axes.set_ylabel("accuracy (%)")
        axes.set_ylim(bottom=0)
        if not columns:
            say_nothing(axes)
        _name_methods(axes, list(rows), room=int(11 * (width - 1)))


def error_lengths(value: float, interval: tuple[float, float] | None) -> tuple[float, float]:
    """Return the distance of `value` to the interval's lower and upper bound, 0 without one or beyond it."""
    if interval is None:
        return 0.0, 0.0
    return max(0.0, value - interval[0]), max(0.0, interval[1] - value)


def _draw_column(axes: Axes, rows: Mapping[str, ResultRow], column: Column, offset: float, width: float) -> None:
    """Draw the bars of `column`, one per method with a value, `offset` from the position of the method."""
    halo = [withStroke(linewidth=2.4, foreground="white")]  # without it the lower half is invisible on a dark bar
    for position, row in enumerate(rows.values()):
        value, interval = value_of(row, column), interval_of(row, column)
        if value is None:
            continue
        axes.bar(position + offset, value, width * 0.9, color=_fill(column), edgecolor=_edge(column), lw=0.8)
        if interval is not None:
            lengths = np.array(error_lengths(value, interval))[:, None]
            axes.errorbar(
                position + offset, value, lengths, fmt="none", ecolor=INK, elinewidth=0.9, capsize=2, path_effects=halo
            )


def _fill(column: Column) -> str:
    """Return the fill colour: bars of the mean over the groups are hollow, to set them apart."""
    return "white" if column is BALANCED else GROUP_COLOURS[column.heading]


def _edge(column: Column) -> str:
    return INK if column is BALANCED else GROUP_COLOURS[column.heading]


def _name_methods(axes: Axes, methods: list[str], *, room: int) -> None:
    """Write the methods below their bars, slanted where they need more than `room` letters side by side."""
    names = [drawable(method, f"method {i + 1}", limit=30) for i, method in enumerate(methods)]
    axes.set_xlim(-0.6, len(methods) - 0.4)
    if max((len(name) + 2 for name in names), default=0) * len(names) <= room:
        axes.set_xticks(range(len(names)), names)
    else:
        axes.set_xticks(range(len(names)), names, rotation=35, ha="right", rotation_mode="anchor")
    axes.tick_params(axis="x", length=0)
