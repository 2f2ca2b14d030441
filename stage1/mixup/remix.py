"""Remix: mixup whose label goes to the rarer class of a pair where the counts differ enough."""

import numpy as np
import torch
from torch import Tensor

from decouple.checks import require_number
from stage1.losses.input_checks import require_class_counts
from stage1.mixup.mixed_batch import MixedBatch
from stage1.mixup.mixup import Mixup


class Remix:
    """Images are mixed as by mixup; the weight of a pair's first label is decided by the counts of its classes.

    With n_a, n_b training images in the two classes it is 0 where ``n_a / n_b >= kappa`` and ``lambda < threshold``, 1
    where ``n_a / n_b <= 1 / kappa`` and ``1 - lambda < threshold``, and lambda otherwise. Each pair is decided by
    itself, and its loss is mixed before the mean over the batch; class weights act on each of the two labels.

    Source: Chou et al., ECCV 2020 workshops, arXiv:2007.03943, section 3.2.
    Use: as mixup, on long-tailed data, to favour the tail; only with losses per sample.

    Args:
        class_counts: training images per class, shape (C,).
        alpha: above 0; 1 is uniform.
        kappa: how many times larger a class must be, at least 1.
        threshold: tau of the paper, in [0, 1]; 0 is mixup.

    Raises:
        ConfigError: a value is outside its range.
        DataError: class_counts is not (C,); in the call: images or labels have another shape.

    Example:
        Class 0 has 30 times the images of class 1; at threshold 1 both mixed images get label 1 alone.

        >>> images, labels = torch.zeros(2, 3, 8, 8), torch.tensor([0, 1])
        >>> batch = Remix(torch.tensor([30, 1]), threshold=1.0)(images, labels, np.random.default_rng(1))
        >>> batch.first, batch.second, batch.lam
        (tensor([0, 1]), tensor([1, 0]), tensor([0., 1.]))
    """

    def __init__(self, class_counts: Tensor, *, alpha: float = 1.0, kappa: float = 3.0, threshold: float = 0.5) -> None:
        self.class_counts = require_class_counts(class_counts, empty_classes=True)
        require_number("kappa", kappa, at_least=1, usual="3 is usual")
        require_number("threshold", threshold, at_least=0, at_most=1, usual="0.5 is usual")
        self.mixup, self.kappa, self.threshold = Mixup(class_counts, alpha=alpha), kappa, threshold

    def __call__(self, images: Tensor, labels: Tensor, rng: np.random.Generator) -> MixedBatch:
        """Mix images (B, 3, H, W) and labels (B,); neither is changed."""
        mixed = self.mixup(images, labels, rng)
        counts = self.class_counts.to(images.device)
        ratio, lam = counts[mixed.first] / counts[mixed.second], mixed.lam.expand(len(labels))
        rarer_second = (ratio >= self.kappa) & (lam < self.threshold)
        rarer_first = (ratio <= 1 / self.kappa) & (1 - lam < self.threshold)
        lam = torch.where(rarer_second, 0.0, torch.where(rarer_first, 1.0, lam))
        return MixedBatch(mixed.images, mixed.first, mixed.second, lam)
