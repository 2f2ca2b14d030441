"""Figure: the accuracy of every cell of a sweep, stage-two methods from top to bottom, a panel for each data set."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from decouple.reporting.legends import legend_above
from decouple.reporting.palette import GREY
from decouple.reporting.style import drawable, method_colour, method_marker, new_figure, say_nothing, styled

MAX_PANELS = 12  # more would not be legible
PANELS_PER_ROW = 3
MAX_PANEL_HEIGHT = 30.0  # inches


@dataclass(frozen=True)
class Point:
    """A cell of a sweep, over its seeds."""

    data: str
    stage1: str
    stage2: str
    mean: float | None  # balanced accuracy in percent; None: no seed is done
    std: float | None  # sample standard deviation over seeds; None of one seed


@styled
def draw_sweep_accuracy(points: Sequence[Point], *, subtitle: str = "") -> Figure:
    """Return a figure of cells as marks with standard deviations as bars; stage-one settings differ in colour, shape.

    Args:
        points: every cell of the grid; names appear in order of appearance. At most 12 data sets are drawn.
        subtitle: the name of the sweep.
    """
    panels, settings, methods = (_names(points, side) for side in ("data", "stage1", "stage2"))
    drawn = panels[:MAX_PANELS]
    columns = max(1, min(len(drawn), PANELS_PER_ROW))
    rows = max(1, -(-len(drawn) // columns))
    tall = min(MAX_PANEL_HEIGHT, 0.5 + (0.2 + 0.1 * len(settings)) * max(1, len(methods)))
    figure = new_figure(
        "Balanced accuracy of every cell", subtitle, width=2.0 + 2.7 * columns, height=max(3.0, 0.9 + tall * rows)
    )
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    handles: list[Artist] = []
    for index, axes in enumerate(grid.flat):
        if index >= max(1, len(drawn)):
            axes.set_visible(False)
            continue
        members = [point for point in points if index < len(drawn) and point.data == drawn[index]]
        handles = _draw_panel(axes, members, settings, methods)
        if len(drawn) > 1:
            axes.set_title(drawable(drawn[index], f"data {index + 1}", limit=30))
    legend_above(figure, handles, [drawable(name, f"setting {index + 1}") for index, name in enumerate(settings)])
    left_out = f"; the first {len(drawn)} of {len(panels)} data sets" if len(panels) > len(drawn) else ""
    figure.supxlabel(f"balanced accuracy (%), mean ± standard deviation over seeds{left_out}", fontsize=9)
    return figure


def _draw_panel(axes: Axes, points: Sequence[Point], settings: Sequence[str], methods: Sequence[str]) -> list[Artist]:
    """Draw the cells of a data set; return the marks of the stage-one settings, for the legend."""
    step = 0.7 / max(1, len(settings))
    handles: list[Artist] = []
    for index, setting in enumerate(settings):
        known = [(point, point.mean) for point in points if point.stage1 == setting and point.mean is not None]
        heights = [methods.index(point.stage2) + step * (index - (len(settings) - 1) / 2) for point, _ in known]
        means, spreads = [mean for _, mean in known], [point.std or 0.0 for point, _ in known]
        colour = method_colour(index)
        axes.errorbar(means, heights, xerr=spreads, fmt="none", ecolor=colour, elinewidth=1.2, capsize=2)
        handles += axes.plot(means, heights, method_marker(index), color=colour)
    if not any(point.mean is not None for point in points):
        say_nothing(axes)  # first, since it removes the ticks, which all panels share
    for between in range(1, len(methods)):
        axes.axhline(between - 0.5, color=GREY, lw=0.4)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_yticks(
        range(len(methods)), [drawable(name, f"method {i + 1}", limit=30) for i, name in enumerate(methods)]
    )
    axes.set_ylim(max(1, len(methods)) - 0.5, -0.5)
    return handles


def _names(points: Sequence[Point], side: str) -> list[str]:
    return list(dict.fromkeys(getattr(point, side) for point in points))
