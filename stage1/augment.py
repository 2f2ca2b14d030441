"""Random crops and horizontal flips of a batch of images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.checks import require_flag, require_whole


@dataclass(frozen=True)
class Augmentation:
    """Random crops and flips of training images, as usual for CIFAR (He et al., CVPR 2016, section 4.2).

    Attributes:
        padding: black pixels added on each side, 0 or more; the crop to the original size moves by at most as much.
        hflip: whether images are flipped left to right with probability 1/2.

    Raises:
        ConfigError: padding is not a whole number of 0 or more, or hflip is neither True nor False.
    """

    padding: int
    hflip: bool

    def __post_init__(self) -> None:
        require_whole("padding", self.padding, at_least=0, usual="an eighth of the side is usual")
        require_flag("hflip", self.hflip)


NO_AUGMENTATION = Augmentation(padding=0, hflip=False)


@dataclass(frozen=True)
class CropFlipParams:
    """Crop offset and flip of each image of a batch."""

    top: NDArray[np.int64]  # (B,) first row of the crop in the padded image, 0 to 2 * padding
    left: NDArray[np.int64]  # (B,) first column
    flipped: NDArray[np.bool_]  # (B,) whether it is flipped after the crop


def draw_params(count: int, augmentation: Augmentation, rng: np.random.Generator) -> CropFlipParams:
    """Draw the parameters of `count` images independently; the same generator state gives the same ones."""
    top, left = rng.integers(0, 2 * augmentation.padding + 1, size=(2, count))
    flipped = rng.random(count) < 0.5 if augmentation.hflip else np.zeros(count, dtype=bool)
    return CropFlipParams(top, left, flipped)


def identity_params(count: int) -> CropFlipParams:
    """Return the parameters that leave `count` unpadded images as they are."""
    zeros = np.zeros(count, dtype=np.int64)
    return CropFlipParams(zeros, zeros, np.zeros(count, dtype=bool))


def crop_and_flip(images: NDArray[np.uint8], padding: int, params: CropFlipParams) -> NDArray[np.uint8]:
    """Pad images (B, H, W, 3) with black, crop them to the original size, and flip them; the input is not changed."""
    crops: NDArray[np.uint8] = windows(pad(images, padding), padding)[np.arange(len(images)), params.top, params.left]
    crops = crops.reshape(images.shape)
    crops[params.flipped] = crops[params.flipped, :, ::-1]
    return crops


def pad(images: NDArray[np.uint8], padding: int) -> NDArray[np.uint8]:
    """Return a copy (B, H + 2p, W + 2p, 3) with a black frame, as public code pads."""
    return np.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)))


def windows(padded: NDArray[np.uint8], padding: int) -> NDArray[np.uint8]:
    """Return a view (..., 2p+1, 2p+1, H, 3 W) of every crop of padded images (..., H + 2p, W + 2p, 3).

    The last axis is a row of a crop, which is contiguous: indexing crops copies rows.
    """
    shape, strides = window_layout(padded.shape, padded.strides, padding)
    view: NDArray[np.uint8] = np.lib.stride_tricks.as_strided(padded, shape, strides, writeable=False)
    return view


def window_layout(
    shape: tuple[int, ...], strides: tuple[int, ...], padding: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return shape and strides of the view of `windows`, from those of the padded images."""
    *leading, high, wide, channels = shape
    *steps, row, column, channel = strides
    offsets = 2 * padding + 1
    crop = (high - 2 * padding, (wide - 2 * padding) * channels)
    return (*leading, offsets, offsets, *crop), (*steps, row, column, row, channel)
