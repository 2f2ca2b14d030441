"""A folder of images: train/, val/ and test/ with one subfolder per class, or just one subfolder per class."""

import os
from pathlib import Path

import numpy as np

from decouple.datasets.data import TEST, TRAIN, VAL, SourceImages
from decouple.datasets.image_files import IMAGE_ENDINGS, FilePixels
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError

_SPLIT_FOLDERS = {"train": TRAIN, "val": VAL, "valid": VAL, "validation": VAL, "test": TEST}
_DEFAULT_SIZE = 32  # pixels
_Files = dict[str, list[str]]  # class name -> its image files


def load(config: DataConfig) -> SourceImages:
    """Return the images under `config.root`; a class is a subfolder of train/ and its images lie at any depth there.

    Without a train/ folder the subfolders of `config.root` are the classes and everything is for training. Hidden
    files, files that are not images, and a val/ or test/ without images are ignored.

    Raises:
        DataError: no such folder, fewer than 2 classes, a class without images, or a class in val/ or test/ only.
    """
    root = _root(config)
    files = {split: _class_files(folder) for split, folder in _split_folders(root).items()}
    files = {split: by_class for split, by_class in files.items() if split == TRAIN or any(by_class.values())}
    names = _class_names(root, files)
    index_of = {name: index for index, name in enumerate(names)}
    paths: list[str] = []
    labels: list[int] = []
    splits = {}
    for split, by_class in files.items():
        start = len(paths)
        for name, images in by_class.items():
            paths += images
            labels += [index_of[name]] * len(images)
        splits[split] = np.arange(start, len(paths))
    pixels = FilePixels(tuple(paths), config.image_size or _DEFAULT_SIZE)
    return SourceImages(pixels, np.array(labels, dtype=np.int64), names, splits, flippable=True)


def _root(config: DataConfig) -> Path:
    if config.root is None:
        raise DataError("the folder data set needs `root`: a folder with train/, or with one subfolder per class")
    root = Path(config.root)
    if not root.is_dir():
        problem = "is a file, not a folder" if root.exists() else "does not exist"
        raise DataError(f"`root` {root} {problem}; give a folder with train/, or with one subfolder per class")
    return root


def _split_folders(root: Path) -> dict[str, Path]:
    """Return the folder of each split that `root` has; `root` itself is the training split when it has no train/."""
    folders: dict[str, Path] = {}
    for name, split in _SPLIT_FOLDERS.items():
        if not (root / name).is_dir():
            continue
        if split in folders:
            raise DataError(f"{root} has both {folders[split].name}/ and {name}/; rename or remove one of them")
        folders[split] = root / name
    if TRAIN in folders:
        return folders
    if folders and len(folders) == len(_subfolders(root)):
        raise DataError(f"{root} has {next(iter(folders.values())).name}/ but no train/; add the training images there")
    return {TRAIN: root}


def _subfolders(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))


def _class_files(folder: Path) -> _Files:
    return {name: _images_under(folder / name) for name in _subfolders(folder)}


def _images_under(folder: Path) -> list[str]:
    paths = []
    for parent, subfolders, files in os.walk(folder):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        paths += [
            os.path.join(parent, name)
            for name in files
            if name.lower().endswith(IMAGE_ENDINGS) and not name.startswith(".")
        ]
    return sorted(paths)


def _class_names(root: Path, files: dict[str, _Files]) -> tuple[str, ...]:
    """Return the classes of the training split.

    Raises:
        DataError: there are fewer than 2, one has no training image, or another split has one more.
    """
    train = files[TRAIN]
    if not any(train.values()):
        raise DataError(f"no images under {root}: expected files such as {root}/train/<class>/<image>.jpg")
    if len(train) < 2:
        raise DataError(f"{root} has one class only, '{next(iter(train))}'; classification needs at least 2 subfolders")
    empty = [name for name, images in train.items() if not images]
    if empty:
        raise DataError(f"class '{empty[0]}' has no training image in {root}; add some, or remove its folder")
    for split, by_class in files.items():
        unknown = [name for name, images in by_class.items() if images and name not in train]
        if unknown:
            raise DataError(
                f"class '{unknown[0]}' in the {split} split of {root} is not in train/; "
                "add training images, or remove its folder"
            )
    return tuple(train)
