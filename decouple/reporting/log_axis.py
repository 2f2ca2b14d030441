"""Logarithmic axes with plain numbers ("1,000", "1e-5"), also on ranges of less than a decade."""

import math
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from decouple.reporting.series import Floats


def set_log_axis(axes: Axes, axis: Literal["x", "y"], low: float, high: float) -> None:
    """Make one axis of `axes` logarithmic from `low` to `high`, both positive."""
    drawn = axes.xaxis if axis == "x" else axes.yaxis
    if axis == "x":
        axes.set_xscale("log")
        axes.set_xlim(low, high)
    else:
        axes.set_yscale("log")
        axes.set_ylim(low, high)
    drawn.set_major_locator(FixedLocator(log_ticks(low, high)))
    drawn.set_minor_locator(NullLocator())
    drawn.set_major_formatter(FuncFormatter(lambda value, _: plain_number(value)))


def log_range(values: Floats, margin: float = 1.3) -> tuple[float, float]:
    """Return limits around the positive entries of `values`, wider by the factor `margin` at both ends."""
    positive = values[values > 0]
    if not positive.size:
        return 1.0, 10.0
    return float(np.min(positive)) / margin, float(np.max(positive)) * margin


def log_ticks(low: float, high: float) -> list[float]:
    """Return round numbers from `low` to `high`: powers of ten, or 1, 2, 5 of each decade where those are few."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for leading in ((1,), (1, 3), (1, 2, 5), range(1, 10)):
        # float("3e-5") is the nearest number to 0.00003; 3 * 10**-5 is not.
        ticks = [tick for power in decades for digit in leading if low <= (tick := float(f"{digit}e{power}")) <= high]
        if len(ticks) >= 3:
            break
    return ticks


def plain_number(value: float) -> str:
    """Return the number of a tick as plain text: 1000 -> "1,000", 0.05 -> "0.05", 0.00001 -> "1e-5"."""
    if value >= 1:
        return f"{value:,.0f}" if value < 1e6 else f"{value:.0e}".replace("e+0", "e").replace("e+", "e")
    return f"{value:g}" if value >= 0.01 else f"{value:.0e}".replace("e-0", "e-")
