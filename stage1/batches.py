"""From image indices to normalised batches on the device."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from decouple.datasets.data import TRAIN, Data, Indices
from decouple.seeding import make_rng
from stage1.augment import NO_AUGMENTATION, Augmentation, CropFlipParams, crop_and_flip, draw_params, identity_params
from stage1.device_cache import DeviceCache, make_device_cache

MEAN_OVER = 10_000  # training images that the channel statistics are taken over, at most
MEASURED_AT_ONCE = 256  # of those, images in memory together


@dataclass(frozen=True)
class Normalization:
    """Mean and standard deviation of each colour channel of the training images, on the scale 0..1."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


def measure(data: Data) -> Normalization:
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
    return Normalization(tuple(mean.tolist()), tuple(np.maximum(std, 1e-3).tolist()))


@dataclass(frozen=True)
class Batches:
    """Makes batches of one data set; images stay uint8 until they are on the device.

    Attributes:
        data: the data set.
        normalisation: what images are normalised with.
        device: where batches are made.
        resident: whether the training images wait on the device for their crops; on a GPU all images then do.
    """

    data: Data
    normalization: Normalization
    device: torch.device
    resident: bool = False
    _held: dict[Augmentation, DeviceCache] = field(default_factory=dict, repr=False, compare=False)

    def clean(self, indices: Indices, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield images (B, 3, H, W) float32 and labels (B,) in the order of `indices`."""
        for part in split_evenly(indices, batch_size):
            yield self._moved(part, NO_AUGMENTATION, identity_params(len(part)))

    def augmented(
        self, order: Indices, batch_size: int, augmentation: Augmentation, stream: tuple[int, ...], start: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield augmented batches from number `start` on; batch k is fixed by (stream, k), whatever came before."""
        for number, part in enumerate(split_evenly(order, batch_size)):
            if number >= start:
                rng = make_rng(*stream[:1], "augmentation", *stream[1:], number)
                yield self._moved(part, augmentation, draw_params(len(part), augmentation, rng))

    def _moved(self, indices: Indices, augmentation: Augmentation, params: CropFlipParams) -> tuple[Tensor, Tensor]:
        images = self._normalised(self._crops(indices, augmentation, params))
        if self.device.type == "cpu":
            return images, torch.from_numpy(self.data.labels[indices])
        return images, self._labels[torch.from_numpy(indices).to(self.device, non_blocking=True)]

    def _crops(self, indices: Indices, augmentation: Augmentation, params: CropFlipParams) -> Tensor:
        """Return uint8 (B, H, 3 W) on the device."""
        on_cpu = self.device.type == "cpu"
        if self.resident and not (
            on_cpu and augmentation == NO_AUGMENTATION
        ):  # in memory as it is, that needs no second copy
            if augmentation not in self._held:
                members = (
                    np.arange(len(self.data.labels)) if augmentation == NO_AUGMENTATION else self.data.splits[TRAIN]
                )
                self._held[augmentation] = make_device_cache(self.data, members, augmentation, self.device)
            return self._held[augmentation].crops(indices, params)
        images = self.data.pixels.read(indices)
        if augmentation != NO_AUGMENTATION:
            images = crop_and_flip(images, augmentation.padding, params)
        return torch.from_numpy(images).to(self.device, non_blocking=True).flatten(2)

    def _normalised(self, rows: Tensor) -> Tensor:
        """Return (B, 3, H, W) of uint8 (B, H, 3 W); the channels stay last in memory: convolutions want them there."""
        bias, scale = self._affine
        count, height, width = rows.shape
        return torch.addcmul(bias, rows.float(), scale).view(count, height, width // 3, 3).permute(0, 3, 1, 2)

    @cached_property
    def _affine(self) -> tuple[Tensor, Tensor]:
        """Bias and scale of each number in a row of an image, (3 W,)."""
        width = self.data.pixels.read(np.zeros(1, dtype=np.int64)).shape[2]
        mean, std = (np.array(each) for each in (self.normalization.mean, self.normalization.std))
        rows = (np.tile(each, width).astype(np.float32) for each in (-mean / std, 1 / (255 * std)))
        bias, scale = (torch.from_numpy(row).to(self.device) for row in rows)
        return bias, scale

    @cached_property
    def _labels(self) -> Tensor:
        return torch.from_numpy(self.data.labels).to(self.device)


def split_evenly(indices: Indices, batch_size: int) -> list[Indices]:
    """Cut into ceil(n / batch_size) parts of equal length, give or take 1: a tiny last one harms batch norm."""
    return np.array_split(indices, max(1, -(-len(indices) // batch_size)))
