"""Figures: what a tuning study tried, and what came of it, trial by trial and parameter by parameter."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from decouple.report.log_axis import log_range, set_log_axis
from decouple.report.series import Floats, check_lengths, with_gaps
from decouple.report.style import (
    GREY,
    METHOD_COLOURS,
    METHOD_MARKERS,
    drawable,
    legend_above,
    new_figure,
    say_nothing,
)

_TRIAL, _BEST = METHOD_COLOURS[0], METHOD_COLOURS[1]
_OF_METHODS = (_TRIAL, *METHOD_COLOURS[2:])  # the colour of the best and its star are left out
_SHAPES = tuple(marker for marker in METHOD_MARKERS if marker != "*")


class TrialParameter(NamedTuple):
    """A parameter of a study and its value in each trial."""

    name: str
    values: Sequence[float | str | None]
    log: bool = False  # its axis is logarithmic
    choices: Sequence[str] = ()  # names in the place of numbers


def draw_tuning_history(
    path: Path,
    columns: Sequence[TrialParameter],
    objectives: Sequence[float | None],
    *,
    best: int | None,
    pruned: Sequence[bool] = (),
    methods: Sequence[str | None] = (),
) -> None:
    """Draw the objective by trial with the best so far, and, one panel a parameter, against the value tried.

    Args:
        path: the PNG to write.
        columns: the parameters of the panels; none draws the history alone.
        objectives: what each trial reached; None for one that failed, drawn as a cross at the bottom.
        best: index of the best trial, None where all failed.
        pruned: for each trial whether it was ended early, drawn hollow; () for none.
        methods: each trial's method, which gives its dot shape and colour; None without one, () where all share one.
    Raises:
        DataError: the lists have different lengths.
    """
    reached, hollow = _of_trials(columns, objectives, pruned)
    check_lengths({"methods": methods} if methods else {}, len(objectives), "trials")
    with new_figure(path, width=4.2 if not columns else 3.8 * (1 + len(columns)), height=3.2) as figure:
        panels = np.atleast_1d(figure.subplots(1, 1 + len(columns), sharey=True))
        trials = np.arange(1, len(reached) + 1, dtype=np.float64)
        draw_trials(panels[0], trials, reached, best, hollow, methods)
        so_far = best_so_far(np.where(hollow, np.nan, reached))
        panels[0].step(trials, so_far, where="post", color=GREY, lw=1.2, zorder=1, label="best so far")
        panels[0].set(xlabel="trial", ylabel="objective (validation)", xlim=(0.3, max(len(reached), 1) + 0.7))
        panels[0].xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
        for axes, column in zip(panels[1:], columns, strict=True):
            draw_trials(axes, set_axis(axes, "x", column), reached, best, hollow)
        legend_above(figure, *panels[0].get_legend_handles_labels())


def _of_trials(
    columns: Sequence[TrialParameter], objectives: Sequence[float | None], pruned: Sequence[bool]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return what each trial reached, NaN for one that failed, and whether it was ended early; check the columns."""
    for column in columns:
        check_lengths({column.name: column.values}, len(objectives), "trials")
    reached = with_gaps(objectives)
    return reached, np.array(pruned, dtype=bool) if len(pruned) else np.zeros(len(reached), dtype=bool)


def draw_tuning_slices(
    path: Path,
    columns: Sequence[TrialParameter],
    objectives: Sequence[float | None],
    *,
    best: int | None,
    pruned: Sequence[bool] = (),
) -> None:
    """Draw the objective against the value tried, one panel a parameter; for the arguments see the history.

    Raises:
        DataError: the lists have different lengths.
    """
    reached, hollow = _of_trials(columns, objectives, pruned)
    with new_figure(path, width=min(14.0, 1.2 + 2.9 * len(columns)), height=3.2) as figure:
        panels = np.atleast_1d(figure.subplots(1, len(columns), sharey=True))
        for axes, column in zip(panels, columns, strict=True):
            draw_trials(axes, set_axis(axes, "x", column), reached, best, hollow)
        panels[0].set_ylabel("objective (validation)")
        legend_above(figure, *panels[0].get_legend_handles_labels())


def set_axis(axes: Axes, checkpoint: Literal["x", "y"], column: TrialParameter) -> Floats:
    """Set up an axis for a parameter and return the place of each trial on it, NaN for one without."""
    label = drawable(column.name.replace("_", " "), "value tried", limit=40)
    axes.set_xlabel(label) if checkpoint == "x" else axes.set_ylabel(label)
    axis = axes.xaxis if checkpoint == "x" else axes.yaxis
    if column.choices:
        names = [drawable(name, "choice", limit=12) for name in column.choices]
        axis.set_ticks(range(len(names)), names)
        ends = -0.5, len(names) - 0.5
        axes.set_xlim(*ends) if checkpoint == "x" else axes.set_ylim(*ends)
        return with_gaps([None if each is None else list(column.choices).index(str(each)) for each in column.values])
    places = with_gaps([None if each is None else float(each) for each in column.values])
    if column.log:
        places = np.where(places > 0, places, np.nan)
        set_log_axis(axes, checkpoint, *log_range(places))
    return places


def best_so_far(objectives: Floats) -> Floats:
    """Return the best objective up to each trial; NaN before the first that worked."""
    return np.asarray(np.fmax.accumulate(objectives), dtype=np.float64)


def draw_trials(
    axes: Axes,
    places: Floats,
    objectives: Floats,
    best: int | None,
    hollow: NDArray[np.bool_],
    methods: Sequence[str | None] = (),
) -> None:
    """Draw a dot a trial, hollow if pruned, a star on the best, and a cross at the foot for each that failed."""
    failed = np.isnan(objectives)
    whole, early = ~failed & ~hollow, ~failed & hollow
    axes.margins(y=0.12)  # keeps the crosses clear of the dots
    if best is None:
        say_nothing(axes, "no trial succeeded" if len(objectives) else "no trials")
    for label, shape, colour, members in _kinds(whole, methods):
        x, y = places[members], objectives[members]
        axes.plot(x, y, shape, color=colour, markeredgewidth=0, alpha=0.8, label=label)
    if early.any():
        axes.plot(places[early], objectives[early], "o", color=GREY, fillstyle="none", label="pruned")
    if best is not None:
        star = axes.plot(places[best], objectives[best], "*", color=_BEST, markersize=13, markeredgewidth=0.6, zorder=3)
        star[0].set(markeredgecolor="white", label=f"best, {methods[best]}" if methods else "best")
    if failed.any():
        foot, across = np.full(failed.sum(), 0.03), axes.get_xaxis_transform()
        axes.plot(
            places[failed], foot, "x", transform=across, color=GREY, markersize=5.5, clip_on=False, label="failed"
        )


def _kinds(whole: NDArray[np.bool_], methods: Sequence[str | None]) -> list[tuple[str, str, str, NDArray[np.bool_]]]:
    """Return label, shape, colour and members of each kind of trials that ended with a value."""
    if not methods:
        return [("trial", "o", _TRIAL, whole)] if whole.any() else []
    of_trials = np.array([method or "" for method in methods])
    names = dict.fromkeys(of_trials[whole].tolist())
    return [
        (name, _SHAPES[place % len(_SHAPES)], _OF_METHODS[place % len(_OF_METHODS)], whole & (of_trials == name))
        for place, name in enumerate(names)
    ]
