"""A folder of labelled images for a run: one subfolder per class, whose names are those of the run."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.folder_layout import split_of
from decouple.datasets.image_tree import images_under, subfolders
from decouple.datasets.skipped import Skipped, SkippedCounter
from decouple.errors import DataError
from decouple.nearest_name import did_you_mean

MAX_NAMED = 5  # unknown classes that the error names


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Image files with the classes of a run.

    Attributes:
        paths: length N.
        labels: (N,).
        skipped: what was not read of the folder.
    """

    paths: tuple[str, ...]
    labels: NDArray[np.int64]
    skipped: tuple[Skipped, ...]


def labelled_images(folder: str, class_names: Sequence[str]) -> LabelledImages:
    """Return the images below `folder`, labelled by their subfolder; a class may be missing.

    A name that differs from one class by case or blanks alone is that class.

    Raises:
        DataError: there is no such folder, a subfolder is no class of the run, or there is no image.
    """
    if not os.path.isdir(folder):
        raise DataError(f"`images` {folder} is no folder; give one with a subfolder for each class")
    names = subfolders(folder)
    labels = _labels(folder, names, class_names)
    skipped = SkippedCounter(folder)
    files = [images_under(os.path.join(folder, name), skipped) for name in names]
    paths = tuple(path for images in files for path in images)
    if not paths:
        raise DataError(f"{folder} has no image in a subfolder; each class has a subfolder with the images of it")
    return LabelledImages(paths, np.repeat(labels, [len(images) for images in files]), skipped.skipped())


def _labels(folder: str, names: Sequence[str], class_names: Sequence[str]) -> NDArray[np.int64]:
    exact = {name: label for label, name in enumerate(class_names)}
    folded: dict[str, list[int]] = {}
    for name, label in exact.items():
        folded.setdefault(_fold(name), []).append(label)
    labels, unknown = [], []
    for name in names:
        similar = folded.get(_fold(name), [])
        if name not in exact and len(similar) != 1:
            unknown.append(name)
        else:
            labels.append(exact[name] if name in exact else similar[0])
    if unknown:
        raise DataError(_unknown_message(folder, unknown, class_names))
    return np.array(labels, dtype=np.int64)


def _fold(name: str) -> str:
    return " ".join(name.split()).casefold()


def _unknown_message(folder: str, unknown: Sequence[str], class_names: Sequence[str]) -> str:
    splits = [name for name in unknown if split_of(name) is not None]
    if splits:
        return (
            f"{folder} holds splits, not classes; name one of them, such as `images={os.path.join(folder, splits[0])}`"
        )
    named = "; ".join(f"'{name}'.{did_you_mean(name, class_names)}".rstrip(".") for name in unknown[:MAX_NAMED])
    more = f" and {len(unknown) - MAX_NAMED} more" if len(unknown) > MAX_NAMED else ""
    return f"{folder} has subfolders that are no class of the run: {named}{more}; rename or remove them"
