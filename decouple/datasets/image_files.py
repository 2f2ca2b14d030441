"""Images in files, whatever their format, size and colour mode: read as square RGB."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from decouple.datasets.data import ArrayPixels, Indices
from decouple.errors import DataError

DECODING = 1  # raise it when `read_image` makes other pixels of a file: cached ones are then decoded anew
IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
_FEW = 16  # images; reading no more than these takes less time than starting threads
_AT_ONCE = 1024  # images checked between two reports of progress
_THREADS = min(16, os.cpu_count() or 1)  # PIL decodes outside Python's lock, so threads run side by side
_TRANSPARENT_MODES = ("RGBA", "LA", "PA", "RGBa", "La")

Result = TypeVar("Result")
Progress = Callable[[int, int], None]  # called with (images done, images in total)


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
            DataError: a file is missing, damaged or no image; the message names it.
        """
        images = np.empty((len(indices), self.size, self.size, 3), np.uint8)

        def fill(position: int) -> None:
            images[position] = read_image(self.paths[indices[position]], self.size)

        _in_threads(fill, range(len(indices)))
        return images


@dataclass(frozen=True)
class LoadedFiles(ArrayPixels):
    """Images in memory, or mapped, that came from files, whose names are kept for messages."""

    paths: tuple[str, ...]  # (N,)


@dataclass(frozen=True)
class MappedFiles(FilePixels):
    """Images that do not fit into memory, decoded into a file that is mapped: what is not looked at is not read."""

    array: NDArray[np.uint8]

    def read(self, indices: Indices) -> NDArray[np.uint8]:
        """Return those images, uint8 (len(indices), size, size, 3)."""
        return self.array[indices]


def readable(pixels: FilePixels, indices: Indices, progress: Progress | None = None) -> NDArray[np.bool_]:
    """Decode those files and say which of them can be read, bool (len(indices),)."""

    def works(index: int) -> bool:
        try:
            read_image(pixels.paths[index], pixels.size)
        except DataError:
            return False
        return True

    good = np.zeros(len(indices), bool)
    for start in range(0, len(indices), _AT_ONCE):
        part = indices[start : start + _AT_ONCE]
        good[start : start + len(part)] = _in_threads(works, part.tolist())
        if progress is not None:
            progress(start + len(part), len(indices))
    return good


def read_image(path: str, size: int) -> NDArray[np.uint8]:
    """Return one image, uint8 (size, size, 3): turned as its EXIF data say, transparency laid over white.

    Raises:
        DataError: the file is missing, damaged or no image.
    """
    try:
        with Image.open(path) as file:
            file.draft("RGB", (size, size))  # JPEG only: decodes a large photograph at 1/2, 1/4 or 1/8 of its size
            upright = ImageOps.exif_transpose(file)
            return np.asarray(_centre_square(_to_rgb(upright), size))
    except Exception as error:  # a damaged file raises whatever the decoder happens to hit
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"cannot read the image {path}: {reason}; --skip-bad-images leaves such files out") from None


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey, which PIL would clip at 255
        image = Image.fromarray((np.asarray(image).clip(0, 65535) // 257).astype(np.uint8))
    if image.mode in _TRANSPARENT_MODES or "transparency" in image.info:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return image.convert("RGB")


def _centre_square(image: Image.Image, size: int) -> Image.Image:
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    box = (left, top, left + side, top + side)
    if side == size:
        return image.crop(box)
    return image.resize((size, size), Image.Resampling.BILINEAR, box=box)


def _in_threads(work: Callable[[int], Result], numbers: Sequence[int]) -> list[Result]:
    """Return ``work(number)`` for each, computed in several threads when there are many."""
    if len(numbers) <= _FEW or _THREADS == 1:
        return [work(number) for number in numbers]
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(work, numbers))
