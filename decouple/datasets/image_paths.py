"""From arguments of a command to image files: files, folders and patterns."""

import fnmatch
import functools
import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from decouple.datasets.image_endings import is_image
from decouple.datasets.image_tree import images_under, skip_other_file
from decouple.datasets.skipped import Skipped, SkippedCounter
from decouple.errors import DataError


@dataclass(frozen=True)
class ImagePaths:
    """The image files that arguments name, in order, and what was not read of their folders."""

    paths: tuple[str, ...]
    skipped: tuple[Skipped, ...]  # `decouple.datasets.skipped.skipped_lines` says it in lines


def expand_image_paths(arguments: Sequence[str]) -> ImagePaths:
    """Return the image files of the arguments: none twice, in the order of the arguments, sorted within each.

    A file is returned whatever its ending. A folder means the images in it and in all folders below it. A pattern such
    as ``shots/*.jpg`` or ``shots/**/*.png`` means the images among its matches, and those in the folders among them.
    There may be no image at all, if every folder is empty.

    Raises:
        DataError: there is no such file or folder, or nothing matches a pattern.

    Example:
        >>> import pathlib, tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> for name in ("b.jpg", "a.png", "notes.txt"):
        ...     pathlib.Path(folder.name, name).touch()
        >>> listing = expand_image_paths([folder.name])
        >>> [os.path.basename(path) for path in listing.paths], listing.skipped[0].reason
        (['a.png', 'b.jpg'], 'ending in .txt')
        >>> folder.cleanup()
    """
    skipped = SkippedCounter()
    resolve = functools.cache(os.path.realpath)  # of folders: two links to one image are two images
    by_location: dict[tuple[str, str], str] = {}
    for argument in arguments:
        for path in _expand(os.path.expanduser(argument), skipped):
            folder, name = os.path.split(path)
            if by_location.setdefault((resolve(folder), name), path) is not path:
                skipped.add(path, "file", "named twice")
    return ImagePaths(tuple(by_location.values()), skipped.skipped())


def _expand(argument: str, skipped: SkippedCounter) -> Iterator[str]:
    if os.path.isdir(argument):
        yield from images_under(argument, skipped)
    elif os.path.exists(argument):  # also where the name looks like a pattern: "moth[1].jpg"
        yield argument
    elif glob.has_magic(argument):
        yield from _matches(argument, skipped)
    else:
        raise DataError(f"there is no file or folder {argument}")


def _matches(pattern: str, skipped: SkippedCounter) -> Iterator[str]:
    start, recursive, rest = pattern.partition("**")
    paths = sorted(glob.glob(start if recursive else pattern))
    if not paths and not (recursive and not start):
        raise DataError(f"no file matches {pattern}")
    for path in paths or [os.curdir]:
        if recursive and os.path.isdir(path):  # glob would follow loops of links
            parts = [recursive, *rest.strip("/").split("/")] if rest.strip("/") else [recursive]
            images = images_under(path, skipped)
            yield from (image for image in images if _fits(os.path.relpath(image, path).split(os.sep), parts))
        elif os.path.isdir(path):
            yield from images_under(path, skipped)
        elif is_image(path):
            yield path
        else:
            skip_other_file(path, skipped)


def _fits(names: Sequence[str], patterns: Sequence[str]) -> bool:
    """Return whether a path matches, folder by folder; "**" stands for any number of folders."""
    if not patterns:
        return not names
    if patterns[0] == "**":
        if len(patterns) == 1:
            return True
        return any(_fits(names[start:], patterns[1:]) for start in range(len(names)))
    return bool(names) and fnmatch.fnmatchcase(names[0], patterns[0]) and _fits(names[1:], patterns[1:])
