"""KPS: slopes and margins by class, and scales by class late in training."""

import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_number
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
    Use: single-stage training with a cosine classifier; an alternative to ldam with drw.

    Args:
        class_counts: training images per class n_j, shape (C,), each at least 1, in any order.
        n_base: the count of the rarest class inside the logarithm, above 1; with a larger one the slopes differ less.
        max_margin: the margin of the rarest class, in cosine, 0 or more; published 0.5 for CIFAR, 0.35 for ImageNet-LT
            and 0.3 for iNaturalist 2018. The public CIFAR script runs 0.2.
        scale: s before the gradient adjustment, above 0.
        ga_start: share of the epochs after which the gradient adjustment acts, in [0, 1].
        scale_cap: largest s of the gradient adjustment, scale or more.

    Raises:
        ConfigError: an option is outside its range.
        DataError: a class has no image.

    Example:
        The largest class has log(50 * 50) / log(50) = 2, so the margins are as 1 to 2.

        >>> import torch
        >>> loss = KPSLoss(torch.tensor([50, 1]), n_base=50.0, max_margin=0.5)
        >>> loss.slopes, loss.margins
        (tensor([2., 1.], dtype=torch.float64), tensor([0.2500, 0.5000], dtype=torch.float64))
    """

    classifier = "cosine"
    prior_exponent = 0.0
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
        require_number("n_base", n_base, above=1, usual="50 is usual")
        require_number("max_margin", max_margin, at_least=0, usual="0.5 is usual")
        require_number("scale", scale, above=0, usual="15 is usual")
        require_number(
            "ga_start", ga_start, at_least=0, at_most=1, usual="it is a share of the epochs, and 0.8 is usual"
        )
        require_number("scale_cap", scale_cap, at_least=scale, usual="it is the scale or more, and 50 is usual")
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
