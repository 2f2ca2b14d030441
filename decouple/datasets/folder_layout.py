"""Which folders below a root are splits, and which are classes."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from decouple.datasets.data import TEST, TRAIN, VAL
from decouple.datasets.image_tree import has_images, images_in, images_under, subfolders
from decouple.datasets.skipped import SkippedCounter
from decouple.errors import DataError
from decouple.log import logger

_SPLIT_NAMES = {  # folder name in lower case -> split
    "train": TRAIN, "training": TRAIN, "val": VAL, "valid": VAL, "validation": VAL, "test": TEST, "testing": TEST,
}  # fmt: skip
_MAX_WRAPPERS = 3  # folders around a data set, such as those of an archive


@dataclass(frozen=True)
class ClassFolder:
    """A folder with the images of one class in one split."""

    split: str
    name: str  # of the class
    path: str


def find_class_folders(root: str, skipped: SkippedCounter) -> list[ClassFolder]:
    """Return the class folders below `root`, training first; what is passed over goes to `skipped`.

    Read are ``root/train/<class>`` with val/ and test/ beside it, in any case and also called training, valid,
    validation and testing; ``root/<class>``, also with val/ or test/ beside the classes; and
    ``root/<class>/train``. If the root holds nothing but one folder with train/, that folder is the root.

    Raises:
        DataError: the folders allow no reading, or more than one; the message says what to do.
    """
    root = _inner_root(root)
    folders = subfolders(root)
    splits = _split_folders(root, folders)
    others = [name for name in folders if name not in splits.values()]
    if TRAIN in splits and not (len(splits) == 1 and _is_class_named_train(root, splits[TRAIN], others)):
        _skip_folders_beside(root, others, splits[TRAIN], skipped)
        return _classes_of_splits(root, splits, skipped)
    if splits and TRAIN not in splits:
        return _splits_beside_classes(root, splits, others, skipped)
    if by_class := _splits_below_classes(root, folders):
        _skip_loose_images(root, skipped)
        return by_class
    return _flat_classes(root, folders, skipped)


def split_of(name: str) -> str | None:
    """Return the split that a folder name stands for.

    Example:
        >>> split_of("Validation"), split_of("wasp")
        ('val', None)
    """
    return _SPLIT_NAMES.get(name.strip().lower())


def _inner_root(root: str) -> str:
    """Return the folder to read: `root`, or the only folder in it, if that one holds train/."""
    inner = root
    for _ in range(_MAX_WRAPPERS):
        names = subfolders(inner)
        if len(names) != 1 or split_of(names[0]) is not None or _count_images_in(inner):
            break
        inner = os.path.join(inner, names[0])
        if any(split_of(name) == TRAIN for name in subfolders(inner)):
            logger.info(f"reading {inner}, the only folder in {root}")
            return inner
    return root


def _split_folders(root: str, folders: Sequence[str]) -> dict[str, str]:
    """Return the folder name of each split.

    Raises:
        DataError: two folders are the same split.
    """
    splits: dict[str, str] = {}
    for name in folders:
        split = split_of(name)
        if split in splits:
            raise DataError(
                f"{root} has both {splits[split]}/ and {name}/, which are both the {split} split; "
                "rename or remove one of them"
            )
        if split is not None:
            splits[split] = name
    return {split: splits[split] for split in (TRAIN, VAL, TEST) if split in splits}


def _is_class_named_train(root: str, name: str, others: Sequence[str]) -> bool:
    """Return whether `name` is a class of trains: no folders in it, images, and other folders with images beside it."""
    path = os.path.join(root, name)
    if (
        subfolders(path)
        or not _count_images_in(path)
        or not any(has_images(os.path.join(root, other)) for other in others)
    ):
        return False
    logger.info(f"{path} is read as a class: it holds images, no folders, and lies beside other folders of images")
    return True


def _classes_of_splits(root: str, splits: Mapping[str, str], skipped: SkippedCounter) -> list[ClassFolder]:
    """Return the class folders of ``root/<split>/<class>``."""
    classes = []
    _skip_loose_images(root, skipped)
    for split, folder in splits.items():
        path = os.path.join(root, folder)
        names = subfolders(path)
        if split == TRAIN and not names and (loose := _count_images_in(path)):
            raise DataError(
                f"{path} holds {_images(loose)} and no class folders; put the images of each class into a folder "
                "named after the class, or list them in a table and use `data=csv`"
            )
        _skip_loose_images(path, skipped)
        classes += [ClassFolder(split, name, os.path.join(path, name)) for name in names]
    return classes


def _splits_beside_classes(
    root: str, splits: Mapping[str, str], others: Sequence[str], skipped: SkippedCounter
) -> list[ClassFolder]:
    """Return the class folders of ``root/<class>``, for training, and of ``root/test/<class>`` beside them.

    Raises:
        DataError: there are no classes beside test/, or test/ does not hold the same ones.
    """
    first = next(iter(splits.values()))
    training = [name for name in others if has_images(os.path.join(root, name))]
    for folder in splits.values():
        names = subfolders(os.path.join(root, folder))
        if len(training) < 2 or not names or not set(names) <= set(training):
            raise DataError(
                f"{root} has {first}/ but no train/; move the class folders for training into {root}/train, or, "
                f"if {folder}/ is a class, give it another name"
            )
    classes = [ClassFolder(TRAIN, name, os.path.join(root, name)) for name in training]
    return classes + _classes_of_splits(root, splits, skipped)


def _splits_below_classes(root: str, folders: Sequence[str]) -> list[ClassFolder]:
    """Return the class folders of ``root/<class>/<split>``; none if the folders lie in another way.

    Raises:
        DataError: several folders hold a data set each.
    """
    splits_of = {os.path.join(root, name): _only_splits(os.path.join(root, name)) for name in folders}
    holders = {path: splits for path, splits in splits_of.items() if TRAIN in splits}
    for path, splits in holders.items():
        if subfolders(os.path.join(path, splits[TRAIN])):
            raise DataError(f"{root} holds no data set, but {path} does; give `root={path}`")
    for path in splits_of.keys() - holders.keys() if holders else ():
        if has_images(path):
            raise DataError(
                f"{next(iter(holders))} is divided into splits and {path} is not; divide every class, or none"
            )
    classes = [
        ClassFolder(split, os.path.basename(path), os.path.join(path, folder))
        for path, splits in holders.items()
        for split, folder in splits.items()
    ]
    return sorted(classes, key=lambda folder: (TRAIN, VAL, TEST).index(folder.split))


def _only_splits(path: str) -> dict[str, str]:
    """Return the folder name of each split in `path`; none if there are other folders too."""
    names = subfolders(path)
    return _split_folders(path, names) if all(split_of(name) for name in names) else {}


def _flat_classes(root: str, folders: Sequence[str], skipped: SkippedCounter) -> list[ClassFolder]:
    """Return the class folders of ``root/<class>``, all for training."""
    loose = _count_images_in(root)
    if loose and not folders:
        raise DataError(
            f"{root} holds {_images(loose)} and no class folders; {_parent_hint(root)}put the images of each class "
            "into a folder named after the class, and give the folder above"
        )
    _warn_of_other_splits(root)
    _skip_loose_images(root, skipped)
    return [ClassFolder(TRAIN, name, os.path.join(root, name)) for name in folders]


def _parent_hint(root: str) -> str:
    parent, name = os.path.split(os.path.abspath(root))
    beside = [other for other in subfolders(parent) if _count_images_in(os.path.join(parent, other))]
    if len(beside) < 2:
        return ""
    above = parent if split_of(os.path.basename(parent)) is None else os.path.dirname(parent)
    return f"if {name}/ is one class, give `root={above}`; otherwise "


def _warn_of_other_splits(root: str) -> None:
    """Warn if `root` is train/ and lies beside test/, which is not read then."""
    parent, name = os.path.split(os.path.abspath(root))
    if split_of(name) is None:
        return
    beside = [other for other in subfolders(parent) if split_of(other) not in (None, split_of(name))]
    if beside:
        logger.warning(f"{root} lies beside {beside[0]}/, which is not read; give `root={parent}` to read all splits")


def _skip_folders_beside(root: str, names: Sequence[str], train: str, skipped: SkippedCounter) -> None:
    hint = f"if they are classes, move them into {train}/"
    for name in names:
        count = len(images_under(os.path.join(root, name), SkippedCounter()))
        if count:
            skipped.add(os.path.join(root, name), "image", f"in folders beside {train}/", hint, count=count)


def _skip_loose_images(folder: str, skipped: SkippedCounter) -> None:
    for path in images_in(folder, skipped):
        skipped.add(path, "image", "outside class folders", "put each into the folder of its class")


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"


def _count_images_in(folder: str) -> int:
    return len(images_in(folder, SkippedCounter()))
