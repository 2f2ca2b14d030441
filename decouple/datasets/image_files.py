"""Images in files of any format, size and colour mode, read as square RGB."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from decouple.datasets.data import ArrayPixels, Indices
from decouple.datasets.image_decoding import decode_image, to_rgb
from decouple.errors import DataError

DECODER_VERSION = 2  # to be raised when `read_image` returns other pixels, so that cached images are decoded again
_THREADS_THRESHOLD = 16  # images; reading fewer takes less time than starting threads
_CHUNK = 1024  # images between two reports of progress
MAX_THREADS = min(16, os.cpu_count() or 1)  # PIL decodes outside Python's lock, so threads run side by side

T = TypeVar("T")
ReportProgress = Callable[[int, int], None]  # called with (images done, images in total)


@dataclass(frozen=True)
class FilePixels:
    """Images in files: the shorter side is scaled to `size` (antialiased) and the middle square is cut out."""

    paths: tuple[str, ...]
    size: int  # pixels

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, indices: Indices) -> NDArray[np.uint8]:
        """Return those images, uint8 (len(indices), size, size, 3).

        Raises:
            DataError: a file is missing, damaged or not an image; the message names it.
        """
        images = np.empty((len(indices), self.size, self.size, 3), np.uint8)

        def fill(position: int) -> None:
            images[position] = read_image(self.paths[indices[position]], self.size)

        in_threads(fill, range(len(indices)))
        return images


@dataclass(frozen=True)
class LoadedFiles(ArrayPixels):
    """Images in memory, or memory-mapped, that were read from files; the paths are for messages."""

    paths: tuple[str, ...]  # (N,)


@dataclass(frozen=True)
class MappedFiles(FilePixels):
    """Images too large for memory, decoded into a memory-mapped file, which is read from the disk on access."""

    array: NDArray[np.uint8]

    def read(self, indices: Indices) -> NDArray[np.uint8]:
        """Return those images, uint8 (len(indices), size, size, 3)."""
        return self.array[indices]


def readable(pixels: FilePixels, indices: Indices, progress: ReportProgress | None = None) -> NDArray[np.bool_]:
    """Return which of those files can be decoded, bool (len(indices),)."""

    def is_readable(index: int) -> bool:
        try:
            read_image(pixels.paths[index], pixels.size)
        except DataError:
            return False
        return True

    good = np.zeros(len(indices), bool)
    for start in range(0, len(indices), _CHUNK):
        chunk = indices[start : start + _CHUNK]
        good[start : start + len(chunk)] = in_threads(is_readable, chunk.tolist())
        if progress is not None:
            progress(start + len(chunk), len(indices))
    return good


def read_image(path: str, size: int) -> NDArray[np.uint8]:
    """Return one image, uint8 (size, size, 3), as `decouple.datasets.image_decoding` decodes it: its middle square.

    Raises:
        DataError: the file is missing, damaged or not an image.
    """
    return np.asarray(_centre_square(decode_image(path, size), size))


def square_rgb(image: Image.Image, size: int) -> NDArray[np.uint8]:
    """Return an image in memory as training sees it, uint8 (size, size, 3); the same as `read_image` of its file.

    Example:
        >>> square_rgb(Image.new("L", (30, 20), 255), 8).shape
        (8, 8, 3)
    """
    return np.asarray(_centre_square(to_rgb(ImageOps.exif_transpose(image)), size))


def _centre_square(image: Image.Image, size: int) -> Image.Image:
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    box = (left, top, left + side, top + side)
    if side == size:
        return image.crop(box)
    return image.resize((size, size), Image.Resampling.BILINEAR, box=box)


def in_threads(work: Callable[[int], T], numbers: Sequence[int]) -> list[T]:
    """Return ``work(number)`` of each number, computed in several threads when there are many."""
    if len(numbers) <= _THREADS_THRESHOLD or MAX_THREADS == 1:
        return [work(number) for number in numbers]
    with ThreadPoolExecutor(MAX_THREADS) as threads:
        return list(threads.map(work, numbers))
