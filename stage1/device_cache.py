"""Images kept on the device, padded and also flipped: a batch of random crops is one gather."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from decouple.datasets.data import ArrayPixels, Data, Indices
from decouple.errors import ConfigError
from stage1.augment import Augmentation, CropFlipParams, pad, window_layout, windows

MAX_CPU_BYTES = 2**30  # larger sets have large images, whose crops cost little compared with the network
MAX_GPU_FRACTION = 0.3  # of the free memory; the rest is for the network and its activations
PADDING_CHUNK = 4096  # images


@dataclass(frozen=True)
class DeviceCache:
    """Images of a data set, ready for the crops and flips of an augmentation."""

    padded: Tensor  # uint8 (1 or 2, N, H + 2p, W + 2p, 3) on the device: the images, and the flipped ones
    position: NDArray[np.int64]  # (all images,) position among the N, -1 for an image that is not cached
    padding: int  # p

    def crops(self, indices: Indices, params: CropFlipParams) -> Tensor:
        """Return crops of images of the data set: uint8 (B, H, 3 W) on the device.

        Raises:
            IndexError: an image is not cached.
        """
        positions = self.position[indices]
        if (positions < 0).any():
            raise IndexError(f"image {int(indices[positions.argmin()])} is not in the device cache")
        # A flipped crop is a crop of the flipped image, from the other side.
        columns = np.where(params.flipped, 2 * self.padding - params.left, params.left)
        index = (params.flipped.astype(np.int64), positions, params.top, columns)
        if self.padded.device.type == "cpu":  # numpy copies rows faster than torch does
            return torch.from_numpy(windows(self.padded.numpy(), self.padding)[index])
        views = self.padded.as_strided(*window_layout(self.padded.shape, self.padded.stride(), self.padding))
        side, image, top, left = torch.from_numpy(np.stack(index)).to(self.padded.device, non_blocking=True)
        return views[side, image, top, left]


def make_device_cache(data: Data, indices: Indices, augmentation: Augmentation, device: torch.device) -> DeviceCache:
    """Return a cache of the images `indices`: (H + 2p) (W + 2p) 3 bytes each, twice that with flips."""
    used = np.unique(indices)
    position = np.full(len(data.labels), -1, dtype=np.int64)
    position[used] = np.arange(len(used))
    return DeviceCache(torch.from_numpy(_padded(data, used, augmentation)).to(device), position, augmentation.padding)


def choose_device_cache(choice: str, data: Data, count: int, augmentation: Augmentation, device: torch.device) -> bool:
    """Return whether `count` images are cached on the device.

    Args:
        choice: auto, yes or no; auto: if they are in memory and fit.
        data: the data set of the images.
        count: number of images.
        augmentation: see `make_device_cache`.
        device: where they are cached.

    Raises:
        ConfigError: the choice is yes, and they do not fit.
    """
    if choice == "no":
        return False
    needed, available = count * _bytes_per_image(data, augmentation), _available_bytes(device)
    if choice == "yes":
        if device.type == "cuda" and needed > available:
            raise ConfigError(
                f"`resident=yes` needs {needed / 1e9:.1f} GB on the GPU, and {available / 1e9:.1f} GB are available; "
                "use `resident=auto`"
            )
        return True
    return isinstance(data.pixels, ArrayPixels) and needed <= available


def _bytes_per_image(data: Data, augmentation: Augmentation) -> int:
    _, height, width, channels = data.pixels.read(np.zeros(1, dtype=np.int64)).shape
    frame = 2 * augmentation.padding
    return int((1 + augmentation.hflip) * (height + frame) * (width + frame) * channels)


def _available_bytes(device: torch.device) -> float:
    return MAX_GPU_FRACTION * torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else MAX_CPU_BYTES


def _padded(data: Data, used: Indices, augmentation: Augmentation) -> NDArray[np.uint8]:
    """Return (1 or 2, N, H + 2p, W + 2p, 3): the images, and the flipped ones."""
    first = pad(data.pixels.read(used[:1]), augmentation.padding)
    padded = np.empty((1 + augmentation.hflip, len(used), *first.shape[1:]), dtype=np.uint8)
    for start in range(0, len(used), PADDING_CHUNK):
        chunk = slice(start, start + PADDING_CHUNK)
        padded[0, chunk] = pad(data.pixels.read(used[chunk]), augmentation.padding)
        if augmentation.hflip:
            padded[1, chunk] = padded[0, chunk, :, ::-1]
    return padded
