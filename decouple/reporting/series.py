"""Checks and conversions of the lists that figures draw."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from decouple.errors import DataError

Floats = NDArray[np.float64]


def with_gaps(values: Sequence[float | None]) -> Floats:
    """Return `values` as float64 with NaN in place of None, NaN and infinity; matplotlib draws a gap there."""
    array = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    array[~np.isfinite(array)] = np.nan
    return array


def check_lengths(series: Mapping[str, Sequence[object]], length: int, unit: str) -> None:
    """Check that each of `series` has `length` values, one for each `unit`.

    Raises:
        DataError: one has not; the message names it.
    """
    for name, values in series.items():
        if len(values) != length:
            raise DataError(
                f"'{name}' has {len(values)} values for {length} {unit}; the lists come from different "
                "runs or a file of the run folder is damaged"
            )
