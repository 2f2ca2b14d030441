"""Figure: accuracy by confidence, before and after calibration, for all images and for each class group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from decouple.checks import require_shape
from decouple.evaluation.arrays import BOOLEAN, Array, as_array
from decouple.evaluation.calibration import NUM_BINS, checked_confidence, expected_calibration_error
from decouple.evaluation.recall_intervals import recall_intervals
from decouple.reporting.legends import legend_above
from decouple.reporting.palette import GREY, GRID, GROUP_COLOURS, INK, PAPER
from decouple.reporting.series import Floats
from decouple.reporting.style import drawable, method_colour, method_marker, new_figure, say_nothing, styled

MIN_BIN_IMAGES = 10  # the marker of a bin with fewer is hollow


@dataclass(frozen=True)
class ReliabilityBins:
    """The bins of equal width that have an image, by confidence.

    Attributes:
        confidence: mean confidence of each, in percent, shape (B,).
        correct: correct images of each, (B,).
        images: images of each, (B,), at least 1.
    """

    confidence: Floats
    correct: NDArray[np.int64]
    images: NDArray[np.int64]


def reliability_bins(confidence: Array, correct: Array) -> ReliabilityBins:
    """Return the bins of the expected calibration error, 15 of equal width, without the empty ones.

    Args:
        confidence: probability of the predicted class, in [0, 1], shape (N,).
        correct: whether that class is the true one, shape (N,).

    Raises:
        DataError: shapes or types do not fit, there is no image, or a confidence is outside [0, 1].

    Example:
        >>> bins = reliability_bins(np.array([0.75, 0.75, 0.25]), np.array([True, False, False]))
        >>> bins.confidence.tolist(), bins.correct.tolist(), bins.images.tolist()
        ([25.0, 75.0], [0, 1], [1, 2])
    """
    confidence, correct = checked_confidence(confidence, correct)
    index = np.searchsorted(np.arange(1, NUM_BINS) / NUM_BINS, confidence, side="left")
    images = np.bincount(index, minlength=NUM_BINS)
    filled = images > 0
    sums = np.bincount(index, confidence, minlength=NUM_BINS)[filled]
    hits = np.bincount(index[correct], minlength=NUM_BINS)[filled]
    return ReliabilityBins(100 * sums / images[filled], hits.astype(np.int64), images[filled].astype(np.int64))


@styled
def draw_reliability(
    series: Mapping[str, tuple[Array, Array]], groups: Mapping[str, Array], *, subtitle: str = ""
) -> Figure:
    """Return a figure of accuracy by confidence, a panel for each group, with its calibration errors (ECE).

    On the diagonal, probabilities are calibrated; below it they are too high. Vertical lines are 95 % Wilson intervals;
    bins with fewer than 10 images are hollow.

    Args:
        series: "before", "after" to the confidence in [0, 1] and the correctness of N images.
        groups: "all", "many", "medium", "few" to the images of each, booleans of shape (N,).
        subtitle: run, method and split.

    Raises:
        DataError: shapes or types do not fit, or a confidence is outside [0, 1].
    """
    pairs = {name: checked_confidence(*pair) for name, pair in series.items()}
    figure = new_figure("Reliability: accuracy by confidence", subtitle, width=0.6 + 2.2 * len(groups), height=2.85)
    panels = figure.subplots(1, len(groups), sharex=True, sharey=True, squeeze=False)[0]
    handles: dict[str, Artist] = {}
    for axes, (group, members) in zip(panels, groups.items(), strict=True):
        mask = as_array(f"groups[{group}]", members, BOOLEAN)
        axes.plot([0, 100], [0, 100], color=GREY, lw=0.9, linestyle=":", zorder=0)
        axes.set_title(f"{group} ({mask.sum():,} images)", color=GROUP_COLOURS.get(group, INK), fontsize=9)
        errors = []
        for position, (name, (confidence, correct)) in enumerate(pairs.items()):
            require_shape(f"groups[{group}]", mask, confidence.shape)
            if mask.any():
                handles[name] = _draw_bins(axes, confidence[mask], correct[mask], position)
                errors.append(f"{100 * expected_calibration_error(confidence[mask], correct[mask]):.1f} %")
        if not mask.any():
            say_nothing(axes, "no images")
        axes.set_xlabel(f"confidence (%)\nECE {' → '.join(errors)}" if errors else "confidence (%)")
        axes.set(xlim=(0, 102), ylim=(-2, 102), aspect="equal")
        axes.grid(visible=True, axis="both", color=GRID)
    panels[0].set_ylabel("accuracy (%)")
    legend_above(figure, list(handles.values()), [drawable(name, "series", limit=40) for name in handles])
    return figure


def _draw_bins(axes: Axes, confidence: Array, correct: Array, position: int) -> Artist:
    """Draw a marker with its interval for each bin, joined by a line."""
    bins = reliability_bins(confidence, correct)
    colour, shift = method_colour(position), 1.2 * (position - 0.5)
    intervals = recall_intervals(bins.correct, bins.images)
    x = bins.confidence + shift
    axes.vlines(x, [i.low for i in intervals], [i.high for i in intervals], color=colour, lw=0.9, alpha=0.7)
    accuracy = 100 * bins.correct / bins.images
    (line,) = axes.plot(x, accuracy, color=colour, marker=method_marker(position), lw=1.2, markersize=4)
    few = bins.images < MIN_BIN_IMAGES
    hollow: Any = {"marker": method_marker(position), "markersize": 4, "markerfacecolor": PAPER}
    axes.plot(x[few], accuracy[few], linestyle="none", color=colour, **hollow)
    return line
