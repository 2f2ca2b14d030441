"""Figure: the pairs of classes that are confused most often."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from decouple.checks import require_shape
from decouple.evaluation.arrays import INTEGER, Array, as_array
from decouple.reporting.class_axis import class_labels
from decouple.reporting.palette import GREY, METHOD_COLOURS
from decouple.reporting.style import drawable, new_figure, say_nothing, styled

MAX_PAIRS = 20


@dataclass(frozen=True)
class ConfusedPair:
    """Images of one class that are predicted as another one."""

    true: int
    predicted: int
    images: int  # of `true` that are predicted as `predicted`
    true_images: int  # of `true`

    @property
    def share(self) -> float:
        """The share of the true class's images, in percent."""
        return 100 * self.images / self.true_images


def confused_pairs(labels: Array, predicted: Array, *, limit: int = MAX_PAIRS) -> tuple[ConfusedPair, ...]:
    """Return the pairs with the most images, at most `limit`; of equal ones, that with the larger share, then by label.

    The memory is that of the images, whatever the number of classes.

    Args:
        labels: true classes, shape (N,).
        predicted: predicted classes, shape (N,).
        limit: number of pairs.

    Raises:
        DataError: shapes or types do not fit.

    Example:
        >>> labels, predicted = np.array([0, 0, 0, 1, 2]), np.array([1, 1, 0, 0, 2])
        >>> confused_pairs(labels, predicted)[0]
        ConfusedPair(true=0, predicted=1, images=2, true_images=3)
    """
    true, guess = as_array("labels", labels, INTEGER), as_array("predicted", predicted, INTEGER)
    require_shape("labels", true, ("N",))
    require_shape("predicted", guess, true.shape)
    totals = np.bincount(true)
    wrong = true != guess
    pairs, images = np.unique(np.stack([true[wrong], guess[wrong]], axis=1), axis=0, return_counts=True)
    return _largest(pairs, images, totals, limit)


def pairs_of_matrix(confusion: Sequence[Sequence[int]], *, limit: int = MAX_PAIRS) -> tuple[ConfusedPair, ...]:
    """Return `confused_pairs` from the counts (C, C) of a confusion matrix; row: true class, column: predicted class.

    Example:
        >>> pairs_of_matrix([[1, 2], [1, 0]])[0]
        ConfusedPair(true=0, predicted=1, images=2, true_images=3)
    """
    counts = np.array(confusion, dtype=np.int64)
    pairs = np.argwhere(counts * ~np.eye(len(counts), dtype=bool))
    return _largest(pairs, counts[pairs[:, 0], pairs[:, 1]], counts.sum(axis=1), limit)


@styled
def draw_confused_pairs(pairs: Sequence[ConfusedPair], class_names: Sequence[str], *, subtitle: str = "") -> Figure:
    """Return a figure with a bar for each pair, "true class -> predicted class", its images and their share.

    Args:
        pairs: from top to bottom.
        class_names: C names.
        subtitle: run, method and split.
    """
    names = class_labels(class_names, limit=24)
    labels = [f"{names[pair.true]} → {names[pair.predicted]}" for pair in pairs]
    width = 4.6 + 0.065 * max((len(label) for label in labels), default=0)
    figure = new_figure(
        "Most confused: true class → predicted class", subtitle, width=width, height=0.6 + 0.22 * max(3, len(pairs))
    )
    axes = figure.add_subplot()
    if not pairs:
        say_nothing(axes, "no image is confused")
    axes.barh(range(len(pairs)), [pair.images for pair in pairs], color=METHOD_COLOURS[0], height=0.65)
    for position, pair in enumerate(pairs):
        text = f"{pair.images:,} of {pair.true_images:,} ({pair.share:.0f} %)"
        place: Any = {"xytext": (3, 0), "textcoords": "offset points", "va": "center"}
        axes.annotate(text, (pair.images, position), fontsize=8, color=GREY, **place)
    axes.set_yticks(range(len(pairs)), [drawable(label, "pair", limit=60) for label in labels])
    axes.set(xlabel="images", ylim=(max(3, len(pairs)) - 0.4, -0.6))
    axes.set_xlim(0, 1.45 * max((pair.images for pair in pairs), default=1))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    return figure


def _largest(
    pairs: NDArray[np.integer], images: NDArray[np.int64], totals: NDArray[np.int64], limit: int
) -> tuple[ConfusedPair, ...]:
    """Return the first `limit` of the pairs (P, 2), which are sorted by label, in their order."""
    order = np.lexsort((-images / totals[pairs[:, 0]], -images))[:limit]
    return tuple(
        ConfusedPair(int(pairs[row, 0]), int(pairs[row, 1]), int(images[row]), int(totals[pairs[row, 0]]))
        for row in order
    )
