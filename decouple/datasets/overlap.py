"""Find images that are in two splits: a test image that is also a training image tests nothing.

Images are compared as training reads them. First 64 values of every image are compared, and then all values of the
images that agree in these with one of another split; so the search takes a small part of the time of decoding.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.data import TEST, TRAIN, VAL, ArrayPixels, Data, Indices, Pixels
from decouple.datasets.image_files import FilePixels, LoadedFiles, MappedFiles
from decouple.errors import DataError
from decouple.log import logger

_CHUNK = 1024  # images read together
_SAMPLED_VALUES = 64  # of an image
_DISJOINT_SPLITS = (TRAIN, VAL, TEST)  # the long-tailed test split is a part of the test split

Pairs = tuple[tuple[int, int], ...]


def find_overlap(pixels: Pixels, splits: Mapping[str, Indices]) -> Pairs:
    """Return pairs of image indices with the same pixels in different splits, the later split's image second.

    An image that occurs again in a later split (train, val, test) appears in one pair, with its first occurrence.
    """
    images, split_of = _images_of_splits(splits)
    suspects = _in_several_splits(_samples(pixels, images), split_of)
    return _pairs(_contents(pixels, images[suspects]), split_of[suspects])


def find_equal_files(paths: Sequence[str], splits: Mapping[str, Indices]) -> Pairs:
    """Return pairs as `find_overlap` does, of files with the same bytes; only files of equal size are read.

    Raises:
        OSError: a file is missing.
    """
    images, split_of = _images_of_splits(splits)
    sizes = np.array([os.path.getsize(paths[index]) for index in images.tolist()], dtype=np.int64)
    suspects = _in_several_splits(sizes, split_of)
    contents = ((index, _hash_of_file(paths[index])) for index in images[suspects].tolist())
    return _pairs(contents, split_of[suspects])


def check_overlap(data: Data) -> None:
    """Check that no image is in two splits, reading all of them if `data.overlap` is not known.

    Raises:
        DataError: some are; the message counts them and names one pair.
    """
    pairs = find_overlap(data.pixels, data.splits) if data.overlap is None else data.overlap
    if pairs:
        raise DataError(f"{_describe(data, pairs)}; remove them from one of the two")


def warn_of_overlap(data: Data) -> None:
    """Warn if images are in two splits, or say that this is not known."""
    if data.overlap is None:
        logger.info(
            "images that are in two splits were not looked for, as they do not fit into memory; "
            "decouple data `check_overlap=True` reads and compares them all"
        )
    elif data.overlap:
        logger.warning(
            f"{_describe(data, data.overlap)}; accuracy on them is too high: remove them from one of the two"
        )


def _describe(data: Data, pairs: Pairs) -> str:
    first, again = (_describe_image(data, index) for index in pairs[0])
    number = "1 image is" if len(pairs) == 1 else f"{len(pairs):,} images are"
    return f"{number} in two splits with the same content, for example {first} and {again}"


def _images_of_splits(splits: Mapping[str, Indices]) -> tuple[Indices, NDArray[np.int64]]:
    """Return the images of the disjoint splits, one after the other, and the number of the split of each."""
    indices = [splits[split] for split in _DISJOINT_SPLITS if split in splits]
    split_of = np.repeat(np.arange(len(indices)), [len(images) for images in indices])
    return np.concatenate([np.empty(0, np.int64), *indices]), split_of


def _pairs(contents: Iterable[tuple[int, bytes]], split_of: NDArray[np.int64]) -> Pairs:
    """Return the pairs of images with the same content in different splits, which are numbered in `split_of`."""
    first_occurrence: dict[bytes, tuple[int, int]] = {}
    pairs = []
    for (index, content), split in zip(contents, split_of.tolist(), strict=True):
        first_split, first = first_occurrence.setdefault(content, (split, index))
        if first_split != split:
            pairs.append((first, index))
    return tuple(pairs)


def _samples(pixels: Pixels, images: Indices) -> NDArray[np.void]:
    """Return some values of every image, the same positions in all, as one key each."""
    keys = []
    for start in range(0, len(images), _CHUNK):
        chunk = images[start : start + _CHUNK]
        if isinstance(pixels, ArrayPixels | MappedFiles):  # only these values are read
            values, rows = pixels.array.reshape(len(pixels), -1), chunk
        else:
            values, rows = pixels.read(chunk).reshape(len(chunk), -1), np.arange(len(chunk))
        positions = np.linspace(0, values.shape[1] - 1, _SAMPLED_VALUES).astype(np.int64)
        keys.append(np.ascontiguousarray(values[np.ix_(rows, positions)]).view(f"V{_SAMPLED_VALUES}")[:, 0])
    return np.concatenate([np.empty(0, f"V{_SAMPLED_VALUES}"), *keys])


def _in_several_splits(keys: NDArray[np.generic], split_of: NDArray[np.int64]) -> Indices:
    """Return the positions, ascending, of the keys that occur in more than one split."""
    _, groups = np.unique(keys, return_inverse=True)
    first, last = np.full(groups.max(initial=0) + 1, split_of.max(initial=0)), np.zeros(groups.max(initial=0) + 1, int)
    np.minimum.at(first, groups, split_of)
    np.maximum.at(last, groups, split_of)
    return np.flatnonzero((first < last)[groups])


def _hash_of_file(path: str) -> bytes:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "blake2b").digest()


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
