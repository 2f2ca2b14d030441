"""Which class wins at each of many settings of a knob, from logits that are computed once."""

import numpy as np
import torch
from torch import Tensor

FEW_CLASSES = 128  # up to as many, all settings run through the classes together; above, torch's own search is faster
NUMBERS_AT_ONCE = 2**16  # in one temporary tensor: a quarter of a megabyte stays near the processor


def winners(rows: Tensor, divisors: Tensor, shifts: Tensor | None) -> Tensor:
    """Return the class j with the largest ``rows_j / divisors_vj + shifts_j``, of equal ones the first, (V, R) uint8.

    Args:
        rows: what the settings act on, a row for each of at most 128 classes, (C, R).
        divisors: of each class at each of V settings, (V, C).
        shifts: (C,), or None for 0.
    """
    num_settings, num_classes = divisors.shape
    found = torch.zeros(num_settings, rows.shape[1], dtype=torch.uint8)
    step = max(1, NUMBERS_AT_ONCE // num_settings)
    columns = divisors.T.contiguous()[:, :, None]  # (C, V, 1)
    for start in range(0, rows.shape[1], step):
        part = rows[:, None, start : start + step]
        best = part[0] / columns[0] + (0 if shifts is None else shifts[0])
        logits, leads = torch.empty_like(best), np.empty(best.shape, dtype=np.uint8)
        index = np.zeros(best.shape, dtype=np.uint8)
        for j in range(1, num_classes):  # in place: new memory for each step would cost more than the step
            torch.div(part[j], columns[j], out=logits)
            if shifts is not None:
                logits += shifts[j]
            np.greater(logits.numpy(), best.numpy(), out=leads.view(np.bool_))  # torch takes eight times as long for it
            np.maximum(index, np.multiply(leads, np.uint8(j), out=leads), out=index)  # j is above all before it
            torch.maximum(best, logits, out=best)
        found[:, start : start + step] = torch.from_numpy(index)
    return found
