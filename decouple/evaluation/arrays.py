"""Scores and labels as NumPy arrays, wherever they come from."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from decouple.errors import DataError

Array = Tensor | NDArray[Any]  # a tensor of any device, or an array
FLOATING = "f"  # numpy's kind of float16, float32 and float64
INTEGER = "iu"
BOOLEAN = "b"
_KIND_NAMES = {FLOATING: "floating-point numbers", INTEGER: "integers", BOOLEAN: "True and False"}


def as_array(name: str, values: Array, kind: str) -> NDArray[Any]:
    """Return a tensor or an array as an array of the same type; what is in CPU memory is not copied.

    A tensor of 16 bits becomes float32, since NumPy has no bfloat16. Lists are refused: their type would be a guess.

    Args:
        name: what the caller calls the argument.
        values: the tensor or array.
        kind: `FLOATING`, `INTEGER` or `BOOLEAN`.

    Raises:
        DataError: it is neither, or holds another kind of numbers.

    Example:
        >>> as_array("labels", [0, 1], INTEGER)
        Traceback (most recent call last):
        decouple.errors.DataError: labels must be a tensor or an array of integers, got list
    """
    if isinstance(values, Tensor):
        if values.is_meta:
            raise DataError(f"`{name}` is on the device meta, which holds no numbers")
        on_cpu = values.detach().cpu()
        values = (on_cpu.float() if on_cpu.element_size() == 2 and on_cpu.is_floating_point() else on_cpu).numpy()
    if not isinstance(values, np.ndarray):
        raise DataError(f"`{name}` must be a tensor or an array of {_KIND_NAMES[kind]}, got {type(values).__name__}")
    if values.dtype.kind not in kind:
        raise DataError(f"`{name}` must hold {_KIND_NAMES[kind]}, got {values.dtype}")
    return values


def require_range(name: str, values: NDArray[Any], low: float, high: float) -> None:
    """Check that all values are between two bounds; NaN is not.

    Raises:
        DataError: a value is not.

    Example:
        >>> require_range("confidence", np.array([0.5, np.nan]), 0, 1)
        Traceback (most recent call last):
        decouple.errors.DataError: confidence must be between 0 and 1, got nan
    """
    if not len(values):
        return
    smallest, largest = values.min(), values.max()
    if not (low <= smallest and largest <= high):  # written so that NaN fails too
        raise DataError(
            f"`{name}` must be between {low:g} and {high:g}, got {largest if low <= smallest else smallest}"
        )
