"""Figure: validation accuracy of the class groups over tau, and the tau that was chosen."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from decouple.report.series import check_lengths, with_gaps
from decouple.report.style import GREY, GROUP_COLOURS, drawable, legend_above, new_figure, say_nothing

_LINE_STYLES = {"many": "--", "medium": "-.", "few": ":", "head": "--", "middle": "-.", "tail": ":"}


def draw_tau_curve(
    path: Path, taus: Sequence[float], curves: Mapping[str, Sequence[float | None]], chosen: float | None
) -> None:
    """Draw each of `curves` over `taus` and mark the chosen tau.

    Args:
        path: the PNG to write.
        taus: T values tried, in any order.
        curves: "balanced", "many", "medium", "few" to T validation accuracies in percent.
        chosen: the tau taken to the test set, or None when it is not known.
    Raises:
        DataError: a curve has not T values.
    """
    check_lengths(curves, len(taus), "values of tau")
    order = np.argsort(np.array(taus, dtype=np.float64), kind="stable")
    grid = np.array(taus, dtype=np.float64)[order]
    marker = "o" if len(grid) <= 12 else ""
    with new_figure(path, width=5.6, height=3.6) as figure:
        axes = figure.add_subplot()
        handles, labels = [], []
        for name, values in curves.items():
            row = with_gaps(values)[order]
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
            labels.append(f"chosen: τ = {chosen:.3g}")
        legend_above(figure, handles, labels, columns=len(labels))
        axes.set_xlabel("τ")
        axes.set_ylabel("validation accuracy (%)")
