"""Class-balanced loss: classes count by their effective number of images."""

from typing import Literal, get_args

import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_choice, require_number
from stage1.losses.focal_values import focal_values
from stage1.losses.loss import Loss, effective_number_weights

Base = Literal["ce", "focal"]


class ClassBalancedLoss(Loss):
    """Cross-entropy or focal loss with class weights ``w_j ~ (1 - beta) / (1 - beta^n_j)``.

    The weights sum to C, and the mean over a batch is a weighted one. Without that the learning rate would in effect
    shrink with the counts.

    Source: Cui et al., CVPR 2019, arXiv:1901.05555, section 4.
    Use: a milder weighted_ce: above about 1 / (1 - beta) images, more of them no longer lower the weight.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.
        beta: in [0, 1]; 0 is the base itself, 1 is weights of 1 / n_j.
        base: "ce" or "focal".
        gamma: of the focal base, 0 or more; "ce" does not read it.

    Raises:
        ConfigError: beta or gamma is outside its range, or there is no such base.
        DataError: a class has no image.

    Example:
        For counts (2, 1) and beta 1/2 the weights are as 2/3 to 1; scaled to sum 2 they are 4/5 and 6/5.

        >>> import torch
        >>> ClassBalancedLoss(torch.tensor([2, 1]), beta=0.5).class_weights
        tensor([0.8000, 1.2000], dtype=torch.float64)
    """

    def __init__(self, class_counts: Tensor, *, beta: float = 0.9999, base: Base = "ce", gamma: float = 2.0) -> None:
        super().__init__(class_counts)
        require_choice("base", base, get_args(Base))
        require_number("gamma", gamma, at_least=0, usual="2 is usual")
        self.class_weights = effective_number_weights(self.class_counts, beta)
        self.base, self.gamma = base, gamma

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the base loss of each sample, (B,); its weight joins in the mean."""
        if self.base == "focal":
            return focal_values(logits, labels, self.gamma)
        return F.cross_entropy(logits, labels, reduction="none")
