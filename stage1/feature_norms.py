"""The length of features by class and class group: few training images make short features."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from decouple.class_counts import class_groups

GROUPS = ("many", "medium", "few")


def group_feature_norms(class_norms: Tensor, class_counts: ArrayLike) -> dict[str, float | None]:
    """Return the mean feature norm of many, medium and few: the mean over their classes.

    Args:
        class_norms: mean feature norm of each class, shape (C,); NaN of a class without images.
        class_counts: training images per class, shape (C,); they define the groups.

    Returns:
        group -> mean; None where no class of the group has a norm.

    Example:
        >>> group_feature_norms(torch.tensor([3.0, 2.0, 1.0, torch.nan]), [500, 5, 4, 3])
        {'many': 3.0, 'medium': None, 'few': 1.5}
    """
    groups = class_groups(class_counts, "many_medium_few")
    known = {name: class_norms[torch.from_numpy(groups[name].astype(np.int64))] for name in GROUPS}
    known = {name: norms[~norms.isnan()] for name, norms in known.items()}
    return {name: float(norms.mean()) if len(norms) else None for name, norms in known.items()}


@dataclass
class ClassNormRecord:
    """The mean feature norm of each class in each epoch of a training.

    With validation images it is the mean over them after the epoch. Without, it is the mean over the training images
    that the epoch has drawn, as the steps saw them: augmented, batch norm and dropout in training mode, by a network
    that still changes. Their norms are summed on the device and read once, at the end of the epoch.

    Example:
        >>> record = ClassNormRecord.empty(2, torch.device("cpu"))
        >>> record.add(torch.tensor([[3.0, 4.0], [0.0, 1.0]]), torch.tensor([0, 0]))
        >>> record.end_epoch()
        >>> record.epochs
        tensor([[3., nan]])
    """

    sums: Tensor  # (2, C) float64 on the device: summed norms and number of the images of the epoch so far
    epochs: Tensor  # (E, C) float32 on the CPU; NaN of a class without images

    @classmethod
    def empty(cls, num_classes: int, device: torch.device) -> "ClassNormRecord":
        """Return a record without an epoch."""
        return cls(torch.zeros(2, num_classes, dtype=torch.float64, device=device), torch.empty(0, num_classes))

    @torch.no_grad()
    def add(self, features: Tensor, labels: Tensor, share: Tensor | None = None) -> None:
        """Add the images of a step, without waiting for the device.

        The sum is the same in any order of the additions, which on a GPU is random: as long as the largest norm of a
        class times its images is below 2^29 times the smallest, sums of float32 values are exact in float64.

        Args:
            features: (B, D) floating point.
            labels: (B,) int64.
            share: how much of an image is of its label, in [0, 1], shape () or (B,); None: all of it.
        """
        norms = torch.linalg.vector_norm(features, dim=1, dtype=torch.float32)
        images = torch.ones_like(norms) if share is None else share.to(norms.dtype).expand_as(norms)
        self.sums.index_add_(1, labels, torch.stack([norms * images, images]).double())

    def end_epoch(self, class_norms: Tensor | None = None) -> None:
        """Append an epoch: the given means (C,), or those of the images that were added."""
        if class_norms is None:
            class_norms = (self.sums[0] / self.sums[1]).cpu()
        self.epochs = torch.cat([self.epochs, class_norms.float()[None]])
        self.sums.zero_()

    def load(self, sums: Tensor | None, epochs: Tensor | None, num_epochs: int) -> None:
        """Restore a saved record; of a training that was saved without one, the first epochs are NaN."""
        self.sums.zero_() if sums is None else self.sums.copy_(sums)
        num_classes = self.sums.shape[1]
        self.epochs = torch.full((num_epochs, num_classes), torch.nan) if epochs is None else epochs.clone()
