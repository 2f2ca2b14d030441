"""Random crops and mirror images for a whole batch at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Augmentation:
    """How training images are varied: the usual way of CIFAR (He et al., CVPR 2016, section 4.2).

    Attributes:
        padding: pixels of black added on each side, 0 or more; the crop to the old size moves by at most as much.
        hflip: whether images are flipped left to right with probability 1/2.
    """

    padding: int
    hflip: bool


NO_AUGMENTATION = Augmentation(padding=0, hflip=False)


@dataclass(frozen=True)
class CropFlipParams:
    """What happens to each image of a batch."""

    down: NDArray[np.int64]  # (B,) where its crop begins in the padded image, 0 to 2 * padding
    right: NDArray[np.int64]  # (B,)
    flipped: NDArray[np.bool_]  # (B,) after the crop


def draw_params(count: int, augmentation: Augmentation, rng: np.random.Generator) -> CropFlipParams:
    """Draw for each of `count` images by itself; the same generator state gives the same moves."""
    down, right = rng.integers(0, 2 * augmentation.padding + 1, size=(2, count))
    flipped = rng.random(count) < 0.5 if augmentation.hflip else np.zeros(count, dtype=bool)
    return CropFlipParams(down, right, flipped)


def identity_params(count: int) -> CropFlipParams:
    """Return the moves of images that stay as they are."""
    nowhere = np.zeros(count, dtype=np.int64)
    return CropFlipParams(nowhere, nowhere, np.zeros(count, dtype=bool))


def crop_and_flip(images: NDArray[np.uint8], padding: int, params: CropFlipParams) -> NDArray[np.uint8]:
    """Pad images (B, H, W, 3) with black, crop them to the old size, and mirror them; the input is not changed."""
    moved: NDArray[np.uint8] = windows(pad(images, padding), padding)[np.arange(len(images)), params.down, params.right]
    moved = moved.reshape(images.shape)
    moved[params.flipped] = moved[params.flipped, :, ::-1]
    return moved


def pad(images: NDArray[np.uint8], padding: int) -> NDArray[np.uint8]:
    """Return a copy (B, H + 2p, W + 2p, 3) with a frame of black, which is what public code pads with."""
    return np.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)))


def windows(padded: NDArray[np.uint8], padding: int) -> NDArray[np.uint8]:
    """Return a view (..., 2p+1, 2p+1, H, 3 W) of every crop of padded images (..., H + 2p, W + 2p, 3).

    A row of a crop lies in one piece, so that to pick crops with one index is to copy rows.
    """
    shape, strides = window_layout(padded.shape, padded.strides, padding)
    found: NDArray[np.uint8] = np.lib.stride_tricks.as_strided(padded, shape, strides, writeable=False)
    return found


def window_layout(
    shape: tuple[int, ...], strides: tuple[int, ...], padding: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return shape and strides of the view that `windows` makes of an array with these."""
    *leading, high, wide, channels = shape
    *steps, row, column, channel = strides
    offsets = 2 * padding + 1
    crop = (high - 2 * padding, (wide - 2 * padding) * channels)
    return (*leading, offsets, offsets, *crop), (*steps, row, column, row, channel)
