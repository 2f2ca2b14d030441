"""Figure: loss, accuracy and learning rate over the epochs of a training run."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from decouple.reporting.legends import legend_above
from decouple.reporting.palette import INK
from decouple.reporting.series import Floats, check_lengths, with_gaps
from decouple.reporting.style import method_colour, new_figure, say_nothing, styled

_TRAIN, _VAL = method_colour(0), method_colour(1)
_Line = tuple[str, str, str]  # key of the history, legend label, colour
_PANELS: tuple[tuple[str, tuple[_Line, ...]], ...] = (
    ("loss", (("train_loss", "training", _TRAIN), ("val_loss", "validation", _VAL))),
    ("accuracy (%)", (("train_top1", "training", _TRAIN), ("val_top1", "validation", _VAL),
                      ("val_balanced", "validation, class average", INK))),
    ("learning rate", (("lr", "learning rate", INK),)),
)  # fmt: skip


@styled
def draw_training_curves(history: Mapping[str, Sequence[float | None]], *, subtitle: str = "") -> Figure:
    """Return a figure with the panels loss, accuracy and learning rate over `history["epoch"]`.

    Args:
        history: epoch, train_loss, train_top1, val_loss, val_top1, val_balanced, lr, one value an epoch each; a key
            may be missing, and values that are None, NaN or infinite are left out.
        subtitle: the run.

    Raises:
        DataError: a list differs in length from epoch.
    """
    check_lengths(history, len(history["epoch"]), "epochs")
    epochs = with_gaps(history["epoch"])
    figure = new_figure("Training, epoch by epoch", subtitle, width=9.0, height=2.9)
    legend: dict[str, Artist] = {}
    for index, (title, lines) in enumerate(_PANELS):
        axes = figure.add_subplot(1, len(_PANELS), index + 1)
        drawn = _draw_lines(axes, epochs, history, lines)
        if not drawn:
            say_nothing(axes)
        if len(lines) > 1:
            legend |= drawn
        axes.set_ylabel(title)
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
    legend_above(figure, list(legend.values()), list(legend), columns=3)
    return figure


def _draw_lines(
    axes: Axes, epochs: Floats, history: Mapping[str, Sequence[float | None]], lines: tuple[_Line, ...]
) -> dict[str, Artist]:
    """Draw those of `lines` that have a value; return the drawn lines by legend label."""
    drawn: dict[str, Artist] = {}
    for key, label, colour in lines:
        values = with_gaps(history.get(key, [None] * len(epochs)))
        known = np.isfinite(values)  # a line continues over epochs without validation
        if known.any():
            marker = "o" if known.sum() <= 10 else ""
            style = "--" if key == "val_balanced" else "-"  # on balanced data it covers val_top1
            (drawn[label],) = axes.plot(epochs[known], values[known], style, color=colour, marker=marker, markersize=3)
    return drawn
