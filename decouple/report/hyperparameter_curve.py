"""Figure: validation accuracy of the class groups over the values of a hyper-parameter, with the chosen value."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from decouple.report.log_axis import log_range, set_log_axis
from decouple.report.series import check_lengths, with_gaps
from decouple.report.style import GREY, GROUP_COLOURS, drawable, legend_above, new_figure, say_nothing

_LINE_STYLES = {"many": "--", "medium": "-.", "few": ":", "head": "--", "middle": "-.", "tail": ":"}

_SYMBOLS = {"tau": "τ"}
_LABELS = {"k": "k, neighbours that vote"}
_LOGARITHMIC = ("k",)


def draw_hyperparameter_curve(
    path: Path,
    hyperparameter: str,
    values: Sequence[float],
    curves: Mapping[str, Sequence[float | None]],
    chosen: float | None,
) -> None:
    """Draw each of `curves` over the values of a hyper-parameter and mark the chosen one; the axis of k is logarithmic.

    Args:
        path: the PNG to write.
        hyperparameter: its name, tau or k.
        values: the V values, in any order.
        curves: "balanced", "many", "medium", "few" to V validation accuracies in percent.
        chosen: the value used on the test set, or None when it is unknown.
    Raises:
        DataError: a curve does not have V values.
    """
    check_lengths(curves, len(values), f"values of {hyperparameter}")
    order = np.argsort(np.array(values, dtype=np.float64), kind="stable")
    grid = np.array(values, dtype=np.float64)[order]
    symbol = _SYMBOLS.get(hyperparameter, hyperparameter)
    marker = "o" if len(grid) <= 12 else ""
    with new_figure(path, width=5.6, height=3.6) as figure:
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
                marker=marker,
                lw=2.2 if name == "balanced" else 1.6,
            )
            labels.append(drawable(name, "curve"))
        if not handles:
            say_nothing(axes)
        if chosen is not None:
            handles.append(axes.axvline(chosen, color=GREY, lw=1.0, zorder=0))
            labels.append(f"chosen: {symbol} = {chosen:.4g}")
        legend_above(figure, handles, labels, columns=len(labels))
        if hyperparameter in _LOGARITHMIC:
            set_log_axis(axes, "x", *log_range(grid, 1.2))
        axes.set_xlabel(_LABELS.get(hyperparameter, symbol))
        axes.set_ylabel("validation accuracy (%)")
