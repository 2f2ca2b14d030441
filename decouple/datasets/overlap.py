"""Find images that are in two splits: a test image that is also a training image tests nothing."""

import hashlib
from collections.abc import Iterator

import numpy as np

from decouple.datasets.data import TEST, TRAIN, VAL, Data, Indices, Pixels
from decouple.datasets.image_files import FilePixels, LoadedFiles
from decouple.errors import DataError

_CHUNK = 1024  # images read together
_DISJOINT_SPLITS = (TRAIN, VAL, TEST)  # the long-tailed test split is a part of the test split


def find_overlap(data: Data) -> list[tuple[int, int]]:
    """Return pairs of image indices with the same pixels in different splits, the later split's image second.

    An image that occurs again in a later split (train, val, test) appears in one pair, with its first occurrence.
    """
    first_occurrence: dict[bytes, tuple[str, int]] = {}
    pairs = []
    for split in _DISJOINT_SPLITS:
        for index, content in _contents(data.pixels, data.splits.get(split, np.empty(0, np.int64))):
            first_split, first = first_occurrence.setdefault(content, (split, index))
            if first_split != split:
                pairs.append((first, index))
    return pairs


def check_overlap(data: Data) -> None:
    """Check that no image is in two splits.

    Raises:
        DataError: some are; the message counts them and names one.
    """
    pairs = find_overlap(data)
    if pairs:
        first, again = (_describe_image(data, index) for index in pairs[0])
        raise DataError(
            f"{len(pairs)} images are in two splits with the same pixels, for example {first} and {again}; "
            "remove them from one of the two"
        )


def _contents(pixels: Pixels, indices: Indices) -> Iterator[tuple[int, bytes]]:
    """Yield every image's index and the hash of its pixels."""
    for start in range(0, len(indices), _CHUNK):
        chunk = indices[start : start + _CHUNK]
        for index, image in zip(chunk.tolist(), pixels.read(chunk), strict=True):
            yield index, hashlib.blake2b(image.tobytes(), digest_size=16).digest()


def _describe_image(data: Data, index: int) -> str:
    """Return the path of an image, or its number and split."""
    if isinstance(data.pixels, FilePixels | LoadedFiles):
        return data.pixels.paths[index]
    split = next(split for split in _DISJOINT_SPLITS if split in data.splits and index in data.splits[split])
    return f"image {index} ({split}, class '{data.class_names[data.labels[index]]}')"
