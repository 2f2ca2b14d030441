"""FBL: a push for long feature vectors in the tail, which grows during training."""

import math
from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.errors import ConfigError
from stage1.losses.loss import Loss

_CURVES: dict[str, Callable[[float], float]] = {
    "linear_decrease": lambda x: 1 - x,
    "linear": lambda x: x,
    "sine": lambda x: math.sin(math.pi / 2 * x),
    "cosine": lambda x: 1 - math.cos(math.pi / 2 * x),
    "parabolic": lambda x: x * x,
}
_NO_ZERO = 1e-12  # added to the norm, so that features of zeros divide nothing by zero


class FBLLoss(Loss):
    """Cross-entropy with every logit lowered by what its class lacks in images, over the length of the feature vector.

    ``CE(z_j - a l_j / (|f| + 1e-12))`` with ``l_j = log n_max - log n_j``, divided by its maximum if normalize. The
    strength follows the progress x: ``a = strength g(x)``, where g(x) is x^2 (parabolic), x (linear), sin(pi x / 2)
    (sine), 1 - cos(pi x / 2) (cosine) or 1 - x (linear_decrease). The length |f| takes part in the gradient: long
    features of the tail are what lowers the loss. Training only: predictions come from the bare logits.

    Source: Li, Cheung and Jiang, ICME 2022, arXiv:2305.10772, "Feature-balanced loss for long-tailed visual
    recognition".
    Use: stage one, where the features learn; on features that are fixed it is a logit adjustment by sample.

    Args:
        class_counts: training images per class n_j, shape (C,), each at least 1.
        strength: the largest a, 0 or more; 0 is cross-entropy. Lengths of features count: at 60 and features of length
            10 the rarest class lacks 6 nats at the end.
        curve: g, how the strength follows the progress.
        normalize: whether the rarest class has l = 1 whatever the counts.

    Raises:
        ConfigError: strength is outside; in the call: no features.
        DataError: a class has no image.
    """

    needs_features = True
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
        if not strength >= 0:
            raise ConfigError(f"strength of fbl must be 0 or more, got {strength}; 60 is a usual value")
        if curve not in _CURVES:
            raise ConfigError(f"curve of fbl must be one of {', '.join(_CURVES)}, got '{curve}'; parabolic is usual")
        self.strength, self.curve = strength, curve
        log_count_gap = -(self.class_counts / self.class_counts.max()).log()
        if normalize and log_count_gap.max() > 0:
            log_count_gap = log_count_gap / log_count_gap.max()
        self.register_buffer("log_count_gap", log_count_gap, persistent=False)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,)."""
        if features is None:
            raise ConfigError("fbl needs the features beside the logits: loss(logits, labels, features)")
        strength = self.strength * _CURVES[self.curve](self.progress)
        lengths = torch.linalg.vector_norm(features, dim=1, keepdim=True) + _NO_ZERO
        lowered = logits - (strength * self.log_count_gap).to(logits.dtype) / lengths
        return F.cross_entropy(lowered, labels, reduction="none")
