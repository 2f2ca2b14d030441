"""A batch in which each image is mixed with another one, and what a loss of it is."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from decouple.errors import ConfigError
from stage1.losses.loss import Loss


@dataclass(frozen=True)
class MixedBatch:
    """Mixed images and the two labels of each.

    Attributes:
        images: (B, 3, H, W).
        first: labels (B,) of the images themselves.
        second: labels (B,) of their partners.
        share: weight of the first label, in [0, 1]: one number, shape (), or one for each pair, shape (B,).
    """

    images: Tensor
    first: Tensor
    second: Tensor
    share: Tensor

    def right(self, predicted: Tensor) -> Tensor:
        """Return the weight of the right labels in the batch: predicted (B,) -> scalar in 0..B."""
        first, second = torch.eq(predicted, self.first), torch.eq(predicted, self.second)
        return torch.lerp(second.float(), first.float(), self.share).sum()

    def loss(self, loss: Loss, logits: Tensor, features: Tensor) -> Tensor:
        """Return ``share * loss(first) + (1 - share) * loss(second)``.

        Where each pair i has a share a_i of its own, the mean is taken over both labels of all pairs with the weights
        ``a_i w[first_i]`` and ``(1 - a_i) w[second_i]``, w the loss's class weights.
        """
        if self.share.ndim == 0:
            first, second = loss(logits, self.first, features), loss(logits, self.second, features)
            return torch.lerp(second, first, self.share.to(first.dtype))
        first, second = (loss.values(logits, labels, features) for labels in (self.first, self.second))
        share = self.share.to(first.dtype)
        weights = torch.cat(
            [share * loss.weights_of(self.first, first.dtype), (1 - share) * loss.weights_of(self.second, first.dtype)]
        )
        return torch.dot(weights, torch.cat([first, second])) / weights.sum()


def draw_lam(alpha: float, rng: np.random.Generator) -> float:
    """Return lambda ~ Beta(alpha, alpha), the share of the image itself."""
    return float(rng.beta(alpha, alpha))


def draw_partners(images: Tensor, rng: np.random.Generator) -> Tensor:
    """Return a permutation of the batch, (B,) on the device of the images."""
    return torch.from_numpy(rng.permutation(len(images))).to(images.device, non_blocking=True)


def exact_lam(value: float, images: Tensor) -> Tensor:
    """Return a share as a tensor of shape () beside the images, without waiting for their device."""
    return torch.full((), value, device=images.device)


def require_alpha(alpha: float) -> None:
    """Check the parameter of the Beta distribution.

    Raises:
        ConfigError: it is not above 0.
    """
    if not 0 < alpha < float("inf"):
        raise ConfigError(f"alpha must be above 0, got {alpha}; 1 is a usual value")
