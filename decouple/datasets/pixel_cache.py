"""The cache of decoded images: a file beside the runs holds their pixels, and later commands map it into memory.

``<folder>/<kind>-<source>-<key>.npy`` is a plain array of uint8, followed by one line of JSON with key and checksum.
The kind is `images`, or `readable` for the mask of readable files (option `skip_bad_images`). The source is a hash of
the settings that choose the images, the key one of the state of the files. A changed file gives another key, and the
new array replaces the old one of the source.
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

from decouple.datasets.image_files import DECODER_VERSION, FilePixels
from decouple.datasets.settings import DataConfig
from decouple.files.atomic import replacing
from decouple.log import logger

Array = NDArray[np.uint8]

MAX_ARRAYS = 8  # arrays of a kind; the least recently used are removed first
MIN_FREE_BYTES = 2**30  # left free on the disk, for weights and checkpoints
_FOOTER = rb'\{"key": "([0-9a-f]+)", "crc32": ([0-9]+)\}\n'  # after the array
_PATH_OPTIONS = ("root", "train_list", "val_list", "test_list", "csv")
_IRRELEVANT_OPTIONS = (
    "download",
    "image_size",
    "val_fraction",
    "longtailed_test",
    "test_ratio",
    "test_max_count",
    "label_noise",
)  # these options do not change which files are read, or how


@dataclass(frozen=True)
class PixelCache:
    """The arrays of one source, in a folder that several sources and processes share."""

    folder: Path
    source: str

    def array(
        self, kind: str, files: FilePixels, shape: tuple[int, ...], make: Callable[[], Iterable[Array]], *, check: bool
    ) -> Array:
        """Return the array computed from `files`, memory-mapped and read-only; `make` is called if it is not stored.

        A damaged array is computed again, with a warning. If another process computes the array, this one waits.

        Args:
            kind: what the array holds.
            files: the image files.
            shape: of the array.
            make: returns the rows in order, in chunks.
            check: whether to compare the checksum, which reads the whole array.

        Raises:
            OSError: the array cannot be stored: the folder cannot be written, or the disk is full.
        """
        key = key_of(files)
        path = self.folder / f"{kind}-{self.source}-{key}.npy"
        array = _find_array(path, key, shape, check)
        if array is not None:
            return array
        with self._locked(kind):
            array = _find_array(path, key, shape, check)  # another process may have stored it meanwhile
            if array is None:
                self._make_room(kind, math.prod(shape))
                _write_array(path, key, shape, make())
                array = _map_array(path, key, shape, check=False)
        return array

    @contextlib.contextmanager
    def _locked(self, kind: str) -> Iterator[None]:
        """Lock the array against other processes; after an error, remove the folders that were created for it."""
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
            for folder in new_folders:
                with contextlib.suppress(OSError):  # another process has put something into it
                    folder.rmdir()
            raise
        finally:
            lock.release()

    def _lock_file(self, kind: str, source: str) -> Path:
        return self.folder / f".{kind}-{source}.lock"

    def _make_room(self, kind: str, size_bytes: int) -> None:
        """Remove the old array of this source, the rest of killed processes, and the least recently used arrays."""
        for old in (*self.folder.glob(f"{kind}-{self.source}-*"), *self.folder.glob(f".{kind}-{self.source}-*.part")):
            old.unlink(missing_ok=True)
        for old in sorted(self.folder.glob(f"{kind}-*.npy"), key=_modified)[: 1 - MAX_ARRAYS]:
            old.unlink(missing_ok=True)  # a process that has mapped the file keeps its content
            self._lock_file(*old.name.split("-")[:2]).unlink(missing_ok=True)
        free = shutil.disk_usage(self.folder).free
        if size_bytes + MIN_FREE_BYTES > free:
            message = f"they take {size_bytes / 1e6:,.1f} MB, {free / 1e6:,.1f} are free there, "
            message += f"and {MIN_FREE_BYTES / 1e6:,.0f} stay so"
            raise OSError(errno.ENOSPC, message, str(self.folder))


def open_cache(folder: Path, config: DataConfig) -> PixelCache:
    """Return the cache, in `folder`, of the images that the settings choose."""
    choice = []
    for name in sorted({field.name for field in fields(DataConfig)} - set(_IRRELEVANT_OPTIONS)):
        value = getattr(config, name)
        choice.append((name, os.path.abspath(value) if name in _PATH_OPTIONS and value is not None else value))
    return PixelCache(folder, _digest(repr(choice), size=8))


def key_of(files: FilePixels) -> str:
    """Return a hash of all that the pixels depend on, 32 hexadecimal digits.

    It covers each file in order with its size, its time of modification and its time of change (which changes even
    where `cp -p` preserves the former); the side in pixels; the versions of this package's decoder and of Pillow.
    """
    description = "\n".join(f"{os.path.abspath(path)}\0{_state(path)}" for path in files.paths)
    return _digest(f"{DECODER_VERSION} {PIL.__version__} {files.size}\n{description}", size=16)


def _digest(text: str, *, size: int) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=size).hexdigest()


def _state(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return "gone"
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def _find_array(path: Path, key: str, shape: tuple[int, ...], check: bool) -> Array | None:
    """Return the stored array, or None; a damaged file is removed, with a warning that gives the reason."""
    try:
        array = _map_array(path, key, shape, check)
    except FileNotFoundError:
        return None
    except ValueError as error:
        logger.warning(f"the cached images {path} are damaged ({error}); they are decoded again")
        path.unlink(missing_ok=True)
        return None
    with contextlib.suppress(OSError):  # the file may belong to another user
        os.utime(path)
    return array


def _map_array(path: Path, key: str, shape: tuple[int, ...], check: bool) -> Array:
    """Return the array in a file.

    Raises:
        ValueError: the file is not what `_write_array` wrote; the message gives the reason.
        OSError: it cannot be read.
    """
    start = _header(shape)
    with path.open("rb") as opened:
        begins_well = opened.read(len(start)) == start
        opened.seek(len(start) + math.prod(shape))
        footer = re.fullmatch(_FOOTER, opened.read())
    if footer is None:
        raise ValueError("it is incomplete")
    if not begins_well or footer[1].decode() != key:
        raise ValueError("it holds something else")
    mapped = np.memmap(path, np.uint8, "r", offset=len(start), shape=shape)
    if check and int(footer[2]) != zlib.crc32(mapped.reshape(-1).data):
        raise ValueError("its checksum is wrong")
    return mapped.view(np.ndarray)


def _write_array(path: Path, key: str, shape: tuple[int, ...], parts: Iterable[Array]) -> None:
    checksum = 0
    with replacing(path) as temporary, temporary.open("wb") as opened:
        opened.write(_header(shape))
        for part in parts:
            rows = np.ascontiguousarray(part).reshape(-1).data
            checksum = zlib.crc32(rows, checksum)
            opened.write(rows)
        opened.write(f'{{"key": "{key}", "crc32": {checksum}}}\n'.encode())


def _header(shape: tuple[int, ...]) -> bytes:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return header.getvalue()


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # removed by another process
        return 0.0
