"""ArcFace: the same margin in angle for every class."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_number
from stage1.losses.loss import Loss
from stage1.losses.target import target_logits, with_target

_SMALLEST_SQUARED_SINE = 1e-12  # below, the sine is constant: its slope would be infinite at a cosine of 1 or -1


class ArcFaceLoss(Loss):
    """Cross-entropy of scaled cosines with the target's angle enlarged by the same margin for all classes.

    ``CE(s t_j)`` with ``t_j = cos_j`` for j != y. The target, at the angle theta, has ``t_y = cos(theta + margin)``
    where ``theta + margin <= pi``, and ``cos theta - margin sin(margin)`` beyond, where the cosine would rise again.
    Training only: predictions come from the bare cosines.

    Source: Deng et al., CVPR 2019, arXiv:1801.07698, eq. 3; beyond pi as in its public code.
    Use: as cosface; the margin is in angle, and so acts most where the angle is near 90 degrees.

    Args:
        class_counts: training images per class, shape (C,); not used, every loss takes them.
        margin: in radians, in [0, pi / 2]; 0 is scaled cross-entropy.
        scale: s, above 0.

    Raises:
        ConfigError: margin or scale is outside its range.

    Example:
        At an angle of pi / 2 the target is cos(pi / 2 + 0.5) = -sin 0.5; log(1 + e^(30 sin 0.5)) = 14.3828.

        >>> loss = ArcFaceLoss(torch.tensor([3, 1]))
        >>> loss(torch.zeros(1, 2), torch.tensor([1]))
        tensor(14.3828)
    """

    classifier = "cosine"

    def __init__(self, class_counts: Tensor, *, margin: float = 0.5, scale: float = 30.0) -> None:
        super().__init__(class_counts, empty_classes=True)
        require_number("margin", margin, at_least=0, at_most=math.pi / 2, usual="0.5 radians is usual")
        require_number("scale", scale, above=0, usual="30 is usual")
        self.margin, self.scale = margin, scale

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), from bare cosines."""
        target = self._with_margin(target_logits(logits, labels))
        return F.cross_entropy(self.scale * with_target(logits, labels, target), labels, reduction="none")

    def _with_margin(self, cosine: Tensor) -> Tensor:
        squared_sine = (1 - cosine) * (1 + cosine)  # 1 - cosine^2 would lose its digits near 1
        sine = squared_sine.clamp(min=_SMALLEST_SQUARED_SINE).sqrt()
        cos_m, sin_m = math.cos(self.margin), math.sin(self.margin)
        return torch.where(cosine >= -cos_m, cosine * cos_m - sine * sin_m, cosine - self.margin * sin_m)
