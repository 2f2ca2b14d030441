"""Per-class recall and balanced accuracy of predictions: what training and every choice on validation go by.

`decouple.evaluation.metrics` reports the same two for one set of scores, in numpy, from the counts that it has anyway.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

ONE_HOT_THRESHOLD = 128  # classes: up to as many, one product counts the hits of all; above, each image adds its own
PREDICTIONS_CHUNK = 2**20  # predictions counted together, so that memory does not grow with images times classes


def class_recalls(predicted: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the recall of each class in [0, 1], NaN for an absent one, float64.

    Args:
        predicted: predicted classes, (V, N) -> (V, C) for V classifiers, or (N,) -> (C,) for one; integers of any type
            that holds C - 1.
        labels: true classes in 0..C-1, (N,) int64.
        num_classes: C.

    Example:
        >>> class_recalls(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]), 3)
        tensor([0.5000, 1.0000,    nan], dtype=torch.float64)
    """
    rows = predicted if predicted.ndim == 2 else predicted[None]
    correct = torch.zeros(len(rows), num_classes, dtype=torch.float64)
    step = max(1, PREDICTIONS_CHUNK // max(1, len(rows)))
    for start in range(0, len(labels), step):
        chunk, truth = rows[:, start : start + step], labels[start : start + step]
        hits = chunk == truth.to(chunk.dtype)
        if num_classes <= ONE_HOT_THRESHOLD:  # float32 counts up to 2^24 without rounding
            correct += hits.float() @ F.one_hot(truth, num_classes).float()
        else:
            correct.scatter_add_(1, truth.expand_as(chunk), hits.double())
    recalls = correct / torch.bincount(labels, minlength=num_classes)
    return recalls if predicted.ndim == 2 else recalls[0]


def balanced_accuracy(recalls: Tensor) -> Tensor:
    """Return the mean recall over the classes that are present, in percent: (..., C) -> (...); NaN if none is.

    Example:
        >>> balanced_accuracy(torch.tensor([0.5, 1.0, torch.nan]))
        tensor(75.)
    """
    return 100 * recalls.nanmean(dim=-1)
