"""How a cost grows with a size: the exponent of a power law."""

from collections.abc import Sequence

import numpy as np


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return b of ``cost = a size^b``, by least squares on the logarithms; NaN where a cost is not above 0.

    Raises:
        ValueError: fewer than two sizes, or not as many costs.
    """
    if len(sizes) < 2 or len(sizes) != len(costs):
        raise ValueError(f"an exponent needs two sizes or more and a cost for each, got {len(sizes)} and {len(costs)}")
    if min(costs) <= 0:
        return float("nan")
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])
