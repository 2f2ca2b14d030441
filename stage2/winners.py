"""Which class wins at each of many settings of a knob, from logits that are computed once."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

FEW_CLASSES = 128  # up to as many, all settings run through the classes together; above, each looks through its rows
STRIDE = 10  # settings from one that is searched as a whole to the next
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

    starts, count = range(0, num_rows, step), torch.get_num_threads()
    if count == 1 or len(starts) < count:
        for start in starts:
            fill(start)
    else:
        with ThreadPoolExecutor(count) as threads:
            for _ in threads.map(fill, starts):
                pass
    return torch.from_numpy(found)


def winners_along(logits: Tensor, divisors: Tensor | None, shifts: Tensor | None) -> Tensor:
    """Return what `winners` does, for settings along which a class that wins at two of them wins at all between.

    So it is where the logarithm of each logit, or the logit itself, changes linearly from setting to setting: what one
    class is ahead of another then changes linearly too. Every tenth setting is searched, and of the others the rows
    whose winner changes.
    """
    num_settings = next(len(each) for each in (divisors, shifts) if each is not None)
    marks = sorted({*range(0, num_settings, STRIDE), num_settings - 1})

    def at(settings: list[int] | slice, rows: Tensor) -> Tensor:
        return winners(rows, *(None if each is None else each[settings] for each in (divisors, shifts)))

    found = at(marks, logits).repeat_interleave(_distances(marks), dim=0)
    for first, last in itertools.pairwise(marks):
        changed = (found[first] != found[last]).nonzero().flatten()
        if len(changed) and last - first > 1:
            inner = slice(first + 1, last)
            found[inner, changed] = at(inner, logits[changed])
    return found


def _distances(marks: list[int]) -> Tensor:
    """Return how many settings there are from each mark to the next; behind the last there is none."""
    return torch.tensor([*(last - first for first, last in itertools.pairwise(marks)), 1])


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
