"""The mean length of the features of each class."""

import torch
from torch import Tensor

from decouple.files.features import Features


def class_feature_norms(norms: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the mean norm of the images of each class, (C,) float64; NaN of a class without images.

    Args:
        norms: Euclidean norm of the features of each image, (N,).
        labels: classes in 0..C-1, int64, (N,).
        num_classes: C.

    Example:
        >>> class_feature_norms(torch.tensor([4.0, 2.0, 1.0]), torch.tensor([0, 0, 2]), 3)
        tensor([3., nan, 1.], dtype=torch.float64)
    """
    sums = torch.zeros(num_classes, dtype=torch.float64).index_add_(0, labels, norms.double())
    return sums / torch.bincount(labels, minlength=num_classes)


def mean_feature_norms(features: Features, num_classes: int) -> Tensor:
    """Return the mean norm of the features of each class of a split, (C,) float64; NaN of a class without images.

    The features are read chunk by chunk.

    Example:
        >>> features = Features(torch.tensor([[3.0, 4.0], [0.0, 1.0], [0.0, 2.0]]), torch.tensor([0, 1, 1]))
        >>> mean_feature_norms(features, 2)
        tensor([5.0000, 1.5000], dtype=torch.float64)
    """
    norms = [rows.norm(dim=1) for rows, _ in features.chunks()]
    return class_feature_norms(torch.cat(norms) if norms else torch.empty(0), features.labels, num_classes)
