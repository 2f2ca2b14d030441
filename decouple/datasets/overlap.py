"""Find images that are in two splits: a model that has seen a test image is not tested by it."""

import hashlib
from collections.abc import Iterator

import numpy as np

from decouple.datasets.data import TEST, TRAIN, VAL, Data, Indices, Pixels
from decouple.datasets.image_files import FilePixels, LoadedFiles
from decouple.errors import DataError

_AT_ONCE = 1024  # images read together
_APART = (TRAIN, VAL, TEST)  # the long-tailed test split is a part of the test split


def find_overlap(data: Data) -> list[tuple[int, int]]:
    """Return pairs of image indices with the same pixels in different splits, the later split's image second.

    An image that occurs again in a later split (train, val, test) appears in one pair, with its first occurrence.
    """
    first_seen: dict[bytes, tuple[str, int]] = {}
    pairs = []
    for split in _APART:
        for index, content in _contents(data.pixels, data.splits.get(split, np.empty(0, np.int64))):
            first_split, first = first_seen.setdefault(content, (split, index))
            if first_split != split:
                pairs.append((first, index))
    return pairs


def check_overlap(data: Data) -> None:
    """Raise a DataError that counts the images of `find_overlap` and names one, if there are any."""
    pairs = find_overlap(data)
    if pairs:
        first, again = (_named(data, index) for index in pairs[0])
        raise DataError(
            f"{len(pairs)} images are in two splits with the same pixels, for example {first} and {again}; "
            "remove them from one of the two"
        )


def _contents(pixels: Pixels, indices: Indices) -> Iterator[tuple[int, bytes]]:
    """Yield every image's index and the hash of its pixels."""
    for start in range(0, len(indices), _AT_ONCE):
        part = indices[start : start + _AT_ONCE]
        for index, image in zip(part.tolist(), pixels.read(part), strict=True):
            yield index, hashlib.blake2b(image.tobytes(), digest_size=16).digest()


def _named(data: Data, index: int) -> str:
    """Return what a user would call an image: its file, or its number and split."""
    if isinstance(data.pixels, FilePixels | LoadedFiles):
        return data.pixels.paths[index]
    split = next(split for split in _APART if split in data.splits and index in data.splits[split])
    return f"image {index} ({split}, class '{data.class_names[data.labels[index]]}')"
