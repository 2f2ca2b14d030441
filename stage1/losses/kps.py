"""KPS: slopes and margins by class, and scales by class late in training."""

import torch.nn.functional as F
from torch import Tensor

from decouple.errors import ConfigError
from stage1.losses.loss import Loss
from stage1.losses.target import subtract_margin


class KPSLoss(Loss):
    """Cross-entropy of cosines with a slope and a target margin by class, late in training also with a scale by class.

    ``CE(s (r_j cos_j - [j = y] m_y))``. The slope r grows with the logarithm of the count, from 1 at the rarest class:
    ``r_j = log(n_j n_base / n_min) / log(n_base)``. The margin falls with it: ``m'_j = r_max + 1 - r_j`` and
    ``m_j = max_margin m'_j / max m'``. From progress >= ga_start (gradient adjustment) s becomes
    ``min(scale m'_y, scale_cap)`` for all logits of a sample of class y, which gives the tail more gradient.
    Training only: predictions come from the bare cosines.

    Source: Li, Cheung and Hu, TPAMI 2022, "Key point sensitive loss for long-tailed visual recognition".
    Use: one stage with a cosine classifier; instead of ldam with drw.

    Args:
        class_counts: training images per class n_j, shape (C,), each at least 1, in any order.
        n_base: the count that the rarest class is lifted to inside the logarithm, above 1; larger is flatter.
        max_margin: the margin of the rarest class, in cosine, 0 or more; published 0.5 for CIFAR, 0.35 for ImageNet-LT
            and 0.3 for iNaturalist 2018.
        scale: s before the gradient adjustment, above 0.
        ga_start: share of the epochs after which the gradient adjustment acts, in [0, 1].
        scale_cap: largest s of the gradient adjustment, scale or more.

    Raises:
        ConfigError: an option is outside.
        DataError: a class has no image.
    """

    classifier = "cosine"
    slopes: Tensor
    margins: Tensor
    adjusted_scales: Tensor

    def __init__(
        self,
        class_counts: Tensor,
        *,
        n_base: float = 50.0,
        max_margin: float = 0.5,
        scale: float = 15.0,
        ga_start: float = 0.8,
        scale_cap: float = 50.0,
    ) -> None:
        super().__init__(class_counts)
        _check(n_base, max_margin, scale, ga_start, scale_cap)
        self.scale, self.ga_start = scale, ga_start
        logs = (self.class_counts / self.class_counts.min() * n_base).log()
        slopes = logs / logs.min()
        raw_margins = slopes.max() + 1 - slopes
        self.register_buffer("slopes", slopes, persistent=False)
        self.register_buffer("margins", raw_margins * (max_margin / raw_margins.max()), persistent=False)
        self.register_buffer("adjusted_scales", (scale * raw_margins).clamp(max=scale_cap), persistent=False)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), from bare cosines."""
        margins = self.margins.to(logits.dtype)[labels]
        adjusted = subtract_margin(logits * self.slopes.to(logits.dtype), labels, margins)
        if self.progress >= self.ga_start:
            return F.cross_entropy(
                adjusted * self.adjusted_scales.to(logits.dtype)[labels][:, None], labels, reduction="none"
            )
        return F.cross_entropy(adjusted * self.scale, labels, reduction="none")


def _check(n_base: float, max_margin: float, scale: float, ga_start: float, scale_cap: float) -> None:
    if not n_base > 1:
        raise ConfigError(f"n_base of kps must be above 1, got {n_base}; 50 is a usual value")
    if not max_margin >= 0:
        raise ConfigError(f"max_margin of kps must be 0 or more, got {max_margin}; 0.5 is a usual value")
    if not scale > 0:
        raise ConfigError(f"scale of kps must be above 0, got {scale}; 15 is a usual value")
    if not 0 <= ga_start <= 1:
        raise ConfigError(
            f"ga_start of kps is a share of the epochs and must be in 0..1, got {ga_start}; 0.8 is a usual value"
        )
    if not scale_cap >= scale:
        raise ConfigError(f"scale_cap of kps must be scale ({scale}) or more, got {scale_cap}; 50 is a usual value")
