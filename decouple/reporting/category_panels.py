"""Figure: a value with its deviation for each series and category, side by side; a panel for each part of the data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from decouple.reporting.legends import legend_above
from decouple.reporting.palette import GRID, GROUP_COLOURS, INK
from decouple.reporting.series import check_lengths, with_gaps
from decouple.reporting.style import drawable, method_colour, method_marker, new_figure, say_nothing, styled

PANELS_PER_ROW = 3
MAX_FLAT_LETTERS = 46  # of all names of a panel together; longer ones are slanted


@dataclass(frozen=True)
class Estimate:
    """A value and its deviation."""

    mean: float | None  # None: there is none
    std: float | None = None  # sample standard deviation; None of a single value


@styled
def draw_category_panels(
    title: str,
    categories: Sequence[str],
    panels: Mapping[str, Mapping[str, Sequence[Estimate]]],
    *,
    y_label: str,
    connected: bool = True,
    subtitle: str = "",
) -> Figure:
    """Return a figure of the estimates of every series over the categories, each a bit beside the others.

    Args:
        title: what is drawn.
        categories: K names along the x axis of every panel.
        panels: title of a panel to series to K estimates; a series has one colour in all panels.
        y_label: of the values, with their unit.
        connected: whether a thin line joins the marks of a series.
        subtitle: data, runs and what the deviation is over.

    Raises:
        DataError: a series does not have K estimates.
    """
    for series in panels.values():
        check_lengths(series, len(categories), "categories")
    names = list(dict.fromkeys(name for series in panels.values() for name in series))
    columns = 2 if len(panels) == 4 else max(1, min(len(panels), PANELS_PER_ROW))
    rows = max(1, -(-len(panels) // columns))
    width = max(3.4, 1.1 + len(categories) * max(0.45, 0.11 * len(names)))
    figure = new_figure(title, subtitle, width=min(14.0, max(6.0, columns * width)), height=0.4 + 2.9 * rows)
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    handles: dict[str, Artist] = {}
    for index, axes in enumerate(grid.flat):
        if index >= max(1, len(panels)):
            axes.set_visible(False)
            continue
        heading, series = list(panels.items())[index] if panels else ("", {})
        handles |= _draw_panel(axes, series, names, ":" if connected else "none")
        _name_categories(axes, categories)
        if heading:
            axes.set_title(drawable(heading, f"panel {index + 1}", limit=40), color=GROUP_COLOURS.get(heading, INK))
        if index % columns == 0:
            axes.set_ylabel(y_label)
    labels = [name for name in names if name in handles]
    legend_above(figure, [handles[name] for name in labels], [drawable(name, "series", limit=40) for name in labels])
    return figure


def _draw_panel(
    axes: Axes, series: Mapping[str, Sequence[Estimate]], names: Sequence[str], line: str
) -> dict[str, Artist]:
    """Draw each series with a mark and a bar per category; return a mark for each, for the legend."""
    step = 0.66 / max(1, len(names))
    handles: dict[str, Artist] = {}
    for name, estimates in series.items():
        position = names.index(name)
        means, spreads = with_gaps([estimate.mean for estimate in estimates]), [e.std or 0.0 for e in estimates]
        x = np.arange(len(estimates)) + step * (position - (len(names) - 1) / 2)
        known = np.isfinite(means)
        if not known.any():
            continue
        colour = method_colour(position)
        axes.errorbar(
            x[known], means[known], yerr=np.array(spreads)[known], fmt="none", ecolor=colour, elinewidth=1.2, capsize=2
        )
        (handles[name],) = axes.plot(
            x[known], means[known], method_marker(position), color=colour, linestyle=line, lw=0.7, markersize=5
        )
    if not handles:
        say_nothing(axes)
    return handles


def _name_categories(axes: Axes, categories: Sequence[str]) -> None:
    texts = [drawable(category, f"category {index + 1}", limit=24) for index, category in enumerate(categories)]
    if sum(map(len, texts)) <= MAX_FLAT_LETTERS:
        axes.set_xticks(range(len(texts)), texts)
    else:
        axes.set_xticks(range(len(texts)), texts, rotation=35, ha="right", rotation_mode="anchor")
    axes.set_xlim(-0.5, max(1, len(texts)) - 0.5)
    for between in range(1, len(texts)):
        axes.axvline(between - 0.5, color=GRID, lw=0.6, zorder=0)
    axes.tick_params(axis="x", length=0)
