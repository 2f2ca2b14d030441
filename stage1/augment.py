"""Random crops and mirror images for a whole batch at once."""

import numpy as np
from numpy.typing import NDArray


def crop_and_mirror(
    images: NDArray[np.uint8], padding: int, mirror: bool, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Pad with black, crop to the old size at a random place, and mirror every other image at random.

    The usual augmentation of CIFAR (He et al., CVPR 2016, section 4.2), drawn for each image by itself.

    Args:
        images: (B, H, W, 3); not changed.
        padding: pixels added on each side, 0 or more; the crop moves by at most as much.
        mirror: whether images are mirrored left to right with probability 1/2.
        rng: where the draws come from; the same generator state gives the same batch.
    """
    count = len(images)
    down, right = rng.integers(0, 2 * padding + 1, size=(2, count))
    flipped = rng.random(count) < 0.5 if mirror else np.zeros(count, dtype=bool)
    moved: NDArray[np.uint8] = _windows(images, padding)[np.arange(count), down, right]
    moved[flipped] = moved[flipped, :, ::-1]
    return moved


def _windows(images: NDArray[np.uint8], padding: int) -> NDArray[np.uint8]:
    """Return a view (B, 2p+1, 2p+1, H, W, 3) of every crop of the padded images, without copying them."""
    count, height, width, channels = images.shape
    padded = np.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    image, row, column, channel = padded.strides
    shape = (count, 2 * padding + 1, 2 * padding + 1, height, width, channels)
    strides = (image, row, column, row, column, channel)
    windows: NDArray[np.uint8] = np.lib.stride_tricks.as_strided(padded, shape, strides, writeable=False)
    return windows
