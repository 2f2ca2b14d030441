"""Figure: curves of functions, such as losses over their argument; a panel for each quantity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from decouple.reporting.legends import legend_above
from decouple.reporting.log_axis import log_range, set_log_axis
from decouple.reporting.palette import FAINT, GREY
from decouple.reporting.series import Floats
from decouple.reporting.style import drawable, method_colour, new_figure, styled

_LINE_STYLES = ("-", "--", "-.", ":")
PANELS_PER_ROW = 3
PANEL_WIDTH, PANEL_HEIGHT = 4.4, 3.4  # inches


@dataclass(frozen=True)
class CurvePanel:
    """What one panel draws."""

    x_label: str  # with its unit
    y_label: str
    curves: Mapping[str, tuple[Floats, Floats]]  # label -> x and y, both (P,); label "" needs no legend
    title: str = ""
    note: str = ""  # in the lower right corner
    x_log: bool = False
    y_log: bool = False
    x_whole: bool = False  # ticks at whole numbers
    zero: bool = False  # mark the zero of both axes
    y_range: tuple[float, float] | None = None  # default: that of the curves
    points: bool = False  # mark the values, since there is nothing between them


@styled
def draw_curves(title: str, panels: Sequence[CurvePanel], *, subtitle: str = "") -> Figure:
    """Return a figure of curves; the same label has the same colour and line in all panels.

    Args:
        title: what is drawn.
        panels: side by side, at most 3 in a row.
        subtitle: settings that the curves share.
    """
    columns = 2 if len(panels) == 4 else min(len(panels), PANELS_PER_ROW)
    rows = -(-len(panels) // columns)
    width = max(6.2, 0.6 + PANEL_WIDTH * columns)
    figure = new_figure(title, subtitle, width=width, height=PANEL_HEIGHT * rows)
    labels = list(dict.fromkeys(label for panel in panels for label in panel.curves))
    handles: dict[str, Artist] = {}
    for index, panel in enumerate(panels):
        axes = figure.add_subplot(rows, columns, index + 1)
        handles |= _draw_panel(axes, panel, labels)
    if any(labels):
        names = [drawable(label, f"curve {index + 1}", limit=40) for index, label in enumerate(labels)]
        legend_above(figure, [handles[label] for label in labels], names)
    return figure


def curve_look(index: int) -> dict[str, Any]:
    """Return colour and line of the curve at `index` of its figure."""
    return {"color": method_colour(index), "linestyle": _LINE_STYLES[index % len(_LINE_STYLES)]}


def _draw_panel(axes: Axes, panel: CurvePanel, labels: Sequence[str]) -> dict[str, Artist]:
    """Draw the curves of a panel; return a handle for each."""
    handles: dict[str, Artist] = {}
    if panel.zero:
        axes.axhline(0, color=FAINT, lw=0.8)
        axes.axvline(0, color=FAINT, lw=0.8)
    for label, (x, y) in panel.curves.items():
        (handles[label],) = axes.plot(x, y, marker="o" if panel.points else "", **curve_look(labels.index(label)))
    for axis, is_log in (("x", panel.x_log), ("y", panel.y_log)):
        if is_log:
            _set_log(axes, axis, panel)
    if panel.x_whole:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    if panel.y_range is not None:
        axes.set_ylim(*panel.y_range)
    axes.text(0.97, 0.05, panel.note, transform=axes.transAxes, ha="right", va="bottom", fontsize=8, color=GREY)
    axes.set(xlabel=panel.x_label, ylabel=panel.y_label, title=panel.title)
    axes.grid(visible=True, axis="both")
    return handles


def _set_log(axes: Axes, axis: Any, panel: CurvePanel) -> None:
    """Make an axis logarithmic, over the positive values of all curves."""
    ranges = [log_range(curve["xy".index(axis)], 1.1) for curve in panel.curves.values()]
    set_log_axis(axes, axis, min(low for low, _ in ranges), max(high for _, high in ranges))
