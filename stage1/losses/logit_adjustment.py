"""Logit adjustment: cross-entropy on logits raised by the log of the class shares."""

import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_number
from stage1.losses.loss import Loss


class LogitAdjustmentLoss(Loss):
    """Cross-entropy on ``z_j + tau * log pi_j``, with pi_j = n_j / n the share of the class.

    Training only: predictions come from the bare logits, which then estimate the classes as if all were equally
    frequent. tau 1 is balanced softmax.

    Source: Menon et al., ICLR 2021, arXiv:2007.07314, eq. 10.
    Use: single-stage training for balanced accuracy; tau above 1 favours the tail more. A balanced sampler
    corrects twice.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.
        tau: 0 or more; 0 is cross-entropy.

    Raises:
        ConfigError: tau is outside its range.
        DataError: a class has no image.

    Example:
        tau 1 is balanced softmax: counts (3, 1) and equal logits make the softmax (3/4, 1/4), label 1 costs log 4.

        >>> import torch
        >>> loss = LogitAdjustmentLoss(torch.tensor([3, 1]))
        >>> loss(torch.zeros(1, 2), torch.tensor([1]))
        tensor(1.3863)
    """

    adjustment: Tensor

    def __init__(self, class_counts: Tensor, *, tau: float = 1.0) -> None:
        super().__init__(class_counts)
        require_number("tau", tau, at_least=0, usual="1 is usual")
        self.prior_exponent = 1 - tau
        log_prior = (self.class_counts / self.class_counts.sum()).log()
        self.register_buffer("adjustment", tau * log_prior, persistent=False)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the cross-entropy of each sample on the adjusted logits, (B,)."""
        return F.cross_entropy(logits + self.adjustment.to(logits.dtype), labels, reduction="none")
