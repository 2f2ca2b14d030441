"""Seesaw loss: larger classes push a class down less, unless it is predicted wrongly in place of the correct one."""

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_number
from stage1.losses.loss import Loss


class SeesawLoss(Loss):
    """Cross-entropy with a factor for each pair of classes: ``-log( exp(z_y) / (sum_j S_yj exp(z_j)) )``, S_yy = 1.

    S_ij = M_ij * C_ij. M_ij = min(1, (N_j / N_i)^p) spares the smaller class; C_ij = max(1, (sigma_j / sigma_i)^q),
    with sigma the softmax of the logits, undoes that for samples in which j scores above the label. Both are constants
    for the gradient. The public code floors sigma_y at 0.01 in C; here it has no floor.

    N counts the labels of all batches so far: each batch in training mode is counted before it is used, and a class
    without a label yet counts as 1. The counts are the buffer `observed_counts`, part of the loss's state. They follow
    the sampler, so under a balanced sampler M tends to 1. Evaluation mode counts nothing.

    Source: Wang et al., CVPR 2021, arXiv:2008.10032, section 3.1.
    Use: single-stage training on many classes of very different size; the counts are collected during training.

    Args:
        class_counts: training images per class, shape (C,), each at least 1; not used beyond this check.
        p: 0 or more; 0 does not spare smaller classes.
        q: 0 or more; 0 is no compensation, p and q 0 is cross-entropy.

    Raises:
        ConfigError: p or q is outside its range.
        DataError: a class has no image.

    Example:
        Three labels of class 0 and one of class 1: with p 1 class 1 counts 1/3 for samples of class 0, which cost
        log(1 + 1/3), and class 0 counts 1 for that of class 1, which costs log 2.

        >>> loss = SeesawLoss(torch.tensor([3, 1]), p=1.0)
        >>> loss.values(torch.zeros(4, 2), torch.tensor([0, 0, 0, 1]))
        tensor([0.2877, 0.2877, 0.2877, 0.6931])
    """

    observed_counts: Tensor

    def __init__(self, class_counts: Tensor, *, p: float = 0.8, q: float = 2.0) -> None:
        super().__init__(class_counts)
        require_number("p", p, at_least=0, usual="0.8 is usual")
        require_number("q", q, at_least=0, usual="2 is usual")
        self.p, self.q = p, q
        self.prior_exponent = 1 - p  # of the mitigation, for the classes with fewer images
        self.register_buffer("observed_counts", torch.zeros_like(self.class_counts))

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the seesaw loss of each sample, (B,); in training mode the labels are counted first."""
        if self.training:
            self.observed_counts.index_add_(0, labels, torch.ones_like(labels, dtype=self.observed_counts.dtype))
        return F.cross_entropy(logits + self._log_factors(logits.detach(), labels), labels, reduction="none")

    def _log_factors(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return log S_yj, (B, C): sums of logs stay finite where the powers would not."""
        log_counts = self.observed_counts.clamp(min=1).log().to(logits.dtype)
        mitigation = (self.p * (log_counts - log_counts[labels, None])).clamp(max=0)
        lead = logits - logits.gather(1, labels[:, None])  # log(sigma_j / sigma_y)
        return mitigation + (self.q * lead).clamp(min=0)
