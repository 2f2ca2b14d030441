"""CIFAR-10 and CIFAR-100 as a folder of image files: train/<class>/ and test/<class>/, each image of 32 x 32 pixels."""

import os
import re
from pathlib import Path

import numpy as np

from decouple.datasets.data import TEST, TRAIN, Indices, SourceImages
from decouple.datasets.image_tree import images_under, subfolders
from decouple.datasets.jpeg_quality import storage_of
from decouple.datasets.skipped import SkippedCounter
from decouple.datasets.unscaled_files import UnscaledFiles
from decouple.errors import DataError

SIDE = 32  # pixels
CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_SPLITS = (TRAIN, TEST)


def is_cifar_tree(root: Path) -> bool:
    """Return whether `root` holds the folders train/ and test/."""
    return all((root / split).is_dir() for split in _SPLITS)


def read_cifar_tree(root: Path, num_classes: int) -> SourceImages:
    """Return the images below ``root/train/<class>`` and ``root/test/<class>``, as they are, without scaling.

    The classes are numbered by name, which is the order of the labels of both data sets. If the names of the files of
    a split begin with numbers that are all different, the images are in the order of those numbers, as the original
    files are; otherwise they are class by class in the order of number and name. A long-tailed subset depends only on
    the order within a class: it is that of the original files wherever the files of each class are numbered in it.

    Args:
        root: the folder.
        num_classes: 10 or 100; the classes of CIFAR-10 must have its names.

    Raises:
        DataError: the classes are others, or one has no images in a split.
    """
    names = _class_names(root, num_classes)
    skipped = SkippedCounter(str(root))
    paths: list[str] = []
    labels: list[int] = []
    splits: dict[str, Indices] = {}
    for split in _SPLITS:
        files = [(path, label) for label, name in enumerate(names) for path in _files(root / split / name, skipped)]
        files = _in_original_order(files)
        splits[split] = np.arange(len(paths), len(paths) + len(files))
        paths += [path for path, _ in files]
        labels += [label for _, label in files]
    firsts = [paths[int(indices[0])] for indices in splits.values()]
    samples = [*firsts, *(paths[labels.index(label)] for label in range(num_classes))]
    return SourceImages(
        pixels=UnscaledFiles(tuple(paths), SIDE),
        labels=np.array(labels, np.int64),
        class_names=names,
        splits=splits,
        flippable=True,
        skipped=skipped.skipped(),
        storage=storage_of(samples),
    )


def _class_names(root: Path, num_classes: int) -> tuple[str, ...]:
    """Return the names of the class folders, sorted."""
    train, test = (tuple(subfolders(str(root / split))) for split in _SPLITS)
    for split, names in ((TRAIN, train), (TEST, test)):
        if len(names) != num_classes or (num_classes == len(CIFAR10_CLASSES) and names != CIFAR10_CLASSES):
            expected = ", ".join(CIFAR10_CLASSES) if num_classes == len(CIFAR10_CLASSES) else "the fine labels"
            raise DataError(
                f"{root / split} holds {len(names)} class folders that are not the {num_classes} classes of "
                f"CIFAR-{num_classes} ({expected}); use `data=folder` for other images"
            )
    if train != test:
        name = min(set(train) ^ set(test))
        raise DataError(f"class '{name}' is in one of {root / TRAIN} and {root / TEST} only")
    return train


def _files(folder: Path, skipped: SkippedCounter) -> list[str]:
    paths = images_under(str(folder), skipped)
    if not paths:
        raise DataError(f"{folder} holds no images; expected files such as {folder}/0000.jpg")
    return sorted(paths, key=lambda path: (_number(path) or 0, path))


def _in_original_order(files: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return (path, label) by the numbers of the files, if each has one of its own, else as they are."""
    numbers = [_number(path) for path, _ in files]
    if None in numbers or len(set(numbers)) < len(files):
        return files
    return sorted(files, key=lambda file: _number(file[0]) or 0)


def _number(path: str) -> int | None:
    """Return the number that the name of a file begins with; None if it begins with something else."""
    digits = re.match(r"\d+", os.path.basename(path))
    return None if digits is None else int(digits[0])
