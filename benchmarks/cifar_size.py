"""Images of the size and number of CIFAR-10-LT at ratio 100, without a download: drawn characters, or noise."""

import numpy as np
import torch
from numpy.typing import NDArray

from decouple.datasets.data import TEST, TRAIN, VAL, ArrayPixels, Data
from decouple.datasets.glyphs import GlyphPixels
from stage1.batches import Batches, channel_statistics
from stage1.settings import Stage1Config

COUNTS = (5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50)  # 12,406 training images
VALIDATION = 1000  # images of each class, as many as the test images that public code evaluates after each epoch
SIDE = 32
QUICK = 0.2  # share of the images


def glyph_data(share: float = 1.0) -> Data:
    """Return the share of each class in characters: training and validation images, flippable."""
    counts = _share_of(COUNTS, share)
    held_out = _share_of((VALIDATION,) * len(COUNTS), share)
    train, validation = (np.repeat(np.arange(len(COUNTS)), count) for count in (counts, held_out))
    labels = np.concatenate([train, validation])
    serials = np.concatenate([np.arange(len(train)), 10**9 + np.arange(len(validation))])
    pixels = GlyphPixels(labels, serials).read(np.arange(len(labels)))
    return _data(pixels, labels, len(train))


def noise_data(share: float = 1.0) -> Data:
    """Return random bytes, for benchmarks in which the content of the images does not matter."""
    labels = np.repeat(np.arange(len(COUNTS)), _share_of(COUNTS, share))
    pixels = np.random.default_rng(0).integers(0, 256, (len(labels), SIDE, SIDE, 3), dtype=np.uint8)
    return _data(pixels, labels, len(labels))


def resident_batches(data: Data, device: torch.device) -> Batches:
    """Return the batches of stage one for images that fit in memory."""
    return Batches(data, channel_statistics(data), device, device_cache=True)


def cifar_config(**settings: object) -> Stage1Config:
    """Return ResNet-32 in batches of 128 with the public recipe's SGD, changed by `settings`."""
    usual = {"data": "glyphs", "classes": len(COUNTS), "model": "resnet32", "batch_size": 128, "lr": 0.1}
    return Stage1Config(**{**usual, **settings})  # type: ignore[arg-type]


def _share_of(counts: tuple[int, ...], share: float) -> list[int]:
    return [max(2, round(share * count)) for count in counts]


def _data(pixels: NDArray[np.uint8], labels: NDArray[np.int64], num_train: int) -> Data:
    train, rest = np.arange(num_train), np.arange(num_train, len(labels))
    counts = np.bincount(labels[:num_train])
    names = tuple(str(label) for label in range(len(counts)))
    splits = {TRAIN: train, VAL: rest, TEST: rest} if len(rest) else {TRAIN: train}
    return Data(ArrayPixels(pixels), labels, names, splits, counts, True, "synthetic, for a benchmark")
