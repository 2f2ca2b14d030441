"""Figure: validation accuracy of the class groups over the values of a hyper-parameter, with the chosen value."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from decouple.reporting.legends import legend_above
from decouple.reporting.log_axis import log_range, set_log_axis
from decouple.reporting.palette import GREY, GROUP_COLOURS
from decouple.reporting.series import Floats, check_lengths, with_gaps
from decouple.reporting.style import drawable, new_figure, say_nothing, styled

_LINE_STYLES = {"many": "--", "medium": "-.", "few": ":", "head": "--", "middle": "-.", "tail": ":"}

_SYMBOLS = {"tau": "τ"}
_LABELS = {"k": "k, neighbours that vote"}
_LOGARITHMIC = ("k",)
_SMALLEST = {"tau": 0.0, "k": 1.0}  # possible values: they are no arbitrary end of a range


@styled
def draw_hyperparameter_curve(
    hyperparameter: str,
    values: Sequence[float],
    curves: Mapping[str, Sequence[float | None]],
    chosen: float | None,
    *,
    subtitle: str = "",
) -> Figure:
    """Return a figure of each of `curves` over the values, with the chosen value; the axis of k is logarithmic.

    The legend says where the chosen value is the first or the last of the range: a better one may lie beyond.

    Args:
        hyperparameter: its name, tau or k.
        values: the V values, in any order.
        curves: "balanced", "many", "medium", "few" to V validation accuracies in percent.
        chosen: the value used on the test set, or None when it is unknown.
        subtitle: run and method.

    Raises:
        DataError: a curve does not have V values.
    """
    check_lengths(curves, len(values), f"values of {hyperparameter}")
    order = np.argsort(np.array(values, dtype=np.float64), kind="stable")
    grid = np.array(values, dtype=np.float64)[order]
    symbol = _SYMBOLS.get(hyperparameter, hyperparameter)
    figure = new_figure(f"Validation accuracy over {symbol}", subtitle, width=5.6, height=3.6)
    axes = figure.add_subplot()
    handles, labels = [], []
    for name, accuracies in curves.items():
        row = with_gaps(accuracies)[order]
        if np.isnan(row).all():
            continue
        handles += axes.plot(
            grid,
            row,
            color=GROUP_COLOURS.get(name, GREY),
            linestyle=_LINE_STYLES.get(name, "-"),
            marker="o" if len(grid) <= 12 else "",
            lw=2.2 if name == "balanced" else 1.6,
        )
        labels.append(drawable(name, "curve"))
    if not handles:
        say_nothing(axes)
    if chosen is not None:
        handles.append(axes.axvline(chosen, color=GREY, lw=1.2, zorder=0))
        labels.append(f"chosen: {symbol} = {chosen:.4g}{end_of_range_note(hyperparameter, grid, chosen)}")
    legend_above(figure, handles, labels)
    if hyperparameter in _LOGARITHMIC:
        set_log_axis(axes, "x", *log_range(grid, 1.2))
    axes.set_xlabel(_LABELS.get(hyperparameter, symbol))
    axes.set_ylabel("validation accuracy (%)")
    return figure


def end_of_range_note(hyperparameter: str, values: Floats, chosen: float) -> str:
    """Return a note where `chosen` is the largest or the smallest of several `values`, unless none can be smaller.

    Example:
        >>> grid = np.array([0.0, 1.0, 2.0])
        >>> end_of_range_note("tau", grid, 2.0), end_of_range_note("tau", grid, 0.0)
        (', the end of the range', '')
    """
    lowest = _SMALLEST.get(hyperparameter, -np.inf) < chosen <= values.min()
    at_end = len(values) > 1 and (chosen >= values.max() or lowest)
    return ", the end of the range" if at_end else ""
