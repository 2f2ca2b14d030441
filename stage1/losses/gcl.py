"""GCL: noise that lowers the logits, the more the fewer images a class has."""

import math
from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.errors import ConfigError
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
        noise_scale: the largest cloud, in cosine, 0 or more; 0 is without noise.
        sigma: standard deviation of the noise before it is clamped, 0 or more.
        margin: in cosine, 0 or more.
        cloud: how the cloud size follows from the counts.
        power: p, above 0; read by the cloud `power` alone.

    Raises:
        ConfigError: an option is outside.
        DataError: a class has no image.
    """

    classifier = "cosine"
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
        _check(scale, noise_scale, sigma, margin, power)
        self.scale, self.noise_scale, self.sigma, self.margin = scale, noise_scale, sigma, margin
        sizes = _cloud_sizes(self.class_counts, cloud, power)
        largest = sizes.max()
        self.register_buffer("noise_scales", sizes / largest if largest > 0 else sizes, persistent=False)

    def per_sample(self, logits: Tensor, labels: Tensor, features: Tensor | None) -> Tensor:
        """Return the loss of each sample, (B,), from bare cosines; the noise is torch's, as that of dropout."""
        clouded = subtract_margin(logits, labels, self.margin)
        if self.training:
            noise = (torch.randn_like(clouded) * self.sigma).clamp(-1, 1).abs()
            clouded = clouded - (self.noise_scale * self.noise_scales).to(clouded.dtype) * noise
        return F.cross_entropy(self.scale * clouded, labels, reduction="none")


def _cloud_sizes(counts: Tensor, cloud: str, power: float) -> Tensor:
    share = counts / counts.max()  # in (0, 1]; exactly 1, and so a size of exactly 0, at the largest class
    if cloud == "log":
        return -share.log()
    if cloud == "power":
        return 1 - share**power  # times n_max^p, which the division by the maximum takes away
    if cloud == "cosine":
        return (math.pi / 2 * (1 - share)).sin()  # the cosine of pi/2 * share, but 0 where share is 1
    raise ConfigError(f"cloud of gcl must be one of {', '.join(get_args(Cloud))}, got '{cloud}'; log is usual")


def _check(scale: float, noise_scale: float, sigma: float, margin: float, power: float) -> None:
    if not scale > 0:
        raise ConfigError(f"scale of gcl must be above 0, got {scale}; 30 is a usual value")
    if not noise_scale >= 0:
        raise ConfigError(f"noise_scale of gcl must be 0 or more, got {noise_scale}; 1 is a usual value")
    if not sigma >= 0:
        raise ConfigError(f"sigma of gcl must be 0 or more, got {sigma}; 1/3 is a usual value")
    if not margin >= 0:
        raise ConfigError(f"margin of gcl must be 0 or more, got {margin}; 0 is a usual value")
    if not power > 0:
        raise ConfigError(f"power of gcl must be above 0, got {power}; 1/3 is a usual value")
