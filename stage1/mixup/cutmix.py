"""CutMix: a rectangle of another image, and of its loss as much as of its area."""

import numpy as np
from torch import Tensor

from stage1.mixup.mixed_batch import MixedBatch, draw_lam, draw_partners, exact_lam, require_alpha


class CutMix:
    """A rectangle of each image is replaced by that of another; the losses are mixed by area.

    lambda ~ Beta(alpha, alpha), one rectangle for the batch: of ``sqrt(1 - lambda)`` of the height and of the width,
    around a uniformly drawn pixel, cut off at the border. lambda is then the share of the area that was not replaced.

    Source: Yun et al., ICCV 2019, arXiv:1905.04899, section 3.1.
    Use: stage one on photographs, where a part of an object still shows its class; not on small drawings or letters.

    Args:
        class_counts: training images per class, shape (C,); not used, every mixing takes them.
        alpha: above 0; 1 is uniform.

    Raises:
        ConfigError: alpha is not above 0.
    """

    def __init__(self, class_counts: Tensor, *, alpha: float = 1.0) -> None:
        require_alpha(alpha)
        self.alpha = alpha

    def __call__(self, images: Tensor, labels: Tensor, rng: np.random.Generator) -> MixedBatch:
        """Mix images (B, 3, H, W) and labels (B,); neither is changed."""
        height, width = images.shape[2:]
        share, partners = draw_lam(self.alpha, rng), draw_partners(images, rng)
        rows, columns = (_window(length, (1 - share) ** 0.5, rng) for length in (height, width))
        mixed = images.clone()
        mixed[:, :, rows, columns] = images[partners, :, rows, columns]
        kept = 1 - (rows.stop - rows.start) * (columns.stop - columns.start) / (height * width)
        return MixedBatch(mixed, labels, labels[partners], exact_lam(kept, images))


def _window(length: int, share: float, rng: np.random.Generator) -> slice:
    """Return `share` of `length` pixels around a random one, cut off at both ends."""
    middle, half = int(rng.integers(length)), int(length * share) // 2
    return slice(max(0, middle - half), min(length, middle + half))
