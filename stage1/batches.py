"""From image indices to normalised batches on the device."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from decouple.datasets.data import TRAIN, Data, Indices
from decouple.seeding import make_rng
from stage1.augment import crop_and_mirror

MEAN_OVER = 10_000  # training images that the channel statistics are taken over, at most
MEASURED_AT_ONCE = 256  # of those, images in memory together


@dataclass(frozen=True)
class Normalisation:
    """Mean and standard deviation of each colour channel of the training images, on the scale 0..1."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True)
class Augmentation:
    """How training images are varied; see `crop_and_mirror`."""

    padding: int  # pixels
    mirror: bool


def measure(data: Data) -> Normalisation:
    """Return the channel statistics of the training images (evenly spread ones where there are very many)."""
    train = data.splits[TRAIN]
    chosen = train[np.linspace(0, len(train) - 1, min(len(train), MEAN_OVER)).astype(np.int64)]
    counts = np.zeros((3, 256))  # pixels of each channel and value: exact, and small however large the images are
    for part in split_evenly(chosen, MEASURED_AT_ONCE):
        pixels = data.pixels.read(part)
        counts += [np.bincount(pixels[..., channel].ravel(), minlength=256) for channel in range(3)]
    shares, values = counts / counts.sum(axis=1, keepdims=True), np.arange(256) / 255
    mean = shares @ values
    std = np.sqrt((shares * (values - mean[:, None]) ** 2).sum(axis=1))
    return Normalisation(tuple(mean.tolist()), tuple(np.maximum(std, 1e-3).tolist()))


@dataclass(frozen=True)
class Batches:
    """Makes batches of one data set; images stay uint8 until they are on the device."""

    data: Data
    normalisation: Normalisation
    device: torch.device

    def clean(self, indices: Indices, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield images (B, 3, H, W) float32 and labels (B,) in the order of `indices`."""
        for part in split_evenly(indices, batch_size):
            yield self._to_device(self.data.pixels.read(part), part)

    def augmented(
        self, order: Indices, batch_size: int, augmentation: Augmentation, stream: tuple[int, ...], start: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield augmented batches from number `start` on; batch k is fixed by (stream, k), whatever came before."""
        for number, part in enumerate(split_evenly(order, batch_size)):
            if number < start:
                continue
            rng = make_rng(*stream[:1], "augmentation", *stream[1:], number)
            images = crop_and_mirror(self.data.pixels.read(part), augmentation.padding, augmentation.mirror, rng)
            yield self._to_device(images, part)

    def _to_device(self, images: NDArray[np.uint8], indices: Indices) -> tuple[Tensor, Tensor]:
        """Normalise; the channels stay last in memory, which is what convolutions are fastest on."""
        raw = torch.from_numpy(images).to(self.device, non_blocking=True).permute(0, 3, 1, 2)
        mean, std = (torch.tensor(each, device=self.device).view(1, 3, 1, 1) for each in self._statistics())
        labels = torch.from_numpy(self.data.labels[indices]).to(self.device, non_blocking=True)
        return raw.to(torch.float32).sub_(mean).div_(std), labels

    def _statistics(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        scale = self.normalisation
        return tuple(255 * value for value in scale.mean), tuple(255 * value for value in scale.std)


def split_evenly(indices: Indices, batch_size: int) -> list[Indices]:
    """Cut into ceil(n / batch_size) parts of equal length, give or take 1: a tiny last one harms batch norm."""
    return np.array_split(indices, max(1, -(-len(indices) // batch_size)))
