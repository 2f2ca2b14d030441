"""Figure: methods side by side, a panel for each class group."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from decouple.reporting.columns import BALANCED, MANY_MEDIUM_FEW, Column, ResultRow, interval_of, value_of
from decouple.reporting.palette import GREY, GRID, GROUP_COLOURS
from decouple.reporting.style import drawable, new_figure, say_nothing, styled

_COLUMNS = (BALANCED, *MANY_MEDIUM_FEW)
_MARKERS = {"balanced": "D", "many": "o", "medium": "s", "few": "^"}


@styled
def draw_method_comparison(rows: Mapping[str, ResultRow], *, subtitle: str = "") -> Figure:
    """Return a figure of balanced, many, medium and few accuracy of each method with 95 % intervals, a panel each.

    A vertical line continues the first method, stage one, so that the others can be compared with it. A group without
    a value for any method has no panel.

    Args:
        rows: method to its metrics on one split, from top to bottom.
        subtitle: run and split.
    """
    columns = [column for column in _COLUMNS if any(value_of(row, column) is not None for row in rows.values())]
    names = [drawable(method, f"method {position + 1}", limit=30) for position, method in enumerate(rows)]
    longest = max((len(name) for name in names), default=0)
    width = max(4.2, 1.0 + 0.066 * longest + 1.75 * len(columns))
    height = 0.7 + 0.23 * max(2, len(rows))
    figure = new_figure("Accuracy by class group, with 95 % intervals", subtitle, width=width, height=height)
    panels = figure.subplots(1, max(1, len(columns)), sharey=True, squeeze=False)[0]
    for axes, column in zip(panels, columns, strict=False):
        _draw_column(axes, list(rows.values()), column)
    if not columns:
        say_nothing(panels[0])
    else:
        panels[0].set_yticks(range(len(names)), names)
        panels[0].set_ylim(len(names) - 0.4, -0.6)
    return figure


def error_lengths(value: float, interval: tuple[float, float] | None) -> tuple[float, float]:
    """Return the distance of `value` to the interval's lower and upper bound, 0 without one or beyond it."""
    if interval is None:
        return 0.0, 0.0
    return max(0.0, value - interval[0]), max(0.0, interval[1] - value)


def _draw_column(axes: Axes, rows: list[ResultRow], column: Column) -> None:
    """Draw a marker with its interval for each method that has a value, and the line of the first method."""
    colour, marker = GROUP_COLOURS[column.heading], _MARKERS[column.heading]
    for position, row in enumerate(rows):
        value = value_of(row, column)
        if value is None:
            continue
        if position == 0:
            axes.axvline(value, color=GREY, lw=0.9, linestyle=":", zorder=0)
        left, right = error_lengths(value, interval_of(row, column))
        axes.errorbar(value, position, xerr=[[left], [right]], fmt=marker, color=colour, elinewidth=1.3, capsize=2)
    axes.set_title(column.heading, color=colour)
    axes.set_xlabel("accuracy (%)")
    axes.grid(visible=True, axis="both", color=GRID)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
