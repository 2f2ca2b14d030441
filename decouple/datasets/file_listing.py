"""Image files that a text file names line by line: the checks and the pool that `list` and `csv` share."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.data import Pool
from decouple.datasets.image_files import FilePixels
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError

_DEFAULT_SIZE = 32  # pixels


@dataclass(frozen=True)
class Listing:
    """What one split lists: N images, the lines they stand on, and their labels."""

    source: Path  # the file that lists them
    lines: Sequence[int]  # (N,) from 1
    paths: Sequence[str]  # (N,) absolute, or from the working folder
    labels: NDArray[np.int64]  # (N,)

    def place(self, position: int) -> str:
        """Return where an image is listed, for an error."""
        return f"{self.source}, line {self.lines[position]}"


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8.

    Raises:
        DataError: the file is missing or is no text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None


def image_root(config: DataConfig, source: Path) -> str:
    """Return the folder that listed paths start from: `config.root`, or the folder of the file that lists them."""
    return config.root if config.root is not None else str(source.parent)


def listed_pool(listings: dict[str, Listing], class_names: tuple[str, ...], config: DataConfig) -> Pool:
    """Return the pool of the listed images, once they are known to be there and to be listed once.

    Raises:
        DataError: a file is missing (unless bad images are to be skipped) or is listed twice.
    """
    if not config.skip_bad_images:
        for listing in listings.values():
            _check_present(listing)
    _check_listed_once(listings)
    paths = [path for listing in listings.values() for path in listing.paths]
    labels = np.concatenate([listing.labels for listing in listings.values()])
    ends = np.cumsum([len(listing.paths) for listing in listings.values()])
    parts = np.split(np.arange(len(paths)), ends[:-1])
    pixels = FilePixels(tuple(paths), config.image_size or _DEFAULT_SIZE)
    return Pool(pixels, labels, class_names, dict(zip(listings, parts, strict=True)), flippable=True)


def _check_present(listing: Listing) -> None:
    for position, path in enumerate(listing.paths):
        if not os.path.isfile(path):
            raise DataError(
                f"{listing.place(position)}: no image file {path}; correct the path or --root, "
                "or leave such lines out with --skip-bad-images"
            )


def _check_listed_once(listings: dict[str, Listing]) -> None:
    """Refuse a path listed twice: in two splits, or in one, part of which may be held out for validation later."""
    seen: dict[str, tuple[str, int]] = {}
    for split, listing in listings.items():
        for position, path in enumerate(listing.paths):
            first = seen.setdefault(path, (split, position))
            if first != (split, position):
                raise DataError(
                    f"{listing.place(position)}: the image {path} is listed already, "
                    f"{listings[first[0]].place(first[1])}; no image may be in two splits, or twice in one"
                )
