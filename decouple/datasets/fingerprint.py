"""The fingerprint of a data set: a hash of pixels, labels, names and splits."""

import hashlib
import os
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.data import Indices, Pixels
from decouple.datasets.image_files import FilePixels

_CHUNK = 1024  # images read and hashed together


def fingerprint(
    pixels: Pixels, labels: NDArray[np.int64], class_names: tuple[str, ...], splits: Mapping[str, Indices]
) -> str:
    """Return the hash (blake2b) as 32 hexadecimal digits, the same in every process and on every machine.

    Images that stay in files are represented by the size they are scaled to, by their paths relative to their common
    folder, and by the sizes of the files in bytes; reading them all would take as long as an epoch.

    Raises:
        OSError: a file of the pixels is missing.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((len(pixels), class_names, sorted(splits))).encode())
    _add_numbers(digest, labels)
    for split in sorted(splits):
        _add_numbers(digest, splits[split])
    if isinstance(pixels, FilePixels):
        _add_files(digest, pixels)
    else:
        _add_images(digest, pixels)
    return digest.hexdigest()


def _add_numbers(digest: hashlib.blake2b, numbers: NDArray[np.int64]) -> None:
    digest.update(np.array(len(numbers), dtype="<i8").tobytes() + numbers.astype("<i8").tobytes())


def _add_images(digest: hashlib.blake2b, pixels: Pixels) -> None:
    for start in range(0, len(pixels), _CHUNK):
        images = pixels.read(np.arange(start, min(start + _CHUNK, len(pixels))))
        digest.update(repr(images.shape).encode() + images.tobytes())


def _add_files(digest: hashlib.blake2b, pixels: FilePixels) -> None:
    folder = os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in pixels.paths])
    files = [(os.path.relpath(path, folder).replace(os.sep, "/"), os.path.getsize(path)) for path in pixels.paths]
    digest.update(repr((pixels.size, files)).encode())
