"""Influence-balanced loss: late in training, samples that move the decision boundary most count least."""

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_number
from stage1.losses.focal_values import log_miss
from stage1.losses.loss import Loss, scaled_to_classes


class InfluenceBalancedLoss(Loss):
    """Cross-entropy divided by the sample's influence: ``alpha * -log p_y / (|p - e_y|_1 * |f|_1 + epsilon)``.

    p is the softmax, e_y the one-hot label, f the features: the divisor is the size of the gradient that the sample
    gives to the classifier. The factor takes part in the gradient. It acts from
    progress >= start on, together with class weights ~ 1 / n_j; before, this is plain cross-entropy.

    The public code has alpha 1000 and divides the learning rate by 100 when it switches. Here the learning
    rate does not depend on the loss, so alpha 10 is the same factor. It also divides the weighted sum by B. Here, as in
    every loss, it is divided by the sum of the weights, which makes the steps larger: five times on CIFAR-100-LT of
    ratio 100.

    Source: Park et al., ICCV 2021, arXiv:2110.02444, section 3.
    Use: where the network has fitted the head, and a few hard samples decide the boundary of the tail.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.
        alpha: above 0; a factor that compensates for the size of the influence.
        start: share of the epochs after which it acts, in [0, 1].
        epsilon: above 0, smallest divisor.

    Raises:
        ConfigError: alpha, start or epsilon is outside its range.
        DataError: a class has no image.

    Example:
        Equal logits: |p - e_y|_1 is 1, and a feature of length 2 halves log 2; before `start` it does not.

        >>> loss = InfluenceBalancedLoss(torch.tensor([3, 1]), alpha=1.0, epsilon=1e-9)
        >>> loss(torch.zeros(1, 2), torch.tensor([1]), torch.tensor([[2.0]]))
        tensor(0.6931)
        >>> loss.set_epoch(5, 10)
        >>> loss(torch.zeros(1, 2), torch.tensor([1]), torch.tensor([[2.0]]))
        tensor(0.3466)
    """

    needs_features = True
    prior_exponent = 0.0
    inverse_counts: Tensor  # (C,), scaled to sum C

    def __init__(self, class_counts: Tensor, *, alpha: float = 10.0, start: float = 0.5, epsilon: float = 1e-3) -> None:
        super().__init__(class_counts)
        require_number("alpha", alpha, above=0, usual="10 is usual")
        require_number("start", start, at_least=0, at_most=1, usual="it is a share of the epochs, and 0.5 is usual")
        require_number("epsilon", epsilon, above=0, usual="0.001 is usual")
        self.alpha, self.start, self.epsilon = alpha, start, epsilon
        self.register_buffer("inverse_counts", scaled_to_classes(1 / self.class_counts), persistent=False)
        self.set_epoch(0, 1)

    def set_epoch(self, epoch: int, epochs: int) -> None:
        """Move to epoch `epoch`, from 0, of `epochs`; see `Loss.set_epoch`."""
        super().set_epoch(epoch, epochs)
        self.class_weights = self.inverse_counts if self.progress >= self.start else None

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), with features (B, D)."""
        log_p = F.log_softmax(logits, dim=1)
        cross_entropy = F.nll_loss(log_p, labels, reduction="none")
        if features is None or self.progress < self.start:
            return cross_entropy
        distance = 2 * torch.exp(log_miss(log_p, labels))  # |p - e_y|_1 = (1 - p_y) + sum_{k != y} p_k
        influence = distance * features.abs().sum(dim=1)
        return self.alpha * cross_entropy / (influence + self.epsilon)
