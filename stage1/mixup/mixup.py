"""Mixup: a weighted sum of two images, and of their losses."""

import numpy as np
import torch
from torch import Tensor

from stage1.losses.input_checks import require_class_counts
from stage1.mixup.mixed_batch import MixedBatch, draw_lam, draw_partners, lam_tensor, require_alpha, require_image_batch


class Mixup:
    """Each image becomes ``lambda x_a + (1 - lambda) x_b``, its loss ``lambda l(a) + (1 - lambda) l(b)``.

    One lambda ~ Beta(alpha, alpha) for the batch; b is a permutation of the batch.

    Source: Zhang et al., ICLR 2018, arXiv:1710.09412, eq. 1.
    Use: better features and calibrated probabilities in stage one; it needs more epochs. Leave it out of stage two.

    Args:
        class_counts: training images per class, shape (C,); not used, every batch augmentation takes them.
        alpha: above 0; 1 is uniform, near 0 hardly mixes.

    Raises:
        ConfigError: alpha is not above 0.
        DataError: class_counts is not (C,); in the call: images or labels have another shape.

    Example:
        The images are all 0 and all 1, like their labels; every pixel is then the mixed label.

        >>> images = torch.tensor([0.0, 1.0]).view(2, 1, 1, 1).expand(2, 3, 8, 8)
        >>> batch = Mixup(torch.tensor([3, 1]))(images, torch.tensor([0, 1]), np.random.default_rng(1))
        >>> mixed_labels = batch.lam * batch.first + (1 - batch.lam) * batch.second
        >>> torch.allclose(batch.images[:, 0, 0, 0], mixed_labels)
        True
    """

    def __init__(self, class_counts: Tensor, *, alpha: float = 1.0) -> None:
        require_class_counts(class_counts, empty_classes=True)
        require_alpha(alpha)
        self.alpha = alpha

    def __call__(self, images: Tensor, labels: Tensor, rng: np.random.Generator) -> MixedBatch:
        """Mix images (B, 3, H, W) and labels (B,); neither is changed."""
        require_image_batch(images, labels)
        lam, partners = draw_lam(self.alpha, rng), draw_partners(images, rng)
        mixed = torch.lerp(images[partners], images, lam)
        return MixedBatch(mixed, labels, labels[partners], lam_tensor(lam, images))
