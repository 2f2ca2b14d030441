"""The values of a search over a grid: so many of each range, evenly spaced, in all combinations."""

import itertools
from collections.abc import Sequence

from decouple.errors import ConfigError
from tuning.space import Parameter, Range


def grid_points(space: Sequence[Parameter], trials: int) -> list[dict[str, float]]:
    """Return the values of each of the trials: every combination of equally many values of each range.

    Raises:
        ConfigError: a parameter is not a range, or has fewer whole numbers, or the trials are not 2, 3, ... values of
            each.

    Example:
        >>> points = grid_points([Range("lr", 0.01, 1.0, log=True), Range("momentum", 0.0, 0.9)], trials=4)
        >>> [tuple(point.values()) for point in points]
        [(0.01, 0.0), (0.01, 0.9), (1.0, 0.0), (1.0, 0.9)]
    """
    count = round(trials ** (1 / len(space)))
    if count ** len(space) != trials or (len(space) > 1 and count < 2):
        below = max(2, count - (count ** len(space) > trials))
        sizes = " or ".join(f"{size ** len(space)}" for size in (below, below + 1))
        raise ConfigError(
            f"a grid over {len(space)} parameters has equally many values of each, so that `trials` must be a number "
            f"such as {sizes}, got {trials}"
        )
    values = [_even_values(parameter, count) for parameter in space]
    names = [parameter.name for parameter in space]
    return [dict(zip(names, point, strict=True)) for point in itertools.product(*values)]


def _even_values(parameter: Parameter, count: int) -> list[float]:
    if not isinstance(parameter, Range):
        raise ConfigError(f"a grid needs ranges of numbers, and '{parameter.name}' is a choice; search with tpe")
    values = parameter.even_values(count)
    if len(set(values)) < count:
        raise ConfigError(
            f"the range of '{parameter.name}', {parameter.low:g} to {parameter.high:g}, has no {count} different values"
        )
    return values
