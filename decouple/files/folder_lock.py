"""The lock of a folder that one process writes to at a time."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from decouple.errors import RunError


@contextlib.contextmanager
def folder_lock(folder: Path, *, in_use: str, wait_seconds: float = 0) -> Iterator[None]:
    """Hold a folder for writing; the lock ends with its process, however that ends.

    Args:
        folder: what to lock.
        in_use: the message where another process holds it.
        wait_seconds: how long to wait for another process.

    Raises:
        RunError: another process holds it.
    """
    lock = FileLock(folder / ".lock", timeout=wait_seconds)
    try:
        lock.acquire()
    except Timeout:
        raise RunError(in_use) from None
    try:
        yield
    finally:
        lock.release()


def is_locked(folder: Path) -> bool:
    """Return whether a process holds a folder for writing; where the folder cannot be written to, False.

    A lock that cannot be tried belongs to another user, or the folder is a read-only copy.
    """
    if not (folder / ".lock").exists():
        return False
    try:
        with FileLock(folder / ".lock", timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False
