"""The image files below a folder, at any depth; everything else in it is counted."""

import os
from collections.abc import Iterator
from pathlib import Path

from decouple.datasets.image_endings import ending_of, hint_for, is_image
from decouple.datasets.skipped import SkippedCounter

SYSTEM_FOLDERS = ("__macosx", "@eadir", "$recycle.bin", "system volume information")  # of systems, in any folder

_FolderId = tuple[int, int]  # device and inode


def images_under(folder: str, skipped: SkippedCounter) -> list[str]:
    """Return the paths of the image files in `folder` and in the folders below it, sorted.

    Links are followed, except to a folder that has been read already, or that contains `folder`: a loop ends there.
    A link to a missing file is returned, so that reading it is an error. Hidden files and folders, other files, and
    folders that cannot be opened go to `skipped`.
    """
    paths: list[str] = []
    visited = _ids_of_parents(folder)
    pending = [folder]
    while pending:
        links: list[str] = []
        for start in pending:
            paths += _walk(start, visited, links, skipped)
        pending = [link for link in sorted(links) if _is_new(link, visited, skipped)]
    return sorted(paths)


def has_images(folder: str) -> bool:
    """Return whether `images_under` returns any; stops at the first one."""
    counter = SkippedCounter()
    return any(True for _ in _walk(folder, _ids_of_parents(folder), [], counter)) or bool(images_under(folder, counter))


def subfolders(folder: str) -> list[str]:
    """Return the sorted names of the folders in `folder`, links to folders included, without hidden ones."""
    return [entry.name for entry in entries_of(folder, SkippedCounter()) if is_folder(entry)]


def images_in(folder: str, skipped: SkippedCounter) -> list[str]:
    """Return the sorted paths of the image files straight in `folder`; other files go to `skipped`."""
    return [entry.path for entry in entries_of(folder, skipped) if not is_folder(entry) and _is_image(entry, skipped)]


def entries_of(folder: str, skipped: SkippedCounter) -> Iterator[os.DirEntry[str]]:
    """Yield the entries of a folder by name, without the hidden ones and those of the system."""
    try:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.startswith(".") or entry.name.lower() in SYSTEM_FOLDERS:
                    skipped.add(entry.path, "hidden folder" if is_folder(entry) else "hidden file")
                else:
                    yield entry
    except OSError as error:
        skipped.add(folder, "folder", f"that cannot be opened: {error.strerror}", "check its permissions")


def skip_other_file(path: str, skipped: SkippedCounter) -> None:
    """Count a file whose ending is none that can be read."""
    ending = ending_of(path)
    skipped.add(path, "file", f"ending in {ending}" if ending else "without an ending", hint_for(ending))


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder or a link to one; no for a link to itself."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _walk(folder: str, visited: set[_FolderId], links: list[str], skipped: SkippedCounter) -> Iterator[str]:
    """Yield the images of real folders; links to folders are added to `links`, to be read when these are done."""
    for entry in entries_of(folder, skipped):
        if not is_folder(entry):
            if _is_image(entry, skipped):
                yield entry.path
        elif entry.is_symlink():
            links.append(entry.path)
        else:
            visited.add(_folder_id(entry.path))
            yield from _walk(entry.path, visited, links, skipped)


def _is_new(link: str, visited: set[_FolderId], skipped: SkippedCounter) -> bool:
    folder_id = _folder_id(link)
    if folder_id in visited:
        skipped.add(link, "link", "to a folder that is read already, or contains the link")
        return False
    visited.add(folder_id)
    return True


def _ids_of_parents(folder: str) -> set[_FolderId]:
    """Return the folder itself and all folders that contain it."""
    path = Path(folder).absolute()
    return {_folder_id(str(parent)) for parent in (path, *path.parents, *path.resolve().parents)}


def _folder_id(path: str) -> _FolderId:
    status = os.stat(path)
    return status.st_dev, status.st_ino


def _is_image(entry: os.DirEntry[str], skipped: SkippedCounter) -> bool:
    if not is_image(entry.name):
        skip_other_file(entry.path, skipped)
    elif not _is_file(entry) and os.path.exists(entry.path):
        skipped.add(entry.path, "file", "that is a pipe or a device")  # reading it could wait forever
    else:
        return True
    return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False
