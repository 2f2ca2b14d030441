"""Figures: the trials of a tuning study, as a history and against the value of each parameter."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from decouple.evaluation.selection_metrics import describe_selection_metric
from decouple.reporting.legends import legend_above
from decouple.reporting.log_axis import log_range, set_log_axis
from decouple.reporting.palette import GREY, METHOD_COLOURS, METHOD_MARKERS, PAPER
from decouple.reporting.series import Floats, check_lengths, with_gaps
from decouple.reporting.style import drawable, new_figure, say_nothing, styled

_TRIAL, _BEST = METHOD_COLOURS[0], METHOD_COLOURS[1]
_COLOURS = (_TRIAL, *METHOD_COLOURS[2:])  # without the colour of the best trial, which is a star
_SHAPES = tuple(marker for marker in METHOD_MARKERS if marker != "*")


def objective_label(selection_metric: str = "balanced") -> str:
    """Return the label of the axis of the metric that a search maximizes."""
    return f"{describe_selection_metric(selection_metric)},\nvalidation (%)"


class TrialParameter(NamedTuple):
    """A parameter of a study and its value in each trial."""

    name: str
    values: Sequence[float | str | None]
    log: bool = False  # its axis is logarithmic
    choices: Sequence[str] = ()  # of a categorical parameter


@styled
def draw_tuning_history(
    columns: Sequence[TrialParameter],
    objectives: Sequence[float | None],
    *,
    best: int | None,
    pruned: Sequence[bool] = (),
    methods: Sequence[str | None] = (),
    selection_metric: str = "balanced",
    subtitle: str = "",
) -> Figure:
    """Return a figure of the objective by trial with the best so far, and a panel against each parameter.

    Args:
        columns: the parameters of the panels; none draws the history alone.
        objectives: objective of each trial; None for a failed one, drawn as a cross at the bottom.
        best: index of the best trial, None where all failed.
        pruned: for each trial whether it was ended early, drawn hollow; () for none.
        methods: each trial's method, which gives its dot shape and colour; None without one, () where all share one.
        selection_metric: what the objective is.
        subtitle: run and search.

    Raises:
        DataError: the lists have different lengths.
    """
    reached, hollow = _of_trials(columns, objectives, pruned)
    check_lengths({"methods": methods} if methods else {}, len(objectives), "trials")
    figure = new_figure(
        "Search: every trial", subtitle, width=5.2 if not columns else 3.8 * (1 + len(columns)), height=3.2
    )
    panels = np.atleast_1d(figure.subplots(1, 1 + len(columns), sharey=True))
    trials = np.arange(1, len(reached) + 1, dtype=np.float64)
    draw_trials(panels[0], trials, reached, best, hollow, methods)
    so_far = best_so_far(np.where(hollow, np.nan, reached))
    panels[0].step(trials, so_far, where="post", color=GREY, lw=1.2, zorder=1, label="best so far")
    panels[0].set(xlabel="trial", ylabel=objective_label(selection_metric), xlim=(0.3, max(len(reached), 1) + 0.7))
    panels[0].xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    for axes, column in zip(panels[1:], columns, strict=True):
        draw_trials(axes, set_axis(axes, "x", column), reached, best, hollow)
    legend_above(figure, *panels[0].get_legend_handles_labels())
    return figure


def _of_trials(
    columns: Sequence[TrialParameter], objectives: Sequence[float | None], pruned: Sequence[bool]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the objective of each trial, NaN for a failed one, and whether it was pruned; check the columns."""
    for column in columns:
        check_lengths({column.name: column.values}, len(objectives), "trials")
    reached = with_gaps(objectives)
    return reached, np.array(pruned, dtype=bool) if len(pruned) else np.zeros(len(reached), dtype=bool)


@styled
def draw_tuning_slices(
    columns: Sequence[TrialParameter],
    objectives: Sequence[float | None],
    *,
    best: int | None,
    pruned: Sequence[bool] = (),
    selection_metric: str = "balanced",
    subtitle: str = "",
) -> Figure:
    """Return a figure of the objective by value, a panel per parameter; arguments as of `draw_tuning_history`.

    Raises:
        DataError: the lists have different lengths.
    """
    reached, hollow = _of_trials(columns, objectives, pruned)
    figure = new_figure("Search: every trial by value", subtitle, width=min(14.0, 1.2 + 2.9 * len(columns)), height=3.2)
    panels = np.atleast_1d(figure.subplots(1, len(columns), sharey=True))
    for axes, column in zip(panels, columns, strict=True):
        draw_trials(axes, set_axis(axes, "x", column), reached, best, hollow)
    panels[0].set_ylabel(objective_label(selection_metric))
    legend_above(figure, *panels[0].get_legend_handles_labels())
    return figure


def set_axis(axes: Axes, direction: Literal["x", "y"], column: TrialParameter) -> Floats:
    """Set up an axis for a parameter and return the position of each trial on it, NaN for one without a value."""
    label = drawable(column.name.replace("_", " "), "value tried", limit=40)
    axes.set_xlabel(label) if direction == "x" else axes.set_ylabel(label)
    axis = axes.xaxis if direction == "x" else axes.yaxis
    if column.choices:
        names = [drawable(name, "choice", limit=12) for name in column.choices]
        axis.set_ticks(range(len(names)), names)
        ends = -0.5, len(names) - 0.5
        axes.set_xlim(*ends) if direction == "x" else axes.set_ylim(*ends)
        return with_gaps([None if value is None else list(column.choices).index(str(value)) for value in column.values])
    positions = with_gaps([None if value is None else float(value) for value in column.values])
    if column.log:
        positions = np.where(positions > 0, positions, np.nan)
        set_log_axis(axes, direction, *log_range(positions))
    return positions


def best_so_far(objectives: Floats) -> Floats:
    """Return the best objective up to each trial; NaN before the first success."""
    return np.asarray(np.fmax.accumulate(objectives), dtype=np.float64)


def draw_trials(
    axes: Axes,
    positions: Floats,
    objectives: Floats,
    best: int | None,
    hollow: NDArray[np.bool_],
    methods: Sequence[str | None] = (),
) -> None:
    """Draw a dot per trial, hollow if pruned, a star on the best, and a cross at the bottom for a failed one."""
    failed = np.isnan(objectives)
    complete, pruned = ~failed & ~hollow, ~failed & hollow
    axes.margins(y=0.12)  # room for the crosses below the dots
    if best is None:
        say_nothing(axes, "no trial succeeded" if len(objectives) else "no trials")
    for label, shape, colour, members in _by_method(complete, methods):
        x, y = positions[members], objectives[members]
        axes.plot(x, y, shape, color=colour, markeredgewidth=0, alpha=0.8, label=label)
    if pruned.any():
        axes.plot(positions[pruned], objectives[pruned], "o", color=GREY, fillstyle="none", label="pruned")
    if best is not None:
        star = axes.plot(
            positions[best], objectives[best], "*", color=_BEST, markersize=13, markeredgewidth=0.6, zorder=3
        )
        star[0].set(markeredgecolor=PAPER, label=f"best, {methods[best]}" if methods else "best")
    if failed.any():
        bottom, across = np.full(failed.sum(), 0.03), axes.get_xaxis_transform()
        axes.plot(
            positions[failed], bottom, "x", transform=across, color=GREY, markersize=5.5, clip_on=False, label="failed"
        )


def _by_method(
    complete: NDArray[np.bool_], methods: Sequence[str | None]
) -> list[tuple[str, str, str, NDArray[np.bool_]]]:
    """Return label, shape, colour and members of each method's complete trials."""
    if not methods:
        return [("trial", "o", _TRIAL, complete)] if complete.any() else []
    of_trials = np.array([method or "" for method in methods])
    names = dict.fromkeys(of_trials[complete].tolist())
    return [
        (name, _SHAPES[index % len(_SHAPES)], _COLOURS[index % len(_COLOURS)], complete & (of_trials == name))
        for index, name in enumerate(names)
    ]
