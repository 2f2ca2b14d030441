"""VS: cross-entropy on logits shifted by the log of the class shares, and scaled by a power of the class counts."""

import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_number
from stage1.losses.loss import Loss


class VectorScalingLoss(Loss):
    """Cross-entropy on ``(n_j / n_max)^gamma z_j + tau * log pi_j``, with pi_j = n_j / n the share of the class.

    The shift acts from the first steps on. The factor acts late, where the training images are fitted: there it makes
    the margin of a class larger the rarer the class is. gamma 0 is logit adjustment; gamma and tau 0 cross-entropy.
    Training only: predictions come from the bare logits.

    Source: Kini et al., NeurIPS 2021, arXiv:2103.01550, eq. 2 with w 1, and section 5.
    Use: single-stage training for balanced accuracy, with the weight decay tuned. A balanced sampler corrects twice.

    Args:
        class_counts: training images per class, shape (C,), each at least 1.
        gamma: exponent of the factor, 0 or more; with a large one the rarest class hardly trains its logit.
        tau: 0 or more, the factor on the log class shares.

    Raises:
        ConfigError: an option is outside its range.
        DataError: a class has no image.

    Example:
        Counts (4, 1) and gamma 0.5 halve the second logit: 2 becomes 1. tau 1 adds log 4/5 and log 1/5.
        Label 1 costs log((4 e^0 + e^1) / e^1).

        >>> import torch
        >>> loss = VectorScalingLoss(torch.tensor([4, 1]), gamma=0.5)
        >>> loss(torch.tensor([[0.0, 2.0]]), torch.tensor([1]))
        tensor(0.9048)
    """

    factors: Tensor
    shifts: Tensor

    def __init__(self, class_counts: Tensor, *, gamma: float = 0.15, tau: float = 1.0) -> None:
        super().__init__(class_counts)
        require_number("gamma", gamma, at_least=0, usual="0.15 is usual")
        require_number("tau", tau, at_least=0, usual="1 is usual")
        self.prior_exponent = 1 - tau
        self.register_buffer("factors", (self.class_counts / self.class_counts.max()) ** gamma, persistent=False)
        log_prior = (self.class_counts / self.class_counts.sum()).log()
        self.register_buffer("shifts", tau * log_prior, persistent=False)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the cross-entropy of each sample on the scaled and shifted logits, (B,)."""
        scaled = logits * self.factors.to(logits.dtype) + self.shifts.to(logits.dtype)
        return F.cross_entropy(scaled, labels, reduction="none")
