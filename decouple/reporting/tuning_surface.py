"""Figures: the importance of the parameters of a study, and the objective over pairs of them."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.tri import Triangulation

from decouple.reporting.palette import GREY, METHOD_COLOURS, PAPER
from decouple.reporting.series import Floats, check_lengths, with_gaps
from decouple.reporting.style import drawable, new_figure, say_nothing, styled
from decouple.reporting.tuning_history import TrialParameter, objective_label, set_axis

_BAR, _BEST = METHOD_COLOURS[0], METHOD_COLOURS[1]
MIN_TRIALS = 4  # for a surface between them


@styled
def draw_importance(shares: Mapping[str, float], *, subtitle: str = "") -> Figure:
    """Return a figure with a bar for the importance of each parameter, the largest on top."""
    ordered = sorted(shares.items(), key=lambda entry: entry[1])
    figure = new_figure(
        "Search: importance of the settings", subtitle, width=5.2, height=0.8 + 0.4 * max(2, len(ordered))
    )
    axes = figure.add_subplot()
    if not ordered:
        say_nothing(axes)
    positions = range(len(ordered))
    axes.barh(positions, [100 * share for _, share in ordered], color=_BAR, height=0.6)
    for position, (_, share) in zip(positions, ordered, strict=True):
        axes.text(100 * share + 1, position, f"{100 * share:.0f} %", va="center", fontsize=8)
    axes.set_yticks(positions, [drawable(name.replace("_", " "), "parameter", limit=30) for name, _ in ordered])
    axes.grid(visible=False, axis="y")
    axes.set(xlabel="share of the importance (%), PED-ANOVA", xlim=(0, 110))
    return figure


@styled
def draw_contours(
    columns: Sequence[TrialParameter],
    objectives: Sequence[float | None],
    best: int | None,
    *,
    selection_metric: str = "balanced",
    subtitle: str = "",
) -> Figure:
    """Return a figure of the objective between the trials as filled contours, a panel for each pair of `columns`.

    Args:
        columns: 2 or 3 parameters; of more, the panels are illegible.
        objectives: objective of each trial; one without a value (None) is left out.
        best: index of the best trial, None where all failed.
        selection_metric: what the objective is.
        subtitle: run and search.

    Raises:
        DataError: a column does not have one value per trial.
    """
    for column in columns:
        check_lengths({column.name: column.values}, len(objectives), "trials")
    pairs, reached = list(itertools.combinations(columns, 2)), with_gaps(objectives)
    figure = new_figure(
        "Search: the objective over pairs of settings", subtitle, width=1.2 + 3.8 * len(pairs), height=3.6
    )
    panels = np.atleast_1d(figure.subplots(1, len(pairs)))
    for axes, (across, up) in zip(panels, pairs, strict=True):
        filled = _draw_surface(
            axes, set_axis(axes, "x", across), set_axis(axes, "y", up), reached, (across.log, up.log)
        )
        if filled is not None:
            figure.colorbar(filled, ax=axes, label=objective_label(selection_metric).replace("\n", " "))
        axes.grid(visible=False)
        if best is not None:
            star = set_axis(axes, "x", across)[best], set_axis(axes, "y", up)[best]
            axes.plot(*star, "*", color=_BEST, markersize=13, markeredgecolor=PAPER, markeredgewidth=0.6, clip_on=False)
    return figure


def _draw_surface(axes: Axes, x: Floats, y: Floats, reached: Floats, log: tuple[bool, bool]) -> ContourSet | None:
    """Draw the trials and the surface between them; return it where there is one."""
    known = np.isfinite(x) & np.isfinite(y) & np.isfinite(reached)
    x, y, reached = x[known], y[known], reached[known]
    if not len(x):
        say_nothing(axes, "no trial succeeded")
        return None
    triangles = _triangles(np.log10(x) if log[0] else x, np.log10(y) if log[1] else y)
    filled = None
    if triangles is not None and np.ptp(reached) > 0:
        filled = axes.tricontourf(Triangulation(x, y, triangles), reached, levels=8, cmap="Blues")
    axes.plot(x, y, "o", color=GREY, markersize=3.5, markeredgewidth=0, clip_on=False)
    return filled


def _triangles(x: Floats, y: Floats) -> np.ndarray | None:
    """Return the triangles between the points on evenly scaled axes, None for points that span no area."""
    if len(x) < MIN_TRIALS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    try:
        triangles = Triangulation((x - x.min()) / np.ptp(x), (y - y.min()) / np.ptp(y)).triangles
    except (RuntimeError, ValueError):  # all on one line
        return None
    return np.asarray(triangles)
