"""Images as Python programs have them: paths, PIL images, arrays, tensors."""

import os
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from decouple.datasets.image_files import read_image, square_rgb
from decouple.datasets.image_paths import expand_image_paths
from decouple.datasets.torch_images import as_pil
from decouple.errors import DataError

Source = object  # a path, or an image in memory


@dataclass(frozen=True)
class ImageSources:
    """Images to read, and a name for each: its path, or its position from 0."""

    sources: tuple[Source, ...]
    names: tuple[str, ...]


def image_sources(images: object) -> ImageSources:
    """Return one image or many as a list; paths of folders and patterns become the images that they name.

    Args:
        images: a path, a PIL image, an array (H, W), (H, W, 3) or (N, H, W, 3), or an iterable of these.

    Raises:
        DataError: there is no image, or an entry is neither a path nor an image.

    Example:
        >>> image_sources([Image.new("RGB", (4, 4)), np.zeros((4, 4))]).names
        ('0', '1')
    """
    entries = _entries(images)
    sources: list[Source] = []
    names: list[str] = []
    for position, entry in enumerate(entries):
        if isinstance(entry, str | os.PathLike):
            paths = expand_image_paths([os.fspath(entry)]).paths
            sources += paths
            names += paths
        else:
            sources.append(as_pil(entry))
            names.append(str(position))
    if not sources:
        raise DataError("there is no image: `images` is empty, or its folders hold none")
    return ImageSources(tuple(sources), tuple(names))


def read_source(source: Source, image_size: int) -> NDArray[np.uint8]:
    """Return the pixels of an image as training sees them, uint8 (S, S, 3).

    Raises:
        DataError: a file is missing, damaged or not an image.
    """
    return square_rgb(source, image_size) if isinstance(source, Image.Image) else read_image(str(source), image_size)


def _entries(images: object) -> list[object]:
    if isinstance(images, str | os.PathLike | Image.Image):
        return [images]
    if isinstance(images, np.ndarray) and (images.ndim == 2 or (images.ndim == 3 and images.shape[2] in (1, 3))):
        return [images]
    if not isinstance(images, Iterable):
        raise DataError(f"`images` must be a path, an image or a list of these, got {type(images).__name__}")
    return list(images)
