"""Figure: the mean feature norm of each class group over the epochs of stage one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from decouple.reporting.legends import legend_above
from decouple.reporting.palette import GREY, GROUP_COLOURS
from decouple.reporting.series import check_lengths, with_gaps
from decouple.reporting.style import drawable, new_figure, say_nothing, styled

_LINE_STYLES = {"medium": "-.", "middle": "-.", "few": ":", "tail": ":"}


@styled
def draw_feature_norms(
    epochs: Sequence[float | None], norms: Mapping[str, Sequence[float | None]], *, subtitle: str = ""
) -> Figure:
    """Return a figure of the mean Euclidean norm of the features of each group's images, epoch by epoch.

    A network that sees few images of a class gives it shorter features, so that it loses against the large classes
    whatever the classifier.

    Args:
        epochs: E epochs.
        norms: group to E means over its images; None in an epoch without validation.
        subtitle: run and split.

    Raises:
        DataError: a group does not have E means.
    """
    check_lengths(norms, len(epochs), "epochs")
    x = with_gaps(epochs)
    figure = new_figure("Feature norm by class group", subtitle, width=5.6, height=3.4)
    axes = figure.add_subplot()
    handles, labels = [], []
    for group, means in norms.items():
        values = with_gaps(means)
        known = np.isfinite(values)  # a line continues over epochs without validation
        if known.any():
            look: Any = {"color": GROUP_COLOURS.get(group, GREY), "linestyle": _LINE_STYLES.get(group, "-")}
            handles += axes.plot(x[known], values[known], marker="o" if known.sum() <= 10 else "", **look)
            labels.append(drawable(group, "group"))
    if not handles:
        say_nothing(axes)
    else:
        axes.set_ylim(bottom=0)
    legend_above(figure, handles, labels)
    axes.set(xlabel="epoch", ylabel="mean norm of the features")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    return figure
