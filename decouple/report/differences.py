"""Figure: differences between classifiers with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from decouple.report.style import (
    GREY,
    INK,
    drawable,
    legend_above,
    method_colour,
    method_marker,
    new_figure,
    say_nothing,
)

_MOST_ROWS = 60  # more would not be legible


@dataclass(frozen=True)
class Difference:
    """One line of the figure: what is compared, and by figure the difference and its 95 % interval, in points."""

    label: str
    values: dict[str, tuple[float, float, float]]  # figure: difference, low, high


def draw_differences(path: Path, rows: Sequence[Difference]) -> None:
    """Draw each difference as a point with its interval beside the line of no difference; at most 60 rows.

    Args:
        path: the PNG to write.
        rows: from top to bottom.
    """
    shown = list(rows)[:_MOST_ROWS]
    figures = list(dict.fromkeys(name for row in shown for name in row.values))
    longest = max((len(_label(row, place)) for place, row in enumerate(shown)), default=0)
    with new_figure(path, width=4.2 + 0.065 * longest, height=1.3 + 0.34 * max(1, len(shown))) as figure:
        axes = figure.add_subplot()
        handles = []
        for place, name in enumerate(figures):
            offset = 0.18 * (place - (len(figures) - 1) / 2)
            lines = [(number + offset, *row.values[name]) for number, row in enumerate(shown) if name in row.values]
            heights, values, lows, highs = (list(column) for column in zip(*lines, strict=True))
            axes.hlines(heights, lows, highs, color=method_colour(place), lw=1.4)
            handles += axes.plot(values, heights, method_marker(place), color=method_colour(place))
        axes.axvline(0, color=INK, lw=0.8)
        axes.grid(visible=False, axis="y")
        axes.grid(visible=True, axis="x")
        axes.set_xlabel("difference (percentage points), 95 % interval")
        axes.set_yticks(range(len(shown)), [_label(row, place) for place, row in enumerate(shown)])
        axes.set_ylim(max(1, len(shown)) - 0.5, -0.5)
        legend_above(figure, handles, figures)
        if not shown:
            say_nothing(axes)
        elif len(rows) > len(shown):
            axes.set_title(f"the first {len(shown)} of {len(rows)}", color=GREY, fontsize=8)


def _label(row: Difference, place: int) -> str:
    return drawable(row.label, f"pair {place + 1}", limit=60)
