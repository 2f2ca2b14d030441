"""Influence-balanced loss: late in training, samples that move the decision boundary most count least."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.errors import ConfigError
from stage1.losses.focal import log_miss
from stage1.losses.loss import Loss, scaled_to_classes


class InfluenceBalancedLoss(Loss):
    """Cross-entropy divided by the sample's influence: ``alpha * -log p_y / (|p - e_y|_1 * |f|_1 + epsilon)``.

    p is the softmax, e_y the one-hot label, f the features: the divisor is the size of the gradient that the sample
    gives to the classifier. The factor takes part in the gradient. From progress >=
    start on, and with class weights ~ 1 / n_j then; before, this is plain cross-entropy.

    The public code has alpha 1000 and divides the learning rate by 100 when it switches. Here the schedule of the
    learning rate knows nothing of the loss, so alpha 10 is the same factor. It also divides the weighted sum by B; the
    sum of the weights, as in every loss here, makes the steps larger, five times on CIFAR-100-LT of ratio 100.

    Source: Park et al., ICCV 2021, arXiv:2110.02444, section 3.
    Use: where the net has fitted the head, and a few hard samples decide where the boundary of the tail lies.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.
        alpha: above 0, what makes up for the size of the influence.
        start: share of the epochs after which it begins, in [0, 1].
        epsilon: above 0, smallest divisor.

    Raises:
        ConfigError: alpha, start or epsilon is outside.
        DataError: a class has no image.
    """

    needs_features = True
    _late: Tensor

    def __init__(self, class_counts: Tensor, *, alpha: float = 10.0, start: float = 0.5, epsilon: float = 1e-3) -> None:
        super().__init__(class_counts)
        for name, value, usual in (("alpha", alpha, 10), ("epsilon", epsilon, 0.001)):
            if not 0 < value < math.inf:
                raise ConfigError(f"{name} must be a finite number above 0, got {value}; {usual} is the usual value")
        if not 0 <= start <= 1:
            raise ConfigError(f"start is a share of the epochs and must be in 0..1, got {start}; 0.5 is a usual value")
        self.alpha, self.start, self.epsilon = alpha, start, epsilon
        self.register_buffer("_late", scaled_to_classes(1 / self.class_counts), persistent=False)
        self.set_epoch(0, 1)

    def set_epoch(self, epoch: int, epochs: int) -> None:
        """Move to epoch `epoch`, from 0, of `epochs`; see `Loss.set_epoch`."""
        super().set_epoch(epoch, epochs)
        self.class_weights = self._late if self.progress >= self.start else None

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), with features (B, D)."""
        log_p = F.log_softmax(logits, dim=1)
        cross_entropy = F.nll_loss(log_p, labels, reduction="none")
        if features is None or self.progress < self.start:
            return cross_entropy
        distance = 2 * torch.exp(log_miss(log_p, labels))  # |p - e_y|_1 = (1 - p_y) + sum_{k != y} p_k
        influence = distance * features.abs().sum(dim=1)
        return self.alpha * cross_entropy / (influence + self.epsilon)
