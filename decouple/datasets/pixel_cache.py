"""Image files are decoded once: their pixels lie in a file beside the runs, which later commands map into memory.

``<folder>/<kind>-<source>-<key>.npy`` is a plain array of uint8, and behind it one line of JSON with key and checksum.
The kind says what the array holds: `images`, or, for --skip-bad-images, which files are `readable`. The source stands
for the settings that choose the images, the key for the files as they are now. So a changed file gives another key,
whose array takes the place of the source's old one.
"""

import contextlib
import errno
import hashlib
import io
import math
import os
import re
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import PIL
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from decouple.datasets.image_files import DECODING, FilePixels
from decouple.datasets.settings import DataConfig
from decouple.files.atomic import replacing
from decouple.log import logger

Array = NDArray[np.uint8]

MOST_KEPT = 8  # arrays of a kind; the least recently used go first
SPARE = 2**30  # bytes that stay free on the disk, for weights and checkpoints
_FACTS = rb'\{"key": "([0-9a-f]+)", "crc32": ([0-9]+)\}\n'  # behind the array
_PLACES = ("root", "train_list", "val_list", "test_list", "csv")
_CHOOSE_NOTHING = (
    "download",
    "image_size",
    "val_fraction",
    "longtailed_test",
)  # the same files are read, whatever they say


@dataclass(frozen=True)
class PixelCache:
    """The arrays of one source in a folder that several sources and processes share."""

    folder: Path
    source: str

    def array(
        self, kind: str, files: FilePixels, shape: tuple[int, ...], make: Callable[[], Iterable[Array]], *, check: bool
    ) -> Array:
        """Return the array made of `files`, mapped and read-only; `make` is called only where it is not there yet.

        Where it is damaged one line says so, and it is made again. Another process that makes it is waited for.

        Args:
            kind: what the array holds.
            files: the files it is made of.
            shape: its shape.
            make: yields its rows in order, in parts.
            check: whether the checksum is compared, for which all of it is read.
        Raises:
            OSError: it cannot be kept, as the folder cannot be written or the disk has no room.
        """
        key = key_of(files)
        path = self.folder / f"{kind}-{self.source}-{key}.npy"
        found = _find(path, key, shape, check)
        if found is not None:
            return found
        with self._held(kind):
            found = _find(path, key, shape, check)  # which another process may have made meanwhile
            if found is None:
                self._make_room(kind, math.prod(shape))
                _write(path, key, shape, make())
                found = _map(path, key, shape, check=False)
        return found

    @contextlib.contextmanager
    def _held(self, kind: str) -> Iterator[None]:
        """Keep other processes from making the same array at the same time; a failure leaves no new folder behind."""
        new_folders = [folder for folder in (self.folder, *self.folder.parents) if not folder.exists()]
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._lock_file(kind, self.source))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            logger.warning("another process is decoding the same images; waiting for it")
            lock.acquire()
        try:
            yield
        except BaseException:
            if new_folders:
                self._lock_file(kind, self.source).unlink(missing_ok=True)
            for made in new_folders:
                with contextlib.suppress(OSError):  # another process has put something into it
                    made.rmdir()
            raise
        finally:
            lock.release()

    def _lock_file(self, kind: str, source: str) -> Path:
        return self.folder / f".{kind}-{source}.lock"

    def _make_room(self, kind: str, needed: int) -> None:
        """Remove what this source had before, what killed processes left of it, and the least recently used arrays."""
        for old in (*self.folder.glob(f"{kind}-{self.source}-*"), *self.folder.glob(f".{kind}-{self.source}-*.part")):
            old.unlink(missing_ok=True)
        for old in sorted(self.folder.glob(f"{kind}-*.npy"), key=_last_used)[: 1 - MOST_KEPT]:
            old.unlink(missing_ok=True)  # a process that has mapped it keeps it
            self._lock_file(*old.name.split("-")[:2]).unlink(missing_ok=True)
        free = shutil.disk_usage(self.folder).free
        if needed + SPARE > free:
            words = (
                f"they take {needed / 1e6:,.1f} MB, {free / 1e6:,.1f} are free there, and {SPARE / 1e6:,.0f} stay so"
            )
            raise OSError(errno.ENOSPC, words, str(self.folder))


def open_cache(folder: Path, config: DataConfig) -> PixelCache:
    """Return the cache in `folder` of the images that the settings choose."""
    chosen = []
    for name in sorted({each.name for each in fields(DataConfig)} - set(_CHOOSE_NOTHING)):
        value = getattr(config, name)
        chosen.append((name, os.path.abspath(value) if name in _PLACES and value is not None else value))
    return PixelCache(folder, _digest(repr(chosen), size=8))


def key_of(files: FilePixels) -> str:
    """Return what the pixels depend on as 32 hexadecimal digits.

    Each file in order with its size, time of modification and time of change (which moves even where `cp -p` sets the
    first back); the side they are scaled to; the versions of this package's decoding and of Pillow.
    """
    described = "\n".join(f"{os.path.abspath(path)}\0{_state(path)}" for path in files.paths)
    return _digest(f"{DECODING} {PIL.__version__} {files.size}\n{described}", size=16)


def _digest(text: str, *, size: int) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=size).hexdigest()


def _state(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return "gone"
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def _find(path: Path, key: str, shape: tuple[int, ...], check: bool) -> Array | None:
    """Return the array in a file, None where there is none; a damaged file is removed, with a line that says why."""
    try:
        found = _map(path, key, shape, check)
    except FileNotFoundError:
        return None
    except ValueError as error:
        logger.warning(f"the cached images {path} are damaged ({error}); they are made again")
        path.unlink(missing_ok=True)
        return None
    with contextlib.suppress(OSError):  # another user's, perhaps
        os.utime(path)
    return found


def _map(path: Path, key: str, shape: tuple[int, ...], check: bool) -> Array:
    """Return the array in a file.

    Raises:
        ValueError: the file is not what `_write` wrote; the message says in what.
        OSError: it cannot be read.
    """
    start = _header(shape)
    with path.open("rb") as opened:
        begins_well = opened.read(len(start)) == start
        opened.seek(len(start) + math.prod(shape))
        facts = re.fullmatch(_FACTS, opened.read())
    if facts is None:
        raise ValueError("it is not whole")
    if not begins_well or facts[1].decode() != key:
        raise ValueError("it holds something else")
    mapped = np.memmap(path, np.uint8, "r", offset=len(start), shape=shape)
    if check and int(facts[2]) != zlib.crc32(mapped.reshape(-1).data):
        raise ValueError("its checksum is wrong")
    return mapped.view(np.ndarray)


def _write(path: Path, key: str, shape: tuple[int, ...], parts: Iterable[Array]) -> None:
    checksum = 0
    with replacing(path) as temporary, temporary.open("wb") as opened:
        opened.write(_header(shape))
        for part in parts:
            rows = np.ascontiguousarray(part).reshape(-1).data
            checksum = zlib.crc32(rows, checksum)
            opened.write(rows)
        opened.write(f'{{"key": "{key}", "crc32": {checksum}}}\n'.encode())


def _header(shape: tuple[int, ...]) -> bytes:
    written = io.BytesIO()
    np.lib.format.write_array_header_1_0(written, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return written.getvalue()


def _last_used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # removed by another process
        return 0.0
