"""A batch in which each image is mixed with another one, and its loss."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from decouple.checks import require_number, require_shape
from decouple.errors import DataError
from stage1.losses.loss import Loss


@dataclass(frozen=True)
class MixedBatch:
    """Mixed images and the two labels of each.

    Attributes:
        images: (B, 3, H, W).
        first: labels (B,) of the images themselves.
        second: labels (B,) of their partners.
        lam: weight of the first label, in [0, 1]: one number, shape (), or one for each pair, shape (B,).
    """

    images: Tensor
    first: Tensor
    second: Tensor
    lam: Tensor

    def correct(self, predicted: Tensor) -> Tensor:
        """Return the summed weight of the labels that are predicted: predicted (B,) -> scalar in 0..B."""
        first, second = torch.eq(predicted, self.first), torch.eq(predicted, self.second)
        return torch.lerp(second.float(), first.float(), self.lam).sum()

    def loss(self, loss: Loss, logits: Tensor, features: Tensor) -> Tensor:
        """Return ``lam * loss(first) + (1 - lam) * loss(second)``.

        Where each pair i has a lam_i, the mean is taken over both labels of all pairs with the weights
        ``lam_i w[first_i]`` and ``(1 - lam_i) w[second_i]``, w the loss's class weights.
        """
        if self.lam.ndim == 0:
            first, second = loss(logits, self.first, features), loss(logits, self.second, features)
            return torch.lerp(second, first, self.lam.to(first.dtype))
        first, second = (loss.values(logits, labels, features) for labels in (self.first, self.second))
        lam = self.lam.to(first.dtype)
        weights = torch.cat(
            [lam * loss.weights_of(self.first, first.dtype), (1 - lam) * loss.weights_of(self.second, first.dtype)]
        )
        return torch.dot(weights, torch.cat([first, second])) / weights.sum()


def draw_lam(alpha: float, rng: np.random.Generator) -> float:
    """Return lambda ~ Beta(alpha, alpha), the weight of the image itself."""
    return float(rng.beta(alpha, alpha))


def draw_partners(images: Tensor, rng: np.random.Generator) -> Tensor:
    """Return a permutation of the batch, (B,) on the device of the images."""
    return torch.from_numpy(rng.permutation(len(images))).to(images.device, non_blocking=True)


def lam_tensor(lam: float, images: Tensor) -> Tensor:
    """Return lambda as a tensor of shape () on the device of the images, without waiting for that device."""
    return torch.full((), lam, device=images.device)


def require_alpha(alpha: float) -> None:
    """Check the parameter of the Beta distribution.

    Raises:
        ConfigError: it is not a finite number above 0.
    """
    require_number("alpha", alpha, above=0, usual="1 is usual")


def require_image_batch(images: Tensor, labels: Tensor) -> None:
    """Check shapes, types and devices of a batch.

    Raises:
        DataError: images are not (B, 3, H, W) floating point with B at least 1, or labels are not (B,) beside them.
    """
    require_shape("images", images, ("B", 3, "H", "W"))
    require_shape("labels", labels, (len(images),))
    if not isinstance(images, Tensor) or not images.is_floating_point() or not len(images):
        raise DataError("`images` must be a floating-point tensor of at least one image")
    if not isinstance(labels, Tensor) or labels.dtype is not torch.int64 or labels.device != images.device:
        raise DataError(f"`labels` must be an int64 tensor on {images.device}, as the images are")
