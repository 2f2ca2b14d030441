"""Softmax equalization: head samples push the logits of rare classes down only now and then."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.errors import ConfigError
from stage1.losses.loss import Loss


class EqualizationLoss(Loss):
    """Cross-entropy whose denominator leaves out rare classes at random: ``-log( exp(z_y) / sum_k w_k exp(z_k) )``.

    w_k = 1 - b * T_k * (1 - [k = y]): T_k is 1 where the share pi_k = n_k / n is below the threshold, b is 1 with
    probability gamma, drawn anew for each sample and class. So the label itself always stays. The draws come from
    torch's global generator, as those of dropout do; in evaluation mode there are none, and this is cross-entropy.

    Source: Tan et al., CVPR 2020, arXiv:2003.05176, softmax equalization loss.
    Use: where rare classes are learned and then forgotten, because every other sample pushes their logits down.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.
        gamma: probability of leaving a rare class out, in [0, 1]; 0 is cross-entropy.
        threshold: share below which a class is rare, in [0, 1]. None: 0.5 / C, half of an equal share, which is the
            published 0.05 for 10 classes and 0.005 for 100.

    Raises:
        ConfigError: gamma or threshold is outside.
        DataError: a class has no image.
    """

    rare: Tensor

    def __init__(self, class_counts: Tensor, *, gamma: float = 0.9, threshold: float | None = None) -> None:
        super().__init__(class_counts)
        if not 0 <= gamma <= 1:
            raise ConfigError(f"gamma is a probability and must be in 0..1, got {gamma}; 0.9 is a usual value")
        if threshold is not None and not 0 <= threshold <= 1:
            raise ConfigError(
                f"threshold is a share of the images and must be in 0..1, got {threshold}; 0.5 / C is the usual value"
            )
        self.gamma = gamma
        limit = 0.5 / len(self.class_counts) if threshold is None else threshold
        self.register_buffer("rare", self.class_counts / self.class_counts.sum() < limit, persistent=False)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the cross-entropy of each sample over the classes that stay, (B,)."""
        if self.training:
            drawn = torch.rand(logits.shape, device=logits.device) < self.gamma
            left_out = (drawn & self.rare).scatter(1, labels[:, None], False)
            logits = logits.masked_fill(left_out, -math.inf)
        return F.cross_entropy(logits, labels, reduction="none")
