"""Weighted cross-entropy: classes count by a power of their frequency."""

import torch.nn.functional as F
from torch import Tensor

from decouple.errors import ConfigError
from stage1.losses.loss import Loss, scaled_to_classes


class WeightedCrossEntropyLoss(Loss):
    """Cross-entropy with class weights ``w_j ~ n_j^-power``.

    The weights sum to C, and the mean over a batch is a weighted one: ``sum_i w[y_i] l_i / sum_i w[y_i]``.

    Source: Cui et al., CVPR 2019, arXiv:1901.05555, sections 1 and 2 (inverse frequency, and the root of it).
    Use: the plainest remedy, as a row to compare with; power 0.5 where 1 makes a handful of images decide.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.
        power: in [0, 4]; 0 is cross-entropy, 1 lets every class weigh the same in total.

    Raises:
        ConfigError: power is outside.
        DataError: a class has no image.
    """

    def __init__(self, class_counts: Tensor, *, power: float = 1.0) -> None:
        super().__init__(class_counts)
        if not 0 <= power <= 4:  # beyond, the head's weight in float32 comes near to 0, and a batch of it to 0 / 0
            raise ConfigError(f"power must be in 0..4, got {power}; 1 is the usual value")
        self.class_weights = scaled_to_classes(self.class_counts**-power)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the cross-entropy of each sample, (B,); its weight joins in the mean."""
        return F.cross_entropy(logits, labels, reduction="none")
