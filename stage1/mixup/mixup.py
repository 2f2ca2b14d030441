"""Mixup: a weighted sum of two images, and of their losses."""

import numpy as np
import torch
from torch import Tensor

from stage1.mixup.mixed_batch import MixedBatch, draw_lam, draw_partners, exact_lam, require_alpha


class Mixup:
    """Each image becomes ``lambda x_a + (1 - lambda) x_b``, its loss ``lambda l(a) + (1 - lambda) l(b)``.

    One lambda ~ Beta(alpha, alpha) for the batch; b is a permutation of the batch.

    Source: Zhang et al., ICLR 2018, arXiv:1710.09412, eq. 1.
    Use: better features and calibrated probabilities in stage one; it needs more epochs. Leave it out of stage two.

    Args:
        class_counts: training images per class, shape (C,); not used, every mixing takes them.
        alpha: above 0; 1 is uniform, near 0 hardly mixes.

    Raises:
        ConfigError: alpha is not above 0.
    """

    def __init__(self, class_counts: Tensor, *, alpha: float = 1.0) -> None:
        require_alpha(alpha)
        self.alpha = alpha

    def __call__(self, images: Tensor, labels: Tensor, rng: np.random.Generator) -> MixedBatch:
        """Mix images (B, 3, H, W) and labels (B,); neither is changed."""
        share, partners = draw_lam(self.alpha, rng), draw_partners(images, rng)
        mixed = torch.lerp(images[partners], images, share)
        return MixedBatch(mixed, labels, labels[partners], exact_lam(share, images))
