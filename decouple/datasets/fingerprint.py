"""What makes two data sets the same: a fingerprint over pixels, labels, names and splits."""

import hashlib
import os
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.data import Indices, Pixels
from decouple.datasets.image_files import FilePixels

_AT_ONCE = 1024  # images hashed together


def fingerprint(
    pixels: Pixels, labels: NDArray[np.int64], class_names: tuple[str, ...], splits: Mapping[str, Indices]
) -> str:
    """Return 32 hexadecimal digits, the same in every process and on every machine (blake2b).

    Images that stay in files are represented by the size they are read at and by their names, from the folder that they
    have in common, and sizes in bytes; reading them all would take as long as an epoch.

    Raises:
        OSError: a file that the pixels name is gone.
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
    for start in range(0, len(pixels), _AT_ONCE):
        images = pixels.read(np.arange(start, min(start + _AT_ONCE, len(pixels))))
        digest.update(repr(images.shape).encode() + images.tobytes())


def _add_files(digest: hashlib.blake2b, pixels: FilePixels) -> None:
    folder = os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in pixels.paths])
    described = [(os.path.relpath(path, folder).replace(os.sep, "/"), os.path.getsize(path)) for path in pixels.paths]
    digest.update(repr((pixels.size, described)).encode())
