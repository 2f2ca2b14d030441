"""How good predictions are, by one figure: what the candidates of a choice are compared by."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from decouple.class_counts import class_groups
from decouple.errors import ConfigError
from decouple.evaluation.recall import balanced_accuracy, class_recalls


def scores_of(measure: str, predicted: Tensor, labels: Tensor, group_counts: Sequence[int]) -> Tensor:
    """Return a measure in percent for each of V rows of predictions (V, N), as (V,) float64; all NaN without images.

    The measures are those of `decouple.evaluation.metrics.evaluate`; head, middle and tail are thirds of the classes.
    """
    num_classes = len(group_counts)
    recalls = class_recalls(predicted, labels, num_classes)
    if measure == "balanced":
        return balanced_accuracy(recalls)
    if measure == "top1":
        found = (predicted == labels.to(predicted.dtype)).double().mean(dim=1)
    elif measure == "g_mean":
        found = recalls.log().nanmean(dim=1).exp()
    elif measure == "macro_f1":
        found = _f1(predicted, labels, num_classes).nanmean(dim=1)
    else:
        counts = np.asarray(group_counts, dtype=np.int64)
        groups = {**class_groups(counts, "many_medium_few"), **class_groups(counts, "thirds")}
        return balanced_accuracy(recalls[:, torch.from_numpy(groups[measure])])
    return 100 * found


def require_images(measure: str, scores: Tensor) -> None:
    """Check that there was something to judge by.

    Raises:
        ConfigError: no class of the group has an image among those that judge.
    """
    if scores.isnan().all():
        raise ConfigError(
            f"--select {measure} cannot choose: no class of that group has an image among those that judge; "
            "use --select balanced"
        )


def _f1(predicted: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    predicted, images = predicted.long(), torch.bincount(labels, minlength=num_classes).double()
    ones = torch.ones(predicted.shape, dtype=torch.float64)
    right = _per_class((predicted == labels).double(), labels.expand_as(predicted), num_classes)
    f1 = 2 * right / (images + _per_class(ones, predicted, num_classes))
    return torch.where(images > 0, f1, torch.nan)


def _per_class(values: Tensor, classes: Tensor, num_classes: int) -> Tensor:
    """Return the sums of values (V, N) by class (V, N), as (V, C)."""
    return torch.zeros(len(values), num_classes, dtype=torch.float64).scatter_add_(1, classes, values)
