"""Weighted cross-entropy: class weights are a power of the frequency."""

import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_number
from stage1.losses.loss import Loss, scaled_to_classes


class WeightedCrossEntropyLoss(Loss):
    """Cross-entropy with class weights ``w_j ~ n_j^-power``.

    The weights sum to C, and the mean over a batch is a weighted one: ``sum_i w[y_i] l_i / sum_i w[y_i]``.

    Source: Cui et al., CVPR 2019, arXiv:1901.05555, sections 1 and 2 (inverse frequency, and the root of it).
    Use: the simplest correction, as a baseline; power 0.5 where 1 lets a handful of images decide.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.
        power: in [0, 4]; 0 is cross-entropy, 1 lets every class weigh the same in total.

    Raises:
        ConfigError: power is outside its range.
        DataError: a class has no image.

    Example:
        For counts (3, 1) the weights are as 1/3 to 1; scaled to sum 2 they are 1/2 and 3/2.

        >>> import torch
        >>> WeightedCrossEntropyLoss(torch.tensor([3, 1])).class_weights
        tensor([0.5000, 1.5000], dtype=torch.float64)
    """

    def __init__(self, class_counts: Tensor, *, power: float = 1.0) -> None:
        super().__init__(class_counts)
        # Above 4, the head's weight in float32 is nearly 0, and the mean of a batch of the head nearly 0 / 0.
        require_number("power", power, at_least=0, at_most=4, usual="1 is usual")
        self.class_weights = scaled_to_classes(self.class_counts**-power)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the cross-entropy of each sample, (B,); its weight joins in the mean."""
        return F.cross_entropy(logits, labels, reduction="none")
