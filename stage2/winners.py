"""Which class wins at each of many settings of a knob, from logits that are computed once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

FEW_CLASSES = 128  # up to as many, all settings run through the classes together; above, each looks through its rows
NUMBERS_AT_ONCE = 2**15  # in one temporary array: it stays near the processor, and torch does not divide it further

_Rows = NDArray[np.float32]
_Found = NDArray[np.integer]


def winners(logits: Tensor, divisors: Tensor | None, shifts: Tensor | None) -> Tensor:
    """Return the class j with the largest ``logits_rj / divisors_vj + shifts_vj``, of equal ones the first.

    Rows are shared out among as many threads as torch has: numpy works outside Python's lock, and its search for the
    largest of a row is many times as fast as torch's.

    Args:
        logits: what the settings act on, float32 (R, C).
        divisors: of each class at each of V settings, (V, C); None: all are 1.
        shifts: likewise; None: all are 0. One of the two is needed.

    Returns:
        (V, R), integers.
    """
    num_rows, num_classes = logits.shape
    settings = tuple(None if each is None else each.numpy() for each in (divisors, shifts))
    num_settings = next(len(each) for each in settings if each is not None)
    few = num_classes <= FEW_CLASSES
    search: Callable[..., None] = _through_classes if few else _through_rows
    found = np.zeros((num_settings, num_rows), dtype=np.uint8 if few else np.int32)
    step = max(1, NUMBERS_AT_ONCE // (num_settings if few else num_classes))
    array = logits.numpy()

    def fill(start: int) -> None:
        search(array[start : start + step], *settings, found[:, start : start + step])

    with ThreadPoolExecutor(torch.get_num_threads()) as threads:
        for _ in threads.map(fill, range(0, num_rows, step)):
            pass
    return torch.from_numpy(found)


def _through_classes(logits: _Rows, divisors: _Rows | None, shifts: _Rows | None, found: _Found) -> None:
    """Fill found (V, R), which is 0, comparing one class after the other with the best so far."""
    columns = np.ascontiguousarray(logits.T)  # (C, R)
    moved, best, leads = (np.empty(found.shape, dtype) for dtype in (np.float32, np.float32, np.uint8))
    _move(columns[0], divisors, shifts, 0, best)
    for j in range(1, len(columns)):  # in place: new memory for each step would cost more than the step
        _move(columns[j], divisors, shifts, j, moved)
        np.greater(moved, best, out=leads.view(np.bool_))
        np.maximum(found, np.multiply(leads, np.uint8(j), out=leads), out=found)  # j is above all before it
        np.maximum(best, moved, out=best)


def _move(column: _Rows, divisors: _Rows | None, shifts: _Rows | None, j: int, moved: _Rows) -> None:
    """Fill moved (V, R) with what the settings make of class j's column (R,); torch spreads a row faster than numpy."""
    row, out = torch.from_numpy(column), torch.from_numpy(moved)
    if divisors is not None:
        torch.div(row, torch.from_numpy(divisors[:, j, None]), out=out)
    if shifts is not None:
        torch.add(row if divisors is None else out, torch.from_numpy(shifts[:, j, None]), out=out)


def _through_rows(logits: _Rows, divisors: _Rows | None, shifts: _Rows | None, found: _Found) -> None:
    """Fill found (V, R), one setting after the other."""
    moved = np.empty_like(logits)
    for v in range(len(found)):
        if divisors is not None:
            np.divide(logits, divisors[v], out=moved)
        if shifts is not None:
            np.add(logits if divisors is None else moved, shifts[v], out=moved)
        found[v] = moved.argmax(axis=1)
