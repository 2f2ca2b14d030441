"""Softmax equalization: samples of other classes push the logits of rare classes down less often."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_number
from stage1.losses.loss import Loss


class EqualizationLoss(Loss):
    """Cross-entropy whose denominator leaves out rare classes at random: ``-log( exp(z_y) / sum_k w_k exp(z_k) )``.

    w_k = 1 - b * T_k * (1 - [k = y]): T_k is 1 where the share pi_k = n_k / n is below the threshold, b is 1 with
    probability gamma, drawn independently for each sample and class. The label itself is never left out. The
    draws come from torch's global generator, as those of dropout do. Evaluation mode draws nothing: it is
    cross-entropy.

    Source: Tan et al., CVPR 2020, arXiv:2003.05176, softmax equalization loss.
    Use: where rare classes are learned and then forgotten, because samples of all other classes push their
    logits down.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.
        gamma: probability of leaving a rare class out, in [0, 1]; 0 is cross-entropy.
        threshold: share below which a class is rare, in [0, 1]. None: 0.5 / C, half of an equal share, which is the
            published 0.05 for 10 classes and 0.005 for 100.

    Raises:
        ConfigError: gamma or threshold is outside its range.
        DataError: a class has no image.

    Example:
        Class 1 has a share of 1/10, below 0.5 / 2, and gamma 1 always leaves it out: label 0 is the only class left.
        Label 1 is never left out of its own denominator: equal logits cost log 2.

        >>> loss = EqualizationLoss(torch.tensor([9, 1]), gamma=1.0)
        >>> loss.values(torch.zeros(2, 2), torch.tensor([0, 1])).abs()
        tensor([0.0000, 0.6931])
    """

    rare: Tensor

    def __init__(self, class_counts: Tensor, *, gamma: float = 0.9, threshold: float | None = None) -> None:
        super().__init__(class_counts)
        require_number("gamma", gamma, at_least=0, at_most=1, usual="it is a probability, and 0.9 is usual")
        if threshold is not None:
            require_number(
                "threshold", threshold, at_least=0, at_most=1, usual="it is a share of the images, and 0.5 / C is usual"
            )
        self.gamma = gamma
        limit = 0.5 / len(self.class_counts) if threshold is None else threshold
        self.register_buffer("rare", self.class_counts / self.class_counts.sum() < limit, persistent=False)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the cross-entropy of each sample over the classes that are not left out, (B,)."""
        if self.training:
            drawn = torch.rand(logits.shape, device=logits.device) < self.gamma
            left_out = (drawn & self.rare).scatter(1, labels[:, None], False)
            logits = logits.masked_fill(left_out, -math.inf)
        return F.cross_entropy(logits, labels, reduction="none")
