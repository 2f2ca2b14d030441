"""CosFace: the same margin in cosine for every class."""

import torch.nn.functional as F
from torch import Tensor

from decouple.errors import ConfigError
from stage1.losses.loss import Loss
from stage1.losses.target import subtract_margin


class CosFaceLoss(Loss):
    """Cross-entropy of scaled cosines with the same margin on every target.

    ``CE(s (cos_j - [j = y] margin))``. Training only: predictions come from the bare cosines.

    Source: Wang et al., CVPR 2018, arXiv:1801.09414, eq. 4.
    Use: margin of one size for all; the row that ldam, whose margins follow the counts, is compared with.

    Args:
        class_counts: training images per class, shape (C,); not used, every loss takes them.
        margin: in cosine, 0 or more; 0 is scaled cross-entropy.
        scale: s, above 0.

    Raises:
        ConfigError: margin or scale is outside.
    """

    classifier = "cosine"

    def __init__(self, class_counts: Tensor, *, margin: float = 0.35, scale: float = 30.0) -> None:
        super().__init__(class_counts, empty_classes=True)
        if not margin >= 0:
            raise ConfigError(f"margin of cosface must be 0 or more, got {margin}; 0.35 is a usual value")
        if not scale > 0:
            raise ConfigError(f"scale of cosface must be above 0, got {scale}; 30 is a usual value")
        self.margin, self.scale = margin, scale

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), from bare cosines."""
        return F.cross_entropy(self.scale * subtract_margin(logits, labels, self.margin), labels, reduction="none")
