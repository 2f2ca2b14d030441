"""LDAM: a margin that grows as a class has fewer images."""

import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_number
from stage1.losses.loss import Loss
from stage1.losses.target import subtract_margin


class LDAMLoss(Loss):
    """Cross-entropy of scaled cosines with a margin on the target, largest for the rarest class.

    ``CE(s (cos_j - [j = y] m_y))`` with ``m_j = max_margin * (n_min / n_j)^(1/4)``. Training only: predictions come
    from the bare cosines.

    Source: Cao et al., NeurIPS 2019, arXiv:1906.07413, section 3.2.
    Use: with deferred re-weighting (drw), as in the paper; alone it helps less.

    Args:
        class_counts: training images per class n_j, shape (C,), each at least 1.
        max_margin: the margin of the rarest class, in cosine, 0 or more; 0 is scaled cross-entropy.
        scale: s, above 0.

    Raises:
        ConfigError: max_margin or scale is outside its range.
        DataError: a class has no image.

    Example:
        The fourth root of 1/16 is 1/2: the margin of the larger class is half as large.

        >>> import torch
        >>> LDAMLoss(torch.tensor([16, 1])).margins
        tensor([0.2500, 0.5000], dtype=torch.float64)
    """

    classifier = "cosine"
    margins: Tensor

    def __init__(self, class_counts: Tensor, *, max_margin: float = 0.5, scale: float = 30.0) -> None:
        super().__init__(class_counts)
        require_number("max_margin", max_margin, at_least=0, usual="0.5 is usual")
        require_number("scale", scale, above=0, usual="30 is usual")
        self.scale = scale
        margins = max_margin * (self.class_counts.min() / self.class_counts) ** 0.25
        self.register_buffer("margins", margins, persistent=False)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), from bare cosines."""
        margins = self.margins.to(logits.dtype)[labels]
        return F.cross_entropy(self.scale * subtract_margin(logits, labels, margins), labels, reduction="none")
