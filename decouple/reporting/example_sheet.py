"""Figure: training images of the largest and the smallest classes, a class in each row."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from decouple.class_counts import largest_first
from decouple.datasets.data import TRAIN, Data, Indices, Pixels
from decouple.datasets.image_files import FilePixels, LoadedFiles
from decouple.reporting.class_axis import class_labels
from decouple.reporting.contact_sheet import contact_sheet

MAX_CLASSES = 10  # rows
IMAGES_PER_CLASS = 6
_SIDE = 160  # pixels of images that are read from files again


def draw_examples(path: Path, data: Data) -> None:
    """Draw the first training images of up to 10 classes: the 5 largest and the 5 smallest of more.

    Raises:
        DataError: an image cannot be read.
    """
    order = largest_first(data.group_counts.tolist())
    half = MAX_CLASSES // 2
    classes = order if len(order) <= MAX_CLASSES else np.concatenate([order[:half], order[-half:]])
    names = class_labels(data.class_names)
    rows, captions = [], []
    for label in classes.tolist():
        count = int(data.group_counts[label])
        rows.append(_row(data, label))
        captions += [f"{names[label]}\n{count:,} {'image' if count == 1 else 'images'}"]
        captions += [""] * (IMAGES_PER_CLASS - 1)
    title = "training images" if len(classes) == len(order) else "training images of the largest and smallest classes"
    contact_sheet(np.concatenate(rows), captions, path, title, columns=IMAGES_PER_CLASS)


def _row(data: Data, label: int) -> NDArray[np.uint8]:
    """Return the images of a row, (6, S, S, 3); white where the class has fewer."""
    train = data.splits[TRAIN]
    images = _read(data.pixels, train[data.labels[train] == label][:IMAGES_PER_CLASS])
    blank = np.full((IMAGES_PER_CLASS - len(images), *images.shape[1:]), 255, np.uint8)
    return np.concatenate([images, blank])


def _read(pixels: Pixels, indices: Indices) -> NDArray[np.uint8]:
    """Return images, those in files large enough to be looked at."""
    if isinstance(pixels, FilePixels | LoadedFiles):
        return FilePixels(tuple(pixels.paths[index] for index in indices.tolist()), _SIDE).read(np.arange(len(indices)))
    return pixels.read(indices)
