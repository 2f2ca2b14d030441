"""Remix: mixup whose label goes to the rarer class of a pair where the counts differ enough."""

import numpy as np
import torch
from torch import Tensor

from decouple.errors import ConfigError
from stage1.mixup.mixed_batch import MixedBatch
from stage1.mixup.mixup import Mixup


class Remix:
    """Images are mixed as by mixup; the share of a pair's first label is decided by the counts of its classes.

    With n_a, n_b training images in the two classes it is 0 where ``n_a / n_b >= kappa`` and ``lambda < threshold``, 1
    where ``n_a / n_b <= 1 / kappa`` and ``1 - lambda < threshold``, and lambda otherwise. Each pair is decided by
    itself, and its loss is mixed before the mean over the batch; class weights act on each of the two labels.

    Source: Chou et al., ECCV 2020 workshops, arXiv:2007.03943, section 3.2.
    Use: as mixup, on long-tailed data where the tail shall gain more; losses per sample only.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.
        alpha: above 0; 1 is uniform.
        kappa: how many times larger a class must be, at least 1.
        threshold: tau of the paper, in [0, 1]; 0 is mixup.

    Raises:
        ConfigError: a value is out of its range.
    """

    def __init__(self, class_counts: Tensor, *, alpha: float = 1.0, kappa: float = 3.0, threshold: float = 0.5) -> None:
        if not kappa >= 1:
            raise ConfigError(f"kappa must be 1 or more, got {kappa}; 3 is a usual value")
        if not 0 <= threshold <= 1:
            raise ConfigError(f"threshold must be in 0..1, got {threshold}; 0.5 is a usual value")
        self.mixup, self.kappa, self.threshold = Mixup(class_counts, alpha=alpha), kappa, threshold
        self.class_counts = class_counts.double()

    def __call__(self, images: Tensor, labels: Tensor, rng: np.random.Generator) -> MixedBatch:
        """Mix images (B, 3, H, W) and labels (B,); neither is changed."""
        mixed = self.mixup(images, labels, rng)
        counts = self.class_counts.to(images.device)
        ratio, share = counts[mixed.first] / counts[mixed.second], mixed.share.expand(len(labels))
        rarer_second = (ratio >= self.kappa) & (share < self.threshold)
        rarer_first = (ratio <= 1 / self.kappa) & (1 - share < self.threshold)
        shares = torch.where(rarer_second, 0.0, torch.where(rarer_first, 1.0, share))
        return MixedBatch(mixed.images, mixed.first, mixed.second, shares)
