"""Images listed in one CSV file with the columns path, label and, optionally, split; also with semicolons or tabs."""

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from decouple.datasets.class_names import warn_of_similar
from decouple.datasets.data import TEST, TRAIN, VAL, SourceImages
from decouple.datasets.file_listing import Listing, image_root, listed_images
from decouple.datasets.folder_layout import split_of
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError
from decouple.files.text_files import delimiter_of, read_text
from decouple.nearest_name import did_you_mean

_SPLITS = (TRAIN, VAL, TEST)
_Row = tuple[int, str, str]  # line, path, label


def load(config: DataConfig) -> SourceImages:
    """Return the images of `config.csv`; labels are any text, sorted as numbers if all of them are whole numbers.

    The split is train, val or test, or another name of a split folder (`split_of`), in any case; a blank, or no such
    column, means train. Other columns are ignored. Relative paths start at `config.root`, or else at the folder of the
    file. Delimiter and encoding: see `decouple.files.text_files`.

    Raises:
        DataError: a column or a value is missing or unknown, a class has no training image, or an image is missing or
            listed twice.
    """
    if config.csv is None:
        raise DataError("the csv data set needs `csv`: a file with the columns path,label[,split]")
    source = Path(config.csv)
    rows = _rows(source)
    names = _class_names(source, rows)
    index_of = {name: index for index, name in enumerate(names)}
    root = image_root(config, source)
    listings = {
        split: Listing(
            source,
            lines=[line for line, _, _ in of_split],
            paths=[os.path.join(root, path) for _, path, _ in of_split],
            labels=np.array([index_of[label] for _, _, label in of_split], dtype=np.int64),
        )
        for split, of_split in rows.items()
        if of_split
    }
    return listed_images(listings, names, config)


def _rows(source: Path) -> dict[str, list[_Row]]:
    """Return the rows of each split."""
    text = read_text(source)
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="", delimiter=delimiter_of(text))
    rows: dict[str, list[_Row]] = {split: [] for split in _SPLITS}
    try:
        reader.fieldnames = _columns(source, reader.fieldnames or ())
        for row in reader:
            split, values = _parsed(row, f"{source}, line {reader.line_num}")
            rows[split].append((reader.line_num, *values))
    except csv.Error as error:
        raise DataError(f"{source}, line {reader.line_num + 1}: {error}") from None  # the line is not counted yet
    return rows


def _columns(source: Path, names: Sequence[str]) -> list[str]:
    """Return the names of the columns in lower case and without blanks around them, after checking them."""
    columns = [name.strip().lower() for name in names]
    for column in ("path", "label"):
        if column not in columns:
            raise DataError(
                f"{source}, line 1: no column '{column}'; the first line must be path,label or path,label,split "
                f"and is {', '.join(names) or 'empty'}"
            )
    return columns


def _parsed(row: dict[str, str], where: str) -> tuple[str, tuple[str, str]]:
    """Return the split and (path, label) of a row."""
    path, label, split = (row.get(column, "").strip() for column in ("path", "label", "split"))
    if not path or not label:
        raise DataError(f"{where}: the {'label' if path else 'path'} is empty")
    known = split_of(split) if split else TRAIN
    if known is None:
        raise DataError(f"{where}: the split must be train, val or test, got '{split}'.{did_you_mean(split, _SPLITS)}")
    return known, (path, label)


def _class_names(source: Path, rows: dict[str, list[_Row]]) -> tuple[str, ...]:
    """Return the training labels in order.

    Raises:
        DataError: there is no training image, or another split has a class without one.
    """
    names = {label for _, _, label in rows[TRAIN]}
    if not names:
        raise DataError(f"{source} lists no training image; leave the split blank or write train")
    for split, of_split in rows.items():
        for line, _, label in of_split:
            if label not in names:
                raise DataError(
                    f"{source}, line {line}: class '{label}' of the {split} split has no training image; "
                    "add some, or remove the line"
                )
    warn_of_similar(sorted(names), str(source))
    if all(_is_whole_number(name) for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))
    return tuple(sorted(names))


def _is_whole_number(text: str) -> bool:
    return text.removeprefix("-").isdecimal()
