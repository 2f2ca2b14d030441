"""Class-balanced loss: classes count by their effective number of images."""

from typing import Literal

import torch.nn.functional as F
from torch import Tensor

from decouple.errors import ConfigError
from stage1.losses.focal import checked_gamma, focal_values
from stage1.losses.loss import Loss, effective_number_weights

BASES = ("ce", "focal")


class ClassBalancedLoss(Loss):
    """Cross-entropy or focal loss with class weights ``w_j ~ (1 - beta) / (1 - beta^n_j)``.

    The weights sum to C, and the mean over a batch is a weighted one. Without that the learning rate would in effect
    shrink with the counts.

    Source: Cui et al., CVPR 2019, arXiv:1901.05555, section 4.
    Use: a milder weighted_ce: from about 1 / (1 - beta) images on, more of them no longer lower the weight.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.
        beta: in [0, 1]; 0 is the base itself, 1 is weights of 1 / n_j.
        base: "ce" or "focal".
        gamma: of the focal base, 0 or more; "ce" does not read it.

    Raises:
        ConfigError: beta or gamma is outside, or there is no such base.
        DataError: a class has no image.
    """

    def __init__(
        self, class_counts: Tensor, *, beta: float = 0.9999, base: Literal["ce", "focal"] = "ce", gamma: float = 2.0
    ) -> None:
        super().__init__(class_counts)
        if base not in BASES:
            raise ConfigError(f"base must be ce or focal, got '{base}'; ce is the usual one")
        self.class_weights = effective_number_weights(self.class_counts, beta)
        self.base, self.gamma = base, checked_gamma(gamma)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the base loss of each sample, (B,); its weight joins in the mean."""
        if self.base == "focal":
            return focal_values(logits, labels, self.gamma)
        return F.cross_entropy(logits, labels, reduction="none")
