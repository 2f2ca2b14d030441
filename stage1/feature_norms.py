"""The length of features by class group: few training images make short features."""

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from decouple.class_counts import as_counts, class_groups

GROUPS = ("many", "medium", "few")


def group_feature_norms(norms: Tensor, labels: Tensor, class_counts: ArrayLike) -> dict[str, float | None]:
    """Return the mean feature norm of many, medium and few: the mean over their classes of the mean over images.

    Args:
        norms: Euclidean norm of the features of each image, shape (N,).
        labels: true classes in 0..C-1, int64, shape (N,).
        class_counts: training images per class, shape (C,); they define the groups.

    Returns:
        group -> mean; None where no image is of the group.

    Example:
        >>> group_feature_norms(torch.tensor([4.0, 2.0, 1.0]), torch.tensor([0, 0, 1]), [500, 5])
        {'many': 3.0, 'medium': None, 'few': 1.0}
    """
    counts = as_counts(class_counts)
    num_classes = len(counts)
    images = torch.bincount(labels, minlength=num_classes)
    sums = torch.zeros(num_classes, dtype=torch.float64).index_add_(0, labels, norms.double())
    means = sums / images  # NaN of a class without images
    present = {
        name: [label for label in members.tolist() if images[label]]
        for name, members in class_groups(counts, "many_medium_few").items()
    }
    return {name: float(means[present[name]].mean()) if present[name] else None for name in GROUPS}
