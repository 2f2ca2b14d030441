"""CosFace: the same margin in cosine for every class."""

import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_number
from stage1.losses.loss import Loss
from stage1.losses.target import subtract_margin


class CosFaceLoss(Loss):
    """Cross-entropy of scaled cosines with the same margin on every target.

    ``CE(s (cos_j - [j = y] margin))``. Training only: predictions come from the bare cosines.

    Source: Wang et al., CVPR 2018, arXiv:1801.09414, eq. 4.
    Use: the baseline of ldam, whose margins follow the counts: one margin for all classes.

    Args:
        class_counts: training images per class, shape (C,); not used, every loss takes them.
        margin: in cosine, 0 or more; 0 is scaled cross-entropy.
        scale: s, above 0.

    Raises:
        ConfigError: margin or scale is outside its range.

    Example:
        Equal cosines: the target is behind by 30 * 0.35 = 10.5, which costs log(1 + e^10.5).

        >>> import torch
        >>> loss = CosFaceLoss(torch.tensor([3, 1]))
        >>> loss(torch.zeros(1, 2), torch.tensor([1]))
        tensor(10.5000)
    """

    classifier = "cosine"

    def __init__(self, class_counts: Tensor, *, margin: float = 0.35, scale: float = 30.0) -> None:
        super().__init__(class_counts, empty_classes=True)
        require_number("margin", margin, at_least=0, usual="0.35 is usual")
        require_number("scale", scale, above=0, usual="30 is usual")
        self.margin, self.scale = margin, scale

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), from bare cosines."""
        return F.cross_entropy(self.scale * subtract_margin(logits, labels, self.margin), labels, reduction="none")
