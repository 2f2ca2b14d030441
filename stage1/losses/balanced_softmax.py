"""Balanced softmax: cross-entropy that expects the tail to be rare in training."""

import torch.nn.functional as F
from torch import Tensor

from stage1.losses.loss import Loss


class BalancedSoftmaxLoss(Loss):
    """Cross-entropy with every logit raised by the log of its class's image count.

    For logits z, label y and counts n: ``-log( n_y exp(z_y) / sum_j n_j exp(z_j) )``. Training only: predictions come
    from the bare logits.

    Source: Ren et al., NeurIPS 2020, arXiv:2007.10740, eq. 4.
    Use: single-stage training for balanced accuracy. It corrects for the class shares, so a balanced sampler corrects
    twice.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.

    Raises:
        DataError: class_counts is not one-dimensional, or a class has no image.

    Example:
        Counts (3, 1) and equal logits make the softmax (3/4, 1/4), so label 1 costs -log(1/4) = log 4.

        >>> import torch
        >>> loss = BalancedSoftmaxLoss(torch.tensor([3, 1]))
        >>> loss(torch.zeros(1, 2), torch.tensor([1]))
        tensor(1.3863)
    """

    log_counts: Tensor

    prior_exponent = 0.0

    def __init__(self, class_counts: Tensor) -> None:
        super().__init__(class_counts)
        self.register_buffer("log_counts", self.class_counts.log(), persistent=False)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the cross-entropy of each sample on the raised logits, (B,)."""
        return F.cross_entropy(logits + self.log_counts.to(logits.dtype), labels, reduction="none")
