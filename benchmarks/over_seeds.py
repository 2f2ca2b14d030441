"""Table columns of a figure measured with several seeds."""

import math
import statistics
from collections.abc import Sequence

from benchmarks.table import Row


def spread_columns(name: str, values: Sequence[float]) -> Row:
    """Return the columns of the mean over seeds and of the sample standard deviation; at least two seeds."""
    return {name: statistics.mean(values), f"{name} sd": statistics.stdev(values)}


def difference_columns(name: str, values: Sequence[float], reference: Sequence[float]) -> Row:
    """Return the columns of the mean difference, seed by seed, and of its standard error ``sd / sqrt(seeds)``."""
    differences = [own - theirs for own, theirs in zip(values, reference, strict=True)]
    error = statistics.stdev(differences) / math.sqrt(len(differences))
    return {name: statistics.mean(differences), f"{name} se": error}
