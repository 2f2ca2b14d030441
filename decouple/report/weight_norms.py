"""Figure: does the classifier's weight norm of a class follow the number of its training images?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from decouple.report.legends import legend_right
from decouple.report.log_axis import log_range, set_log_axis
from decouple.report.series import Floats, check_lengths, with_gaps
from decouple.report.style import MAX_VECTOR_DOTS, drawable, method_colour, method_marker, new_figure, styled


@styled
def draw_weight_norms(
    class_counts: Sequence[int], norms: Mapping[str, Sequence[float]], *, subtitle: str = ""
) -> Figure:
    """Return a figure of the weight norm of every class against its size, with Spearman's rank correlation.

    The norms of a method are divided by their mean, since methods differ in scale; 1 is the mean.

    A correlation near 1 says that the classifier prefers large classes; stage two should bring it towards 0.

    Args:
        class_counts: C training images.
        norms: method to C Euclidean norms of classifier rows.
        subtitle: the run.

    Raises:
        DataError: a method does not have C norms.
    """
    check_lengths(norms, len(class_counts), "classes")
    counts = np.array(class_counts, dtype=np.float64)
    size = 5.0 if len(counts) <= 30 else 3.5 if len(counts) <= 200 else 2.0
    figure = new_figure("Weight norm of every class", subtitle, width=7.6, height=max(3.8, 0.4 + 0.36 * len(norms)))
    axes = figure.add_subplot()
    handles, labels = [], []
    for position, (method, values) in enumerate(norms.items()):
        row = relative_norms(with_gaps(values))
        style = _dot_style(position)
        axes.plot(counts, row, markersize=size, alpha=0.75, rasterized=len(counts) > MAX_VECTOR_DOTS, **style)
        handles.append(Line2D([], [], markersize=5, **style))  # the dots of many classes are too small for a legend
        labels.append(_label(drawable(method, f"method {position + 1}", limit=30), rank_correlation(counts, row)))
    legend_right(figure, handles, labels)
    set_log_axis(axes, "x", *log_range(counts))
    axes.set_ylim(bottom=0)
    axes.set_xlabel("training images of the class (logarithmic)")
    axes.set_ylabel("norm of its classifier weights\n(divided by the mean of the method)")
    return figure


def relative_norms(norms: Floats) -> Floats:
    """Return `norms` divided by their mean, NaN left out; all 0 stay so.

    Example:
        >>> relative_norms(np.array([1.0, 3.0, np.nan])).tolist()
        [0.5, 1.5, nan]
    """
    known = norms[np.isfinite(norms)]
    mean = known.mean() if known.size else 0.0
    return norms / mean if mean > 0 else norms


def rank_correlation(first: Floats, second: Floats) -> float | None:
    """Return Spearman's correlation, ties sharing their mean rank; None where one list is constant.

    Norms that differ in the last float32 digits only (tau = 1 makes them all 1) count as constant.
    """
    both = np.isfinite(first) & np.isfinite(second)
    first, second = first[both], second[both]
    if any(values.size < 2 or np.ptp(values) <= 1e-5 * np.abs(values).max() for values in (first, second)):
        return None
    return float(np.corrcoef(_mean_ranks(first), _mean_ranks(second))[0, 1])


def _mean_ranks(values: Floats) -> Floats:
    """Return the ranks of `values` from 0; ties share their mean rank."""
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes) - 1
    return np.asarray((last - (sizes - 1) / 2)[group], dtype=np.float64)


def _dot_style(position: int) -> dict[str, Any]:
    """Return the style of the dots of the method at `position`."""
    colour, marker = method_colour(position), method_marker(position)
    return {"linestyle": "none", "marker": marker, "color": colour, "markeredgewidth": 0}


def _label(method: str, correlation: float | None) -> str:
    return f"{method}\nequal norms" if correlation is None else f"{method}\nrank correlation {correlation:+.2f}"
