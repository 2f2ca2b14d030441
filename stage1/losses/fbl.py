"""FBL: a growing incentive for long feature vectors in the tail."""

import math
from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_choice, require_flag, require_number
from decouple.errors import ConfigError
from stage1.losses.loss import Loss

CURVES: dict[str, Callable[[float], float]] = {
    "linear_decrease": lambda x: 1 - x,
    "linear": lambda x: x,
    "sine": lambda x: math.sin(math.pi / 2 * x),
    "cosine": lambda x: 1 - math.cos(math.pi / 2 * x),
    "parabolic": lambda x: x * x,
}
_EPSILON = 1e-12  # added to the norm, so that features of zeros cause no division by zero


class FBLLoss(Loss):
    """Cross-entropy with every logit lowered by the log count gap of its class, over the length of the feature vector.

    ``CE(z_j - a l_j / (|f| + 1e-12))`` with ``l_j = log n_max - log n_j``, divided by its maximum if normalize. The
    strength follows the progress x: ``a = strength g(x)``, where g(x) is x^2 (parabolic), x (linear), sin(pi x / 2)
    (sine), 1 - cos(pi x / 2) (cosine) or 1 - x (linear_decrease). The length |f| takes part in the gradient: long
    features in the tail lower the loss. Training only: predictions come from the bare logits.

    The public code has ``g = (t / (T - 10))^2`` at epoch t of T, which passes 1 ten epochs before the end; parabolic is
    ``(t / T)^2``.

    Source: Li, Cheung and Jiang, ICME 2022, arXiv:2305.10772, "Feature-balanced loss for long-tailed visual
    recognition".
    Use: stage one, where the features are trained; on fixed features it is a logit adjustment by sample.

    Args:
        class_counts: training images per class n_j, shape (C,), each at least 1.
        strength: the largest a, 0 or more; 0 is cross-entropy. The effect depends on the feature lengths: with 60 and
            features of length 10 the logit of the rarest class is lowered by 6 nats at the end.
        curve: g, how the strength follows the progress.
        normalize: whether the rarest class has l = 1 whatever the counts.

    Raises:
        ConfigError: an option is outside its range; in the call: no features.
        DataError: a class has no image.

    Example:
        At the end of training, a feature of length 1 lowers the logit of the rarest class by 1: log(1 + e) = 1.3133.

        >>> loss = FBLLoss(torch.tensor([3, 1]), strength=1.0)
        >>> loss.set_epoch(10, 10)
        >>> loss(torch.zeros(1, 2), torch.tensor([1]), torch.tensor([[0.6, 0.8]]))
        tensor(1.3133)
    """

    needs_features = True
    prior_exponent = 0.0
    log_count_gap: Tensor

    def __init__(
        self,
        class_counts: Tensor,
        *,
        strength: float = 60.0,
        curve: Literal["linear_decrease", "linear", "sine", "cosine", "parabolic"] = "parabolic",
        normalize: bool = True,
    ) -> None:
        super().__init__(class_counts)
        require_number("strength", strength, at_least=0, usual="60 is usual")
        require_choice("curve", curve, CURVES)
        require_flag("normalize", normalize)
        self.strength, self.curve = strength, curve
        log_count_gap = -(self.class_counts / self.class_counts.max()).log()
        if normalize and log_count_gap.max() > 0:
            log_count_gap = log_count_gap / log_count_gap.max()
        self.register_buffer("log_count_gap", log_count_gap, persistent=False)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,)."""
        if features is None:
            raise ConfigError("fbl needs the features beside the logits: loss(logits, labels, features)")
        strength = self.strength * CURVES[self.curve](self.progress)
        lengths = torch.linalg.vector_norm(features, dim=1, keepdim=True) + _EPSILON
        lowered = logits - (strength * self.log_count_gap).to(logits.dtype) / lengths
        return F.cross_entropy(lowered, labels, reduction="none")
