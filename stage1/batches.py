"""From image indices to normalized batches on the device."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from decouple.datasets.data import TRAIN, Data, Indices
from decouple.seeding import make_rng
from stage1.augment import NO_AUGMENTATION, Augmentation, CropFlipParams, crop_and_flip, draw_params, identity_params
from stage1.device_cache import DeviceCache, make_device_cache
from stage1.normalization import Normalization, Normalizer

MAX_STATISTICS_IMAGES = 10_000  # training images from which the channel statistics are computed
STATISTICS_CHUNK = 256  # images in memory together for that


def channel_statistics(data: Data) -> Normalization:
    """Return the channel statistics of the training images, of evenly spaced ones if there are very many."""
    train = data.splits[TRAIN]
    chosen = train[np.linspace(0, len(train) - 1, min(len(train), MAX_STATISTICS_IMAGES)).astype(np.int64)]
    counts = np.zeros((3, 256))  # pixels of each channel and value: exact, and small for images of any size
    for chunk in split_evenly(chosen, STATISTICS_CHUNK):
        pixels = data.pixels.read(chunk)
        counts += [np.bincount(pixels[..., channel].ravel(), minlength=256) for channel in range(3)]
    shares, values = counts / counts.sum(axis=1, keepdims=True), np.arange(256) / 255
    mean = shares @ values
    std = np.sqrt((shares * (values - mean[:, None]) ** 2).sum(axis=1))
    return Normalization(tuple(mean.tolist()), tuple(np.maximum(std, 1e-3).tolist()))


class BatchSource(Protocol):
    """What a training reads: batches of images, or of features that were extracted from them."""

    @property
    def data(self) -> Data:
        """The data set."""

    @property
    def normalization(self) -> Normalization:
        """Of the images."""

    @property
    def device(self) -> torch.device:
        """Where batches are made."""

    def clean(self, indices: Indices, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield inputs (B, ...) float32 and labels (B,) in the order of `indices`, without augmentation."""

    def augmented(
        self, order: Indices, batch_size: int, augmentation: Augmentation, stream: tuple[int, ...], start: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield batches of training, from number `start` on."""


@dataclass(frozen=True)
class Batches:
    """Batches of one data set; images stay uint8 until they are on the device.

    Attributes:
        data: the data set.
        normalization: of the images.
        device: where batches are made.
        device_cache: whether training images, on a GPU all images, are kept on the device, padded for their crops.
    """

    data: Data
    normalization: Normalization
    device: torch.device
    device_cache: bool = False
    _caches: dict[Augmentation, DeviceCache] = field(default_factory=dict, repr=False, compare=False)

    def clean(self, indices: Indices, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield images (B, 3, H, W) float32 and labels (B,) in the order of `indices`."""
        for batch in split_evenly(indices, batch_size):
            yield self._make(batch, NO_AUGMENTATION, identity_params(len(batch)))

    def augmented(
        self, order: Indices, batch_size: int, augmentation: Augmentation, stream: tuple[int, ...], start: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield augmented batches from number `start` on; batch k depends on (stream, k) and not on earlier batches."""
        for number, batch in enumerate(split_evenly(order, batch_size)):
            if number >= start:
                rng = make_rng(*stream[:1], "augmentation", *stream[1:], number)
                yield self._make(batch, augmentation, draw_params(len(batch), augmentation, rng))

    def _make(self, indices: Indices, augmentation: Augmentation, params: CropFlipParams) -> tuple[Tensor, Tensor]:
        images = self._normalize(self._crops(indices, augmentation, params))
        if self.device.type == "cpu":
            return images, torch.from_numpy(self.data.labels[indices])
        return images, self._labels[torch.from_numpy(indices).to(self.device, non_blocking=True)]

    def _crops(self, indices: Indices, augmentation: Augmentation, params: CropFlipParams) -> Tensor:
        """Return uint8 (B, H, 3 W) on the device."""
        in_memory = self.device.type == "cpu" and augmentation == NO_AUGMENTATION  # a second copy would gain nothing
        if self.device_cache and not in_memory:
            return self._cache(augmentation).crops(indices, params)
        images = self.data.pixels.read(indices)
        if augmentation != NO_AUGMENTATION:
            images = crop_and_flip(images, augmentation.padding, params)
        return torch.from_numpy(images).to(self.device, non_blocking=True).flatten(2)

    def _cache(self, augmentation: Augmentation) -> DeviceCache:
        """Return the cache for an augmentation, which is filled at its first use."""
        if augmentation not in self._caches:
            everything = np.arange(len(self.data.labels))
            indices = everything if augmentation == NO_AUGMENTATION else self.data.splits[TRAIN]
            self._caches[augmentation] = make_device_cache(self.data, indices, augmentation, self.device)
        return self._caches[augmentation]

    @cached_property
    def _normalize(self) -> Normalizer:
        width = self.data.pixels.read(np.zeros(1, dtype=np.int64)).shape[2]
        return Normalizer(self.normalization, width, self.device)

    @cached_property
    def _labels(self) -> Tensor:
        return torch.from_numpy(self.data.labels).to(self.device)


def split_evenly(indices: Indices, batch_size: int) -> list[Indices]:
    """Cut into ceil(n / batch_size) batches whose sizes differ by 1 at most: a tiny last one harms batch norm."""
    return np.array_split(indices, max(1, -(-len(indices) // batch_size)))
