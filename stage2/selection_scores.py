"""Selection metrics of the predictions of many candidates at once."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from decouple.class_counts import class_groups
from decouple.errors import ConfigError
from decouple.evaluation.recall import balanced_accuracy, class_recalls


def selection_scores(selection_metric: str, predicted: Tensor, labels: Tensor, group_counts: Sequence[int]) -> Tensor:
    """Return a selection metric in percent for each of V candidates, (V,) float64; all NaN without images.

    The metrics are those of `decouple.evaluation.metrics.evaluate`; head, middle and tail are thirds of the classes.

    Args:
        selection_metric: one of `decouple.evaluation.selection_metrics.SELECTION_METRICS`.
        predicted: predicted classes, (V, N) integers.
        labels: (N,) int64.
        group_counts: (C,) image counts that define the groups.

    Example:
        Candidate 0 has recalls 1 and 0, candidate 1 has 1/2 and 1.

        >>> predicted, labels = torch.tensor([[0, 0, 0], [0, 1, 1]]), torch.tensor([0, 0, 1])
        >>> selection_scores("balanced", predicted, labels, [9, 3])
        tensor([50., 75.], dtype=torch.float64)
    """
    num_classes = len(group_counts)
    recalls = class_recalls(predicted, labels, num_classes)
    if selection_metric == "balanced":
        return balanced_accuracy(recalls)
    if selection_metric == "top1":
        return 100 * (predicted == labels.to(predicted.dtype)).double().mean(dim=1)
    if selection_metric == "g_mean":
        return 100 * recalls.log().nanmean(dim=1).exp()
    if selection_metric == "macro_f1":
        return 100 * _f1(predicted, labels, num_classes).nanmean(dim=1)
    counts = np.asarray(group_counts, dtype=np.int64)
    groups = {**class_groups(counts, "many_medium_few"), **class_groups(counts, "thirds")}
    return balanced_accuracy(recalls[:, torch.from_numpy(groups[selection_metric])])


def require_images(selection_metric: str, scores: Tensor) -> None:
    """Check that the held-out images have a class that the metric reads.

    Raises:
        ConfigError: no class of the group has a held-out image, so that all scores (V,) are NaN.
    """
    if scores.isnan().all():
        raise ConfigError(
            f"`select={selection_metric}` cannot choose: no class of that group has a held-out image; "
            "use `select=balanced`"
        )


def _f1(predicted: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the F1 of each class, (V, C), NaN for absent ones."""
    predicted, images = predicted.long(), torch.bincount(labels, minlength=num_classes).double()
    ones = torch.ones(predicted.shape, dtype=torch.float64)
    correct = _sum_by_class((predicted == labels).double(), labels.expand_as(predicted), num_classes)
    f1 = 2 * correct / (images + _sum_by_class(ones, predicted, num_classes))
    return torch.where(images > 0, f1, torch.nan)


def _sum_by_class(values: Tensor, classes: Tensor, num_classes: int) -> Tensor:
    """Return the sums of values (V, N) by class (V, N), as (V, C)."""
    return torch.zeros(len(values), num_classes, dtype=torch.float64).scatter_add_(1, classes, values)
