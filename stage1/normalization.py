"""From uint8 pixels to normalized images, alike in training, evaluation and prediction."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Normalization:
    """Mean and standard deviation of each colour channel of the training images, on the scale 0..1."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True)
class Normalizer:
    """Normalizes images of one width on one device: ``(pixel / 255 - mean) / std``.

    Attributes:
        normalization: mean and standard deviation of the channels.
        width: of the images, pixels.
        device: where images are normalized.
    """

    normalization: Normalization
    width: int
    device: torch.device

    def __call__(self, rows: Tensor) -> Tensor:
        """Return float32 (B, 3, H, W) of uint8 (B, H, 3 W) on the device; channels stay last in memory.

        Convolutions are faster so.

        Example:
            >>> normalizer = Normalizer(Normalization((0.5,) * 3, (0.25,) * 3), 1, torch.device("cpu"))
            >>> normalizer(torch.tensor([[[0, 255, 255]]], dtype=torch.uint8)).flatten().round(decimals=4)
            tensor([-2.,  2.,  2.])
        """
        bias, scale = self._affine
        count, height, width = rows.shape
        return torch.addcmul(bias, rows.float(), scale).view(count, height, width // 3, 3).permute(0, 3, 1, 2)

    @cached_property
    def _affine(self) -> tuple[Tensor, Tensor]:
        """Return bias and scale of each number in a row of an image, (3 W,)."""
        mean, std = np.array(self.normalization.mean), np.array(self.normalization.std)
        rows = (np.tile(channels, self.width).astype(np.float32) for channels in (-mean / std, 1 / (255 * std)))
        bias, scale = (torch.from_numpy(row).to(self.device) for row in rows)
        return bias, scale
