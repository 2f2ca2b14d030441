"""Pixel values of more than 8 bits, as 8 bits: scaled by a range that an image shows by itself, not cut at 255."""

import numpy as np
from numpy.typing import NDArray

from decouple.errors import DataError

INTEGER_LIMITS = (255, 4095, 65535)  # 8, 12 and 16 bits in a larger integer
_OVERSHOOT = 0.1  # of floats that mean 0 to 1, such as resampling leaves
_ROWS_CHUNK = 512  # rows scaled together, so that a large image needs no copy of 8 bytes a value


def to_uint8(values: NDArray[np.generic], *, limit: int | None = None) -> NDArray[np.uint8]:
    """Return values as uint8 of the same shape, (H, W) or (H, W, channels); black is 0.

    The range depends on the type and on this image alone, and is one for all channels:

    - uint8: the values themselves.
    - Other integers, none below 0: 0 to the smallest of 255, 4095 and 65535 that holds the largest value. A 12-bit
      camera stores 0 to 4095 in 16 bits, so that a scale of 65535 would leave its images nearly black.
    - Floats from -0.1 to 1.1: 0 to 1, and cut there.
    - Everything else (negative integers, integers beyond 65535, other floats): from the smallest to the largest value
      of the image, as there is no convention. A constant image is black.

    Floats that are infinite or not a number are black. Fractions are rounded.

    Args:
        values: integers, booleans or floats.
        limit: the value of white, where the file states it.

    Raises:
        DataError: the values are complex or another type, or none of them is finite.

    Example:
        >>> to_uint8(np.array([[0, 2048, 4095]], np.uint16))
        array([[  0, 128, 255]], dtype=uint8)
        >>> to_uint8(np.array([[0.0, 0.5, 1.0, np.nan]]))
        array([[  0, 128, 255,   0]], dtype=uint8)
    """
    if values.dtype.kind not in "buif":
        raise DataError(f"its values are {values.dtype}, not integers or floats")
    if values.dtype == np.uint8:
        return values.astype(np.uint8, copy=False)
    low, high = (0.0, 1.0) if values.dtype.kind == "b" else _range(values) if limit is None else (0.0, float(limit))
    scaled = np.empty(values.shape, np.uint8)
    for start in range(0, len(values), _ROWS_CHUNK):
        rows = slice(start, start + _ROWS_CHUNK)
        scaled[rows] = _scale(values[rows], low, high)
    return scaled


def _range(values: NDArray[np.generic]) -> tuple[float, float]:
    """Return the values of black and white."""
    if values.dtype.kind == "f":
        finite = values[np.isfinite(values)]
        if finite.size == 0:
            raise DataError("none of its values is a finite number")
        low, high = float(finite.min()), float(finite.max())
        return (0.0, 1.0) if low >= -_OVERSHOOT and high <= 1 + _OVERSHOOT else (low, high)
    low, high = float(values.min()), float(values.max())
    fitting = [limit for limit in INTEGER_LIMITS if high <= limit]
    return (0.0, float(fitting[0])) if low >= 0 and fitting else (low, high)


def _scale(values: NDArray[np.generic], low: float, high: float) -> NDArray[np.uint8]:
    if high == low:
        return np.zeros(values.shape, np.uint8)
    shares = (values.astype(np.float64) - low) * 255 / (high - low)
    return np.nan_to_num(shares, nan=0.0, posinf=0.0, neginf=0.0).clip(0, 255).round().astype(np.uint8)
