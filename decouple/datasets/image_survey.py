"""A look at image files without decoding them: sizes and formats by their headers, and files that are cut off."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.image_decoding import read_header
from decouple.datasets.image_files import MAX_THREADS, FilePixels, ReportProgress, read_image

_CHUNK = 1024  # images between two reports of progress
_TAIL = 4096  # bytes at the end of a file in which its end mark is looked for
_END_MARKS = {"JPEG": b"\xff\xd9", "MPO": b"\xff\xd9", "PNG": b"IEND"}
_RIFF_HEADER = 8  # bytes of a WebP file that its own length does not count


@dataclass(frozen=True)
class ImageSurvey:
    """What the headers of N image files say."""

    widths: NDArray[np.int64]  # (N,) pixels
    heights: NDArray[np.int64]  # (N,) pixels
    formats: Mapping[str, int]  # Pillow's name of a format -> number of files, the most frequent first

    @property
    def shorter_sides(self) -> NDArray[np.int64]:
        """Return the shorter side of each image, (N,), in pixels; the side that `image_size` scales."""
        return np.minimum(self.widths, self.heights)


def survey_images(files: FilePixels, progress: ReportProgress | None = None) -> ImageSurvey:
    """Return what the headers of the files say; a file that seems to be cut off is decoded.

    Raises:
        DataError: a file is missing, no image, or cut off; the message names it.
    """
    headers: list[tuple[int, int, str]] = []
    with ThreadPoolExecutor(MAX_THREADS) as threads:
        for start in range(0, len(files), _CHUNK):
            headers += threads.map(_survey, files.paths[start : start + _CHUNK])
            if progress is not None:
                progress(len(headers), len(files))
    widths, heights, formats = zip(*headers, strict=True) if headers else ((), (), ())
    names, counts = np.unique(np.array(formats, dtype=str), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    by_format = {str(names[index]): int(counts[index]) for index in order}
    return ImageSurvey(np.array(widths, dtype=np.int64), np.array(heights, dtype=np.int64), by_format)


def _survey(path: str) -> tuple[int, int, str]:
    header = read_header(path)
    if not _seems_complete(path, header[2]):
        read_image(path, 1)  # an error if it is cut off
    return header


def _seems_complete(path: str, image_format: str) -> bool:
    """Return whether the end of a JPEG, PNG or WebP file is where it belongs; yes for other formats."""
    with open(path, "rb") as file:
        if image_format == "WEBP":
            length = int.from_bytes(file.read(_RIFF_HEADER)[4:], "little") + _RIFF_HEADER
            return os.path.getsize(path) >= length
        if image_format not in _END_MARKS:
            return True
        file.seek(-min(_TAIL, os.path.getsize(path)), os.SEEK_END)
        return _END_MARKS[image_format] in file.read()
