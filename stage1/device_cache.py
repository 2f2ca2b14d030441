"""Images that wait on the device, padded and mirrored already: a batch of random crops is one gather."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from decouple.datasets.data import ArrayPixels, Data, Indices
from decouple.errors import ConfigError
from stage1.augment import Augmentation, CropFlipParams, pad, window_layout, windows

MOST_ON_CPU = 2**30  # bytes; images of more are few and large, and their crops cost little beside the network
SHARE_OF_GPU = 0.3  # of its free memory; the rest is for the network and its activations
PADDED_AT_ONCE = 4096  # images


@dataclass(frozen=True)
class DeviceCache:
    """Images of a data set, ready for the moves that an augmentation can make."""

    padded: Tensor  # uint8 (1 or 2, N, H + 2p, W + 2p, 3) on the device: the images, and their mirror images
    place: NDArray[np.int64]  # (all images,) a number among the N, -1 for one that is not resident
    padding: int  # p

    def crops(self, indices: Indices, params: CropFlipParams) -> Tensor:
        """Return images of the data set, moved: uint8 (B, H, 3 W) on the device.

        Raises:
            IndexError: one of them is not resident.
        """
        places = self.place[indices]
        if (places < 0).any():
            raise IndexError(f"image {int(indices[places.argmin()])} is not resident")
        # A mirrored crop is a crop of the mirrored image, from the other side.
        columns = np.where(params.flipped, 2 * self.padding - params.right, params.right)
        where = (params.flipped.astype(np.int64), places, params.down, columns)
        if self.padded.device.type == "cpu":  # numpy copies rows faster than torch does
            return torch.from_numpy(windows(self.padded.numpy(), self.padding)[where])
        views = self.padded.as_strided(*window_layout(self.padded.shape, self.padded.stride(), self.padding))
        side, image, down, right = torch.from_numpy(np.stack(where)).to(self.padded.device, non_blocking=True)
        return views[side, image, down, right]


def make_device_cache(data: Data, indices: Indices, augmentation: Augmentation, device: torch.device) -> DeviceCache:
    """Make the images `indices` resident: (H + 2p) (W + 2p) 3 bytes each, twice that with mirroring."""
    used = np.unique(indices)
    place = np.full(len(data.labels), -1, dtype=np.int64)
    place[used] = np.arange(len(used))
    return DeviceCache(torch.from_numpy(_padded(data, used, augmentation)).to(device), place, augmentation.padding)


def choose_device_cache(asked: str, data: Data, count: int, augmentation: Augmentation, device: torch.device) -> bool:
    """Return whether `count` images are to be resident.

    Args:
        asked: auto, yes or no; auto: where they are in memory and fit.
        data: whose images.
        count: how many.
        augmentation: see `make_device_cache`.
        device: where they would be.

    Raises:
        ConfigError: yes, and they do not fit.
    """
    if asked == "no":
        return False
    needed = count * _bytes_of_an_image(data, augmentation)
    room = _room(device)
    if asked == "yes":
        if device.type == "cuda" and needed > room:
            raise ConfigError(
                f"--resident yes needs {needed / 1e9:.1f} GB on the GPU, and {room / 1e9:.1f} GB are to spare; "
                "use --resident auto"
            )
        return True
    return isinstance(data.pixels, ArrayPixels) and needed <= room


def _bytes_of_an_image(data: Data, augmentation: Augmentation) -> int:
    _, height, width, channels = data.pixels.read(np.zeros(1, dtype=np.int64)).shape
    frame = 2 * augmentation.padding
    return int((1 + augmentation.hflip) * (height + frame) * (width + frame) * channels)


def _room(device: torch.device) -> float:
    return SHARE_OF_GPU * torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else MOST_ON_CPU


def _padded(data: Data, used: Indices, augmentation: Augmentation) -> NDArray[np.uint8]:
    """Return (1 or 2, N, H + 2p, W + 2p, 3): the images, and their mirror images."""
    first = pad(data.pixels.read(used[:1]), augmentation.padding)
    found = np.empty((1 + augmentation.hflip, len(used), *first.shape[1:]), dtype=np.uint8)
    for start in range(0, len(used), PADDED_AT_ONCE):
        part = slice(start, start + PADDED_AT_ONCE)
        found[0, part] = pad(data.pixels.read(used[part]), augmentation.padding)
        if augmentation.hflip:
            found[1, part] = found[0, part, :, ::-1]
    return found
