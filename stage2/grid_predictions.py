"""The predicted class at each of many values of a hyper-parameter, from logits that are computed once."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

CLASSES_THRESHOLD = 128  # up to as many classes, all settings are compared class by class; above, row by row
STRIDE = 10  # settings from one that is searched in all rows to the next
NUMBERS_CHUNK = 2**15  # in one temporary array: it fits the processor's cache, and torch does not divide it further
THREADS_THRESHOLD = 2**22  # numbers to compare; with fewer, starting threads costs more than they save

_Rows = NDArray[np.float32]
_Predicted = NDArray[np.integer]


def argmax_over_grid(logits: Tensor, divisors: Tensor | None, shifts: Tensor | None) -> Tensor:
    """Return the class j with the largest ``logits_rj / divisors_vj + shifts_vj``, of equal ones the first.

    Many rows are divided among as many threads as torch has: numpy works outside Python's lock, and its argmax of a
    row is many times as fast as torch's.

    Args:
        logits: float32 (R, C).
        divisors: of each class at each of V settings, (V, C); None: all are 1.
        shifts: likewise; None: all are 0. One of the two is needed.

    Returns:
        (V, R), integers.
    """
    num_rows, num_classes = logits.shape
    settings = tuple(None if tensor is None else tensor.numpy() for tensor in (divisors, shifts))
    num_settings = next(len(array) for array in settings if array is not None)
    few = num_classes <= CLASSES_THRESHOLD
    search: Callable[..., None] = _through_classes if few else _through_rows
    predicted = np.zeros((num_settings, num_rows), dtype=np.uint8 if few else np.int32)
    step = max(1, NUMBERS_CHUNK // (num_settings if few else num_classes))
    rows = logits.numpy()

    def fill(start: int) -> None:
        search(rows[start : start + step], *settings, predicted[:, start : start + step])

    starts, count = range(0, num_rows, step), torch.get_num_threads()
    if count == 1 or logits.numel() * num_settings < THREADS_THRESHOLD:
        for start in starts:
            fill(start)
    else:
        with ThreadPoolExecutor(count) as threads:
            for _ in threads.map(fill, starts):
                pass
    return torch.from_numpy(predicted)


def argmax_along_path(logits: Tensor, divisors: Tensor | None, shifts: Tensor | None) -> Tensor:
    """Return the same as `argmax_over_grid` where a class that wins at two settings wins at all settings between them.

    This holds where the logarithm of each logit, or the logit itself, changes linearly from setting to setting: the
    lead of one class over another then changes linearly too. Every tenth setting is searched in all rows, the others
    in the rows whose prediction changes.
    """
    num_settings = next(len(tensor) for tensor in (divisors, shifts) if tensor is not None)
    marks = sorted({*range(0, num_settings, STRIDE), num_settings - 1})

    def at(settings: list[int] | slice, rows: Tensor) -> Tensor:
        return argmax_over_grid(rows, *(None if tensor is None else tensor[settings] for tensor in (divisors, shifts)))

    ends = torch.tensor(marks)
    predicted = at(marks, logits).repeat_interleave(ends.diff(append=ends[-1:] + 1), dim=0)
    changed = predicted[ends[:-1]] != predicted[ends[1:]]  # (gaps, R)
    if logits.shape[1] <= CLASSES_THRESHOLD:
        _fill_gaps(logits, divisors, shifts, ends, changed, predicted)
        return predicted
    for (first, last), changed_rows in zip(itertools.pairwise(marks), changed, strict=True):
        rows = changed_rows.nonzero().flatten()
        if len(rows) and last - first > 1:
            inner = slice(first + 1, last)
            predicted[inner, rows] = at(inner, logits[rows])
    return predicted


def _fill_gaps(
    logits: Tensor, divisors: Tensor | None, shifts: Tensor | None, ends: Tensor, changed: Tensor, predicted: Tensor
) -> None:
    """Fill `predicted` (V, R) between two marks in the rows that change between them, all gaps together.

    Each gap has few such rows, and with few classes a search has more steps than numbers. The last mark is searched
    again where its gap is shorter than the others.
    """
    within = (ends[:-1, None] + torch.arange(1, STRIDE)).clamp(max=ends[-1])  # (gaps, STRIDE - 1)
    gaps, rows = changed.nonzero(as_tuple=True)
    chunk = max(1, THREADS_THRESHOLD // (STRIDE * logits.shape[1]))
    for start in range(0, len(gaps), chunk):
        settings, row = within[gaps[start : start + chunk]], rows[start : start + chunk]  # (P, STRIDE - 1), (P,)
        moved = logits[row][:, None] if divisors is None else logits[row][:, None] / divisors[settings]
        moved = moved if shifts is None else moved + shifts[settings]
        best = torch.from_numpy(moved.numpy().argmax(axis=-1))
        predicted[settings, row[:, None]] = best.to(predicted.dtype)


def _through_classes(logits: _Rows, divisors: _Rows | None, shifts: _Rows | None, predicted: _Predicted) -> None:
    """Fill `predicted` (V, R), which is 0, by comparing one class after the other with the best so far."""
    columns = np.ascontiguousarray(logits.T)  # (C, R)
    moved, best, leads = (np.empty(predicted.shape, dtype) for dtype in (np.float32, np.float32, np.uint8))
    _move(columns[0], divisors, shifts, 0, best)
    for j in range(1, len(columns)):  # in place: new memory for each step would cost more than the step
        _move(columns[j], divisors, shifts, j, moved)
        np.greater(moved, best, out=leads.view(np.bool_))
        np.maximum(predicted, np.multiply(leads, np.uint8(j), out=leads), out=predicted)  # j is above all before it
        np.maximum(best, moved, out=best)


def _move(column: _Rows, divisors: _Rows | None, shifts: _Rows | None, j: int, moved: _Rows) -> None:
    """Fill `moved` (V, R) with the logits of class j (R,) at each setting; torch broadcasts faster than numpy."""
    row, out = torch.from_numpy(column), torch.from_numpy(moved)
    if divisors is not None:
        torch.div(row, torch.from_numpy(divisors[:, j, None]), out=out)
    if shifts is not None:
        torch.add(row if divisors is None else out, torch.from_numpy(shifts[:, j, None]), out=out)


def _through_rows(logits: _Rows, divisors: _Rows | None, shifts: _Rows | None, predicted: _Predicted) -> None:
    """Fill `predicted` (V, R), one setting after the other."""
    moved = np.empty_like(logits)
    for v in range(len(predicted)):
        if divisors is not None:
            np.divide(logits, divisors[v], out=moved)
        if shifts is not None:
            np.add(logits if divisors is None else moved, shifts[v], out=moved)
        predicted[v] = moved.argmax(axis=1)
