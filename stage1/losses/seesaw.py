"""Seesaw loss: a class is pushed down less by larger classes, and more where it is mistaken for the right one."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.errors import ConfigError
from stage1.losses.loss import Loss


class SeesawLoss(Loss):
    """Cross-entropy with a factor for each pair of classes: ``-log( exp(z_y) / (sum_j S_yj exp(z_j)) )``, S_yy = 1.

    S_ij = M_ij * C_ij. M_ij = min(1, (N_j / N_i)^p) spares the smaller class; C_ij = max(1, (sigma_j / sigma_i)^q),
    with sigma the softmax of the logits, takes that back for samples that j wins. Both are constants for the gradient.

    N is what the loss has seen: each batch in training mode is counted before it is used, and a class that has not come
    yet counts as 1. The counts are the buffer `seen`, part of the loss's state. They follow the sampler, so under a
    balanced sampler M tends to 1. Evaluation mode counts nothing.

    Source: Wang et al., CVPR 2021, arXiv:2008.10032, section 3.1.
    Use: many classes of very different size in one stage, with the counts learned on the way.

    Args:
        class_counts: training images per class, shape (C,), each at least 1; not used beyond this check.
        p: 0 or more; 0 is no sparing of smaller classes.
        q: 0 or more; 0 is no compensation, p and q 0 is cross-entropy.

    Raises:
        ConfigError: p or q is outside.
        DataError: a class has no image.
    """

    seen: Tensor

    def __init__(self, class_counts: Tensor, *, p: float = 0.8, q: float = 2.0) -> None:
        super().__init__(class_counts)
        for name, value, usual in (("p", p, 0.8), ("q", q, 2)):
            if not 0 <= value < math.inf:
                raise ConfigError(
                    f"{name} must be a finite number of 0 or more, got {value}; {usual} is the usual value"
                )
        self.p, self.q = p, q
        self.register_buffer("seen", torch.zeros_like(self.class_counts))

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the seesaw loss of each sample, (B,); in training mode the labels are counted first."""
        if self.training:
            self.seen.index_add_(0, labels, torch.ones_like(labels, dtype=self.seen.dtype))
        return F.cross_entropy(logits + self._log_factors(logits.detach(), labels), labels, reduction="none")

    def _log_factors(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return log S_yj, (B, C): sums of logs stay finite where the powers would not."""
        log_seen = self.seen.clamp(min=1).log().to(logits.dtype)
        mitigation = (self.p * (log_seen - log_seen[labels, None])).clamp(max=0)
        lead = logits - logits.gather(1, labels[:, None])  # log(sigma_j / sigma_y)
        return mitigation + (self.q * lead).clamp(min=0)
