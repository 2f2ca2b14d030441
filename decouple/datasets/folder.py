"""A folder of images: train/, val/ and test/ with one subfolder per class, or just one subfolder per class."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from decouple.datasets.class_names import find_similar, how_names_differ, warn_of_similar
from decouple.datasets.data import TRAIN, SourceImages
from decouple.datasets.folder_layout import ClassFolder, find_class_folders
from decouple.datasets.image_files import FilePixels
from decouple.datasets.image_tree import has_images, images_under, subfolders
from decouple.datasets.settings import DataConfig
from decouple.datasets.skipped import SkippedCounter, skipped_lines
from decouple.errors import DataError

_DEFAULT_SIZE = 32  # pixels


def load(config: DataConfig) -> SourceImages:
    """Return the images under `config.root`; a class is a subfolder of train/ and its images lie at any depth there.

    Without a train/ folder the subfolders of `config.root` are the classes and everything is for training; see
    `decouple.datasets.folder_layout` for other layouts. A val/ or test/ without images is ignored. Whatever else is
    not read is counted in `skipped`.

    Raises:
        DataError: no such folder, fewer than 2 classes, a class without images, or a class in val/ or test/ only.
    """
    root = _root(config)
    skipped = SkippedCounter(root)
    folders = find_class_folders(root, skipped)
    files = [images_under(folder.path, skipped) for folder in folders]
    names = _class_names(root, folders, files)
    index_of = {name: index for index, name in enumerate(names)}
    labels = np.repeat([index_of.get(folder.name, -1) for folder in folders], [len(images) for images in files])
    split_of = np.repeat([folder.split for folder in folders], [len(images) for images in files])
    splits = {split: np.flatnonzero(split_of == split) for split in dict.fromkeys(split_of.tolist())}
    pixels = FilePixels(tuple(path for images in files for path in images), config.image_size or _DEFAULT_SIZE)
    return SourceImages(pixels, labels.astype(np.int64), names, splits, flippable=True, skipped=skipped.skipped())


def _root(config: DataConfig) -> str:
    if config.root is None:
        raise DataError("the folder data set needs `root`: a folder with train/, or with one subfolder per class")
    if not os.path.isdir(config.root):
        problem = "is a file, not a folder" if os.path.exists(config.root) else "does not exist"
        raise DataError(f"{config.root} {problem}; give a folder with train/, or with one subfolder per class")
    return str(Path(config.root))


def _class_names(root: str, folders: Sequence[ClassFolder], files: Sequence[list[str]]) -> tuple[str, ...]:
    """Return the classes of the training split, with a warning if two differ by case or blanks alone.

    Raises:
        DataError: there are fewer than 2, one has no training image, or another split has one more.
    """
    train = {folder.name: images for folder, images in zip(folders, files, strict=True) if folder.split == TRAIN}
    if not any(train.values()):
        raise _no_images_error(root, folders)
    if len(train) < 2:
        raise _one_class_error(root, next(folder for folder in folders if folder.split == TRAIN))
    for folder, images in zip(folders, files, strict=True):
        if folder.split == TRAIN and not images:
            raise _empty_class_error(root, folder)
        if images and folder.name not in train:
            raise _unknown_class_error(root, folder, tuple(train))
    warn_of_similar(tuple(train), root)
    return tuple(train)


def _no_images_error(root: str, folders: Sequence[ClassFolder]) -> DataError:
    skipped = SkippedCounter(root)
    for folder in folders:
        images_under(folder.path, skipped)
    message = f"no images under {root}: expected files such as {root}/train/<class>/<image>.jpg"
    return DataError("; ".join([message, *skipped_lines(skipped.skipped())]))


def _one_class_error(root: str, folder: ClassFolder) -> DataError:
    message = f"{root} has one class only, '{folder.name}'; classification needs at least 2 subfolders"
    path, inner = folder.path, _filled_subfolders(folder.path)
    while len(inner) == 1:
        path = os.path.join(path, inner[0])
        inner = _filled_subfolders(path)
    if inner:
        message += f". If {', '.join(inner[:3])}{', ...' if len(inner) > 3 else ''} are classes, give the folder {path}"
    return DataError(message)


def _filled_subfolders(path: str) -> list[str]:
    """Return the names of the subfolders with images at any depth; links are not followed."""
    names = [name for name in subfolders(path) if not os.path.islink(os.path.join(path, name))]
    return [name for name in names if has_images(os.path.join(path, name))]


def _empty_class_error(root: str, folder: ClassFolder) -> DataError:
    skipped = SkippedCounter(root)
    images_under(folder.path, skipped)
    message = f"class '{folder.name}' has no training image in {root}; add some, or remove its folder"
    return DataError("; ".join([message, *skipped_lines(skipped.skipped())]))


def _unknown_class_error(root: str, folder: ClassFolder, train: Sequence[str]) -> DataError:
    message = f"class '{folder.name}' in the {folder.split} split of {root} is not in train/; "
    similar = find_similar(folder.name, train)
    if similar is not None:
        return DataError(
            f"{message}it differs from '{similar}' by {how_names_differ(folder.name, similar)} alone: "
            "give both folders one name"
        )
    return DataError(f"{message}add training images, or remove its folder")
