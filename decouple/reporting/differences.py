"""Figure: differences between classifiers with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from decouple.reporting.legends import legend_above
from decouple.reporting.palette import GREY, INK
from decouple.reporting.style import drawable, method_colour, method_marker, new_figure, say_nothing, styled

MAX_ROWS = 60  # more would not be legible


@dataclass(frozen=True)
class Difference:
    """One row of the figure: the pair, and for each metric the difference and its 95 % interval, in points."""

    label: str
    values: dict[str, tuple[float, float, float]]  # metric: difference, low, high


@styled
def draw_differences(rows: Sequence[Difference], *, subtitle: str = "") -> Figure:
    """Return a figure of differences as points with intervals beside the line of no difference; at most 60 rows.

    Args:
        rows: from top to bottom.
        subtitle: runs and split.
    """
    drawn = list(rows)[:MAX_ROWS]
    metrics = list(dict.fromkeys(name for row in drawn for name in row.values))
    longest = max((len(_label(row, index)) for index, row in enumerate(drawn)), default=0)
    height = 1.3 + 0.34 * max(1, len(drawn))
    figure = new_figure("Differences between classifiers", subtitle, width=4.2 + 0.065 * longest, height=height)
    axes = figure.add_subplot()
    handles = []
    for index, name in enumerate(metrics):
        offset = 0.18 * (index - (len(metrics) - 1) / 2)
        lines = [(number + offset, *row.values[name]) for number, row in enumerate(drawn) if name in row.values]
        heights, values, lows, highs = (list(column) for column in zip(*lines, strict=True))
        axes.hlines(heights, lows, highs, color=method_colour(index), lw=1.4)
        handles += axes.plot(values, heights, method_marker(index), color=method_colour(index))
    axes.axvline(0, color=INK, lw=0.8)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_xlabel("difference (percentage points), 95 % interval")
    axes.set_yticks(range(len(drawn)), [_label(row, index) for index, row in enumerate(drawn)])
    axes.set_ylim(max(1, len(drawn)) - 0.5, -0.5)
    legend_above(figure, handles, metrics)
    if not drawn:
        say_nothing(axes)
    elif len(rows) > len(drawn):
        axes.set_title(f"the first {len(drawn)} of {len(rows)}", color=GREY, fontsize=8)
    return figure


def _label(row: Difference, index: int) -> str:
    return drawable(row.label, f"pair {index + 1}", limit=60)
