"""Figure: what a tuning study tried, and what came of it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from decouple.report.log_axis import log_range, set_log_axis
from decouple.report.series import Floats, check_lengths, with_gaps
from decouple.report.style import GREY, METHOD_COLOURS, drawable, legend_above, new_figure, say_nothing

_TRIAL, _BEST = METHOD_COLOURS[0], METHOD_COLOURS[1]


def draw_tuning_history(
    path: Path,
    values: Sequence[float | None],
    objectives: Sequence[float | None],
    *,
    name: str,
    log: bool,
    maximise: bool = True,
) -> None:
    """Draw the objective by trial with the best so far, and the objective against the value tried.

    Args:
        path: the PNG to write.
        values: the parameter's value in each trial.
        objectives: what each trial reached; None for one that failed, drawn as a cross at the bottom.
        name: the parameter, as its axis is labelled.
        log: the parameter's axis is logarithmic.
        maximise: the larger objective is the better.
    Raises:
        DataError: values and objectives have different lengths.
    """
    check_lengths({"objectives": objectives}, len(values), "trials")
    tried, reached = with_gaps(values), with_gaps(objectives)
    if log:
        tried = np.where(tried > 0, tried, np.nan)
    best = best_trial(reached, maximise=maximise)
    with new_figure(path, width=7.6, height=3.2) as figure:
        by_trial, by_value = figure.subplots(1, 2, sharey=True)
        trials = np.arange(1, len(reached) + 1, dtype=np.float64)
        _draw_trials(by_trial, trials, reached, best)
        so_far = best_so_far(reached, maximise=maximise)
        by_trial.step(trials, so_far, where="post", color=GREY, lw=1.2, zorder=1, label="best so far")
        by_trial.set(xlabel="trial", ylabel="objective (validation)", xlim=(0.3, max(len(reached), 1) + 0.7))
        by_trial.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
        _draw_trials(by_value, tried, reached, best)
        if log:
            set_log_axis(by_value, "x", *log_range(tried))
        by_value.set_xlabel(drawable(name, "value tried", limit=40))
        legend_above(figure, *by_trial.get_legend_handles_labels())


def best_so_far(objectives: Floats, *, maximise: bool) -> Floats:
    """Return the best objective up to each trial; NaN before the first that worked."""
    better = np.fmax if maximise else np.fmin
    return np.asarray(better.accumulate(objectives), dtype=np.float64)


def best_trial(objectives: Floats, *, maximise: bool) -> int | None:
    """Return the index of the first best trial, or None when all failed."""
    if np.isnan(objectives).all():
        return None
    return int(np.nanargmax(objectives) if maximise else np.nanargmin(objectives))


def _draw_trials(axes: Axes, places: Floats, objectives: Floats, best: int | None) -> None:
    """Draw a dot a trial, a star on the best, and a cross at the foot of the panel for each that failed."""
    failed = np.isnan(objectives)
    axes.margins(y=0.12)  # keeps the crosses clear of the dots
    if best is None:
        say_nothing(axes, "no trial succeeded" if len(objectives) else "no trials")
    if not failed.all():
        axes.plot(places[~failed], objectives[~failed], "o", color=_TRIAL, markeredgewidth=0, alpha=0.8, label="trial")
    if best is not None:
        axes.plot(
            places[best],
            objectives[best],
            "*",
            color=_BEST,
            markersize=13,
            markeredgecolor="white",
            markeredgewidth=0.6,
            zorder=3,
            label="best",
        )
    if failed.any():
        axes.plot(
            places[failed],
            np.full(failed.sum(), 0.03),
            "x",
            transform=axes.get_xaxis_transform(),
            color=GREY,
            markersize=5.5,
            clip_on=False,
            label="failed",
        )
