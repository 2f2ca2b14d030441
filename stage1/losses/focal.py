"""Focal loss: samples that are classified correctly count less."""

from torch import Tensor

from decouple.checks import require_number
from stage1.losses.focal_values import focal_values
from stage1.losses.loss import Loss


class FocalLoss(Loss):
    """Cross-entropy that counts confident correct predictions less: ``(1 - p_y)^gamma * -log p_y``.

    p is the softmax of the logits. The factor takes part in the gradient.

    Source: Lin et al., ICCV 2017, arXiv:1708.02002, eq. 4; there with a sigmoid for each class.
    Use: where many easy samples outweigh the hard ones; for the tail, add drw or a sampler.

    Args:
        class_counts: training images per class, shape (C,), each at least 1; not used, every loss takes them.
        gamma: 0 or more; 0 is cross-entropy.

    Raises:
        ConfigError: gamma is outside its range.
        DataError: a class has no image.

    Example:
        Two equal logits: (1 - 1/2)^2 * log 2 = 0.1733.

        >>> loss = FocalLoss(torch.tensor([3, 1]))
        >>> loss(torch.zeros(1, 2), torch.tensor([1]))
        tensor(0.1733)
    """

    def __init__(self, class_counts: Tensor, *, gamma: float = 2.0) -> None:
        super().__init__(class_counts)
        require_number("gamma", gamma, at_least=0, usual="2 is usual")
        self.gamma = gamma

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the focal loss of each sample, (B,)."""
        return focal_values(logits, labels, self.gamma)
