"""Figure: does the classifier's weight norm of a class follow the number of its training images?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from decouple.reporting.legends import legend_right
from decouple.reporting.log_axis import log_range, set_log_axis
from decouple.reporting.series import Floats, check_lengths, with_gaps
from decouple.reporting.style import drawable, method_colour, method_marker, new_figure, styled

MAX_DOTS = 200  # classes; the dots of more would cover one another
SIZE_RANGES = 20


@styled
def draw_weight_norms(
    class_counts: Sequence[int], norms: Mapping[str, Sequence[float]], *, subtitle: str = ""
) -> Figure:
    """Return a figure of the weight norm of every class against its size, with Spearman's rank correlation.

    The norms of a method are divided by their mean, since methods differ in scale. More than 200 classes are drawn as
    the medians of 20 ranges of class size. A correlation near 1 says that the classifier prefers large classes; stage
    two should bring it towards 0.

    Args:
        class_counts: C training images.
        norms: method to C Euclidean norms of classifier rows.
        subtitle: the run.

    Raises:
        DataError: a method does not have C norms.
    """
    check_lengths(norms, len(class_counts), "classes")
    counts = np.array(class_counts, dtype=np.float64)
    size = 5.0 if len(counts) <= 30 else 3.5
    figure = new_figure("Weight norm by class size", subtitle, width=7.6, height=max(3.8, 0.4 + 0.36 * len(norms)))
    axes = figure.add_subplot()
    handles, labels = [], []
    for position, (method, values) in enumerate(norms.items()):
        row = relative_norms(with_gaps(values))
        style = _dot_style(position)
        if len(counts) <= MAX_DOTS:
            axes.plot(counts, row, markersize=size, alpha=0.75, **style)
        else:
            axes.plot(*median_by_size(counts, row), **(style | {"linestyle": "-"}), markersize=4, lw=1.4)
        handles.append(Line2D([], [], markersize=5, **style))  # the dots of many classes are too small for a legend
        labels.append(_label(drawable(method, f"method {position + 1}", limit=30), rank_correlation(counts, row)))
    legend_right(figure, handles, labels)
    set_log_axis(axes, "x", *log_range(counts))
    axes.set_ylim(bottom=0)
    note = "" if len(counts) <= MAX_DOTS else f"\nmedians of {SIZE_RANGES} ranges of class size"
    axes.set_xlabel(f"training images of the class (logarithmic){note}")
    axes.set_ylabel("norm of its classifier weights\n(divided by the mean of the method)")
    return figure


def median_by_size(class_counts: Floats, norms: Floats) -> tuple[Floats, Floats]:
    """Return the geometric middle of 20 ranges of class sizes, and the median norm in each; empty ranges are left out.

    Example:
        >>> sizes, medians = median_by_size(np.array([1.0, 1.0, 1.0, 100.0]), np.array([2.0, 3.0, 9.0, 4.0]))
        >>> sizes.round(1).tolist(), medians.tolist()
        ([1.1, 89.1], [3.0, 4.0])
    """
    known = np.isfinite(norms) & (class_counts > 0)
    sizes, norms = np.log(class_counts[known]), norms[known]
    if not len(sizes):
        return sizes, norms
    edges = np.linspace(sizes.min(), sizes.max(), SIZE_RANGES + 1)
    index = np.searchsorted(edges[1:-1], sizes, side="right")
    filled = np.unique(index)
    middles = np.exp((edges[filled] + edges[filled + 1]) / 2)
    return middles, np.array([np.median(norms[index == position]) for position in filled])


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
