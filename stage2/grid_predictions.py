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
WORTH_THREADS = 2**22  # numbers to look at; of fewer, starting threads costs more than they save

_Rows = NDArray[np.float32]
_Found = NDArray[np.integer]


def argmax_over_grid(logits: Tensor, divisors: Tensor | None, shifts: Tensor | None) -> Tensor:
    """Return the class j with the largest ``logits_rj / divisors_vj + shifts_vj``, of equal ones the first.

    Many rows are shared out among as many threads as torch has: numpy works outside Python's lock, and its search for
    the largest of a row is many times as fast as torch's.

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
    if count == 1 or logits.numel() * num_settings < WORTH_THREADS:
        for start in starts:
            fill(start)
    else:
        with ThreadPoolExecutor(count) as threads:
            for _ in threads.map(fill, starts):
                pass
    return torch.from_numpy(found)


def argmax_along_path(logits: Tensor, divisors: Tensor | None, shifts: Tensor | None) -> Tensor:
    """Return what `argmax_over_grid` does where a class that wins at two settings wins at all settings between them.

    So it is where the logarithm of each logit, or the logit itself, changes linearly from setting to setting: what one
    class is ahead of another then changes linearly too. Every tenth setting is searched, and of the others the rows
    whose winner changes.
    """
    num_settings = next(len(each) for each in (divisors, shifts) if each is not None)
    marks = sorted({*range(0, num_settings, STRIDE), num_settings - 1})

    def at(settings: list[int] | slice, rows: Tensor) -> Tensor:
        return argmax_over_grid(rows, *(None if each is None else each[settings] for each in (divisors, shifts)))

    ends = torch.tensor(marks)
    found = at(marks, logits).repeat_interleave(ends.diff(append=ends[-1:] + 1), dim=0)
    changed = found[ends[:-1]] != found[ends[1:]]  # (gaps, R)
    if logits.shape[1] <= FEW_CLASSES:
        _fill_gaps(logits, divisors, shifts, ends, changed, found)
        return found
    for (first, last), each in zip(itertools.pairwise(marks), changed, strict=True):
        rows = each.nonzero().flatten()
        if len(rows) and last - first > 1:
            inner = slice(first + 1, last)
            found[inner, rows] = at(inner, logits[rows])
    return found


def _fill_gaps(
    logits: Tensor, divisors: Tensor | None, shifts: Tensor | None, ends: Tensor, changed: Tensor, found: Tensor
) -> None:
    """Fill found (V, R) between two marks for the rows that change between them, those of all gaps together.

    Each gap has few such rows, and of few classes a search has more steps than numbers. The last mark is searched
    again where its gap is a short one.
    """
    within = (ends[:-1, None] + torch.arange(1, STRIDE)).clamp(max=ends[-1])  # (gaps, STRIDE - 1)
    gaps, rows = changed.nonzero(as_tuple=True)
    at_once = max(1, WORTH_THREADS // (STRIDE * logits.shape[1]))
    for start in range(0, len(gaps), at_once):
        settings, row = within[gaps[start : start + at_once]], rows[start : start + at_once]  # (P, STRIDE - 1), (P,)
        moved = logits[row][:, None] if divisors is None else logits[row][:, None] / divisors[settings]
        moved = moved if shifts is None else moved + shifts[settings]
        best = torch.from_numpy(moved.numpy().argmax(axis=-1))
        found[settings, row[:, None]] = best.to(found.dtype)


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
