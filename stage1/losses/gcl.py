"""GCL: noise lowers the logits, more so in classes of few images."""

import math
from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.checks import require_choice, require_number
from stage1.losses.loss import Loss
from stage1.losses.target import subtract_margin

Cloud = Literal["log", "power", "cosine"]


class GCLLoss(Loss):
    """Cross-entropy of scaled cosines, each lowered by Gaussian noise that is widest for the rarest class.

    ``CE(s (cos_j - noise_scale d_j |e_ij| - [j = y] margin))`` with e_ij drawn from N(0, sigma^2) for each sample i and
    class j and clamped to [-1, 1]. The cloud size d_j, divided by its maximum, is ``log n_max - log n_j`` (log),
    ``n_max^p - n_j^p`` (power) or ``cos(pi/2 n_j / n_max)`` (cosine); balanced counts have d = 0. In evaluation mode
    there is no noise. Training only: predictions come from the bare cosines.

    Source: Li, Cheung and Lu, CVPR 2022, arXiv:2305.11733, "Long-tailed visual recognition via Gaussian clouded logit
    adjustment".
    Use: stage one with a cosine classifier, before stage two with a sampler by effective number.

    Args:
        class_counts: training images per class n_j, shape (C,), each at least 1.
        scale: s, above 0.
        noise_scale: the largest cloud, in cosine, 0 or more; 0 is without noise. The public CIFAR scripts use 0.5.
        sigma: standard deviation of the noise before it is clamped, 0 or more.
        margin: in cosine, 0 or more.
        cloud: how the cloud size follows from the counts.
        power: p, above 0; read by the cloud `power` only.

    Raises:
        ConfigError: an option is outside its range.
        DataError: a class has no image.

    Example:
        The largest class gets no noise, the rarest all of it. Evaluation mode has none: equal cosines cost log 2.

        >>> loss = GCLLoss(torch.tensor([3, 1]), cloud="power")
        >>> loss.noise_scales
        tensor([0., 1.], dtype=torch.float64)
        >>> loss.eval()(torch.zeros(1, 2), torch.tensor([1]))
        tensor(0.6931)
    """

    classifier = "cosine"
    prior_exponent = 0.0
    noise_scales: Tensor

    def __init__(
        self,
        class_counts: Tensor,
        *,
        scale: float = 30.0,
        noise_scale: float = 1.0,
        sigma: float = 1 / 3,
        margin: float = 0.0,
        cloud: Cloud = "log",
        power: float = 1 / 3,
    ) -> None:
        super().__init__(class_counts)
        require_number("scale", scale, above=0, usual="30 is usual")
        require_number("noise_scale", noise_scale, at_least=0, usual="1 is usual")
        require_number("sigma", sigma, at_least=0, usual="1/3 is usual")
        require_number("margin", margin, at_least=0, usual="0 is usual")
        require_choice("cloud", cloud, get_args(Cloud))
        require_number("power", power, above=0, usual="1/3 is usual")
        self.scale, self.noise_scale, self.sigma, self.margin = scale, noise_scale, sigma, margin
        noise_scales = _noise_scales(self.class_counts, cloud, power)
        largest = noise_scales.max()
        self.register_buffer("noise_scales", noise_scales / largest if largest > 0 else noise_scales, persistent=False)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), from bare cosines; the noise is torch's, as that of dropout."""
        cosines = subtract_margin(logits, labels, self.margin)
        if self.training:
            noise = (torch.randn_like(cosines) * self.sigma).clamp(-1, 1).abs()
            cosines = cosines - (self.noise_scale * self.noise_scales).to(cosines.dtype) * noise
        return F.cross_entropy(self.scale * cosines, labels, reduction="none")


def _noise_scales(counts: Tensor, cloud: Cloud, power: float) -> Tensor:
    """Return the cloud size of each class, (C,), before it is divided by its maximum."""
    share = counts / counts.max()  # in (0, 1]; exactly 1, and so a size of exactly 0, at the largest class
    if cloud == "log":
        return share.log().abs()  # the logarithms are not positive; a negation would make -0 of 0
    if cloud == "power":
        return 1 - share**power  # the factor n_max^p cancels in the division by the maximum
    return (math.pi / 2 * (1 - share)).sin()  # the cosine of pi/2 * share, but exactly 0 where share is 1
