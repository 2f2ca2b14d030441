"""CutMix: a rectangle of another image, and its loss weighted by the area."""

import numpy as np
from torch import Tensor

from stage1.losses.input_checks import require_class_counts
from stage1.mixup.mixed_batch import MixedBatch, draw_lam, draw_partners, lam_tensor, require_alpha, require_image_batch


class CutMix:
    """A rectangle of each image is replaced by that of another; the losses are mixed by area.

    lambda ~ Beta(alpha, alpha), one rectangle for the batch: of ``sqrt(1 - lambda)`` of the height and of the width,
    around a uniformly drawn pixel, cut off at the border. lambda is then the share of the area that was not replaced.

    Source: Yun et al., ICCV 2019, arXiv:1905.04899, section 3.1.
    Use: stage one on photographs, where a part of an object still shows its class; not on small drawings or letters.

    Args:
        class_counts: training images per class, shape (C,); not used, every batch augmentation takes them.
        alpha: above 0; 1 is uniform.

    Raises:
        ConfigError: alpha is not above 0.
        DataError: class_counts is not (C,); in the call: images or labels have another shape.

    Example:
        The images are all 0 and all 1, like their labels; the mean pixel is then the mixed label.

        >>> import torch
        >>> images = torch.tensor([0.0, 1.0]).view(2, 1, 1, 1).expand(2, 3, 8, 8)
        >>> batch = CutMix(torch.tensor([3, 1]))(images, torch.tensor([0, 1]), np.random.default_rng(1))
        >>> mixed_labels = batch.lam * batch.first + (1 - batch.lam) * batch.second
        >>> torch.allclose(batch.images.mean(dim=(1, 2, 3)), mixed_labels)
        True
    """

    def __init__(self, class_counts: Tensor, *, alpha: float = 1.0) -> None:
        require_class_counts(class_counts, empty_classes=True)
        require_alpha(alpha)
        self.alpha = alpha

    def __call__(self, images: Tensor, labels: Tensor, rng: np.random.Generator) -> MixedBatch:
        """Mix images (B, 3, H, W) and labels (B,); neither is changed."""
        require_image_batch(images, labels)
        height, width = images.shape[2:]
        lam, partners = draw_lam(self.alpha, rng), draw_partners(images, rng)
        rows, columns = (_window(length, (1 - lam) ** 0.5, rng) for length in (height, width))
        mixed = images.clone()
        mixed[:, :, rows, columns] = images[partners, :, rows, columns]
        exact_lam = 1 - (rows.stop - rows.start) * (columns.stop - columns.start) / (height * width)
        return MixedBatch(mixed, labels, labels[partners], lam_tensor(exact_lam, images))


def _window(length: int, share: float, rng: np.random.Generator) -> slice:
    """Return `share` of `length` pixels around a random one, cut off at both ends."""
    middle, half = int(rng.integers(length)), int(length * share) // 2
    return slice(max(0, middle - half), min(length, middle + half))
