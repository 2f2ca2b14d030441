"""Images listed in one text file per split, a line "path label" per image: the format of ImageNet-LT and Places-LT."""

import os
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.data import TEST, TRAIN, VAL, SourceImages
from decouple.datasets.file_listing import Listing, image_root, listed_images
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError
from decouple.files.text_files import read_text


def load(config: DataConfig) -> SourceImages:
    """Return the images of `config.train_list`, `val_list` and `test_list`; classes are 0 to the largest train label.

    The label is the last word of a line, so a path may hold spaces. Blank lines and lines that start with # are
    ignored. Relative paths start at `config.root`, or else at the folder of their list.

    Raises:
        DataError: a list is missing, a line is not "path label", a class has no training image, or an image is
            missing or listed twice.
    """
    if config.train_list is None:
        raise DataError("the list data set needs `train_list`: a text file with a line 'path label' per image")
    sources = {TRAIN: config.train_list, VAL: config.val_list, TEST: config.test_list}
    listings = {split: _read(Path(path), config) for split, path in sources.items() if path is not None}
    num_classes = _check_labels(listings)
    return listed_images(listings, tuple(str(label) for label in range(num_classes)), config)


def _read(source: Path, config: DataConfig) -> Listing:
    lines = read_text(source).splitlines()
    numbers = [
        number for number, line in enumerate(lines, start=1) if line.strip() and not line.lstrip().startswith("#")
    ]
    if not numbers:
        raise DataError(f"{source} lists no image; it needs a line 'path label' for each")
    fields = [lines[number - 1].rsplit(maxsplit=1) for number in numbers]
    for number, field in zip(numbers, fields, strict=True):
        if len(field) != 2:
            hint = "; for a table with a delimiter use `data=csv`" if len(re.split("[,;|]", field[0])) > 1 else ""
            raise DataError(f"{source}, line {number}: expected 'path label', got '{field[0]}'{hint}")
    root = image_root(config, source)
    paths = [os.path.join(root, path.lstrip()) for path, _ in fields]
    return Listing(source, numbers, paths, _labels(source, numbers, [label for _, label in fields]))


def _labels(source: Path, numbers: list[int], texts: list[str]) -> NDArray[np.int64]:
    try:
        labels = np.array([int(text) for text in texts], dtype=np.int64)
    except (ValueError, OverflowError):
        number, text = next(pair for pair in zip(numbers, texts, strict=True) if not _is_label(pair[1]))
        raise DataError(f"{source}, line {number}: the label must be a whole number, got '{text}'") from None
    if labels.min() < 0:
        first = int(np.argmax(labels < 0))
        raise DataError(f"{source}, line {numbers[first]}: the label must be 0 or more, got {labels[first]}")
    return labels


def _is_label(text: str) -> bool:
    try:
        return abs(int(text)) < 2**63
    except ValueError:
        return False


def _check_labels(listings: dict[str, Listing]) -> int:
    """Return the number of classes.

    Raises:
        DataError: a class has no training image, or another split has a label beyond those of the training images.
    """
    train = listings[TRAIN]
    present = np.unique(train.labels)
    missing = np.flatnonzero(present != np.arange(len(present)))
    if len(missing):
        raise DataError(
            f"{train.source}: class {missing[0]} has no training image although labels go up to {present[-1]}; "
            "add some, or renumber the classes from 0 without gaps"
        )
    for split, listing in listings.items():
        beyond = np.flatnonzero(listing.labels >= len(present))
        if len(beyond):
            raise DataError(
                f"{listing.line_of(int(beyond[0]))}: label {listing.labels[beyond[0]]} in the {split} split is not in "
                f"{train.source}, whose labels are 0 to {len(present) - 1}"
            )
    return len(present)
