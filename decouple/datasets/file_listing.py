"""Image files that a text file lists line by line: what the data sets `list` and `csv` share."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.data import SourceImages
from decouple.datasets.image_files import FilePixels
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError

_DEFAULT_SIZE = 32  # pixels


@dataclass(frozen=True)
class Listing:
    """The N images of a split, with their labels and the lines that list them."""

    source: Path  # the file that lists them
    lines: Sequence[int]  # (N,) from 1
    paths: Sequence[str]  # (N,) absolute, or from the working folder
    labels: NDArray[np.int64]  # (N,)

    def line_of(self, position: int) -> str:
        """Return the file and line that list an image, for an error."""
        return f"{self.source}, line {self.lines[position]}"


def image_root(config: DataConfig, source: Path) -> str:
    """Return the folder that listed paths start from: `config.root`, or the folder of the file that lists them."""
    return config.root if config.root is not None else str(source.parent)


def listed_images(listings: dict[str, Listing], class_names: tuple[str, ...], config: DataConfig) -> SourceImages:
    """Return the listed images after checking that their files exist and are listed once.

    Raises:
        DataError: a file is missing (unless `config.skip_bad_images`), or is listed twice.
    """
    if not config.skip_bad_images:
        for listing in listings.values():
            _check_present(listing)
    _check_listed_once(listings)
    paths = [path for listing in listings.values() for path in listing.paths]
    labels = np.concatenate([listing.labels for listing in listings.values()])
    ends = np.cumsum([len(listing.paths) for listing in listings.values()])
    per_split = np.split(np.arange(len(paths)), ends[:-1])
    pixels = FilePixels(tuple(paths), config.image_size or _DEFAULT_SIZE)
    return SourceImages(pixels, labels, class_names, dict(zip(listings, per_split, strict=True)), flippable=True)


def _check_present(listing: Listing) -> None:
    for position, path in enumerate(listing.paths):
        if not os.path.isfile(path):
            raise DataError(
                f"{listing.line_of(position)}: no image file {path}; correct the path or `root`, "
                "or leave out such lines with `skip_bad_images=True`"
            )


def _check_listed_once(listings: dict[str, Listing]) -> None:
    """Refuse a path that is listed twice: in two splits, or in one, part of which may be held out for validation."""
    first_listed: dict[str, tuple[str, int]] = {}
    for split, listing in listings.items():
        for position, path in enumerate(listing.paths):
            first = first_listed.setdefault(path, (split, position))
            if first != (split, position):
                raise DataError(
                    f"{listing.line_of(position)}: the image {path} is listed already, "
                    f"{listings[first[0]].line_of(first[1])}; no image may be in two splits, or twice in one"
                )
