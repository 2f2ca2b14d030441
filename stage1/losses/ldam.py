"""LDAM: a margin that is the larger the fewer images a class has."""

import torch.nn.functional as F
from torch import Tensor

from decouple.errors import ConfigError
from stage1.losses.loss import Loss
from stage1.losses.target import subtract_margin


class LDAMLoss(Loss):
    """Cross-entropy of scaled cosines with a margin on the target, largest for the rarest class.

    ``CE(s (cos_j - [j = y] m_y))`` with ``m_j = max_margin * (n_min / n_j)^(1/4)``. Training only: predictions come
    from the bare cosines.

    Source: Cao et al., NeurIPS 2019, arXiv:1906.07413, section 3.2.
    Use: with deferred re-weighting (drw), the usual pair; alone it helps less.

    Args:
        class_counts: training images per class n_j, shape (C,), each at least 1.
        max_margin: the margin of the rarest class, in cosine, 0 or more; 0 is scaled cross-entropy.
        scale: s, above 0.

    Raises:
        ConfigError: max_margin or scale is outside.
        DataError: a class has no image.
    """

    classifier = "cosine"
    margins: Tensor

    def __init__(self, class_counts: Tensor, *, max_margin: float = 0.5, scale: float = 30.0) -> None:
        super().__init__(class_counts)
        if not max_margin >= 0:
            raise ConfigError(f"max_margin of ldam must be 0 or more, got {max_margin}; 0.5 is a usual value")
        if not scale > 0:
            raise ConfigError(f"scale of ldam must be above 0, got {scale}; 30 is a usual value")
        self.scale = scale
        margins = max_margin * (self.class_counts.min() / self.class_counts) ** 0.25
        self.register_buffer("margins", margins, persistent=False)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), from bare cosines."""
        margins = self.margins.to(logits.dtype)[labels]
        return F.cross_entropy(self.scale * subtract_margin(logits, labels, margins), labels, reduction="none")
