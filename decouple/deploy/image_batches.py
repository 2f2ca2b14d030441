"""Batches of images, decoded in threads ahead of the network, in bounded memory."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from decouple.errors import DataError

Source = TypeVar("Source")
Pixels = NDArray[np.uint8]

MAX_BATCH = 256  # images
MAX_CPU_BATCH = 128  # activations of more do not fit into the cache of a processor
MAX_BATCH_BYTES = 2**26  # of pixels; the network needs many times as much
MAX_THREADS = min(16, os.cpu_count() or 1)
BATCHES_AHEAD = 2  # decoded or being decoded while the network works on one


@dataclass(frozen=True)
class UnreadableImage:
    """An image that was left out."""

    position: int  # among the sources
    reason: str


@dataclass(frozen=True, eq=False)
class ImageBatch:
    """Images that could be read."""

    positions: tuple[int, ...]  # among the sources, (B,)
    pixels: Pixels  # uint8 (B, S, S, 3)


def batch_size(image_size: int, device_type: str) -> int:
    """Return how many images of a side, in pixels, the network reads together.

    Example:
        >>> batch_size(32, "cpu"), batch_size(32, "cuda"), batch_size(1024, "cuda")
        (128, 256, 21)
    """
    most = MAX_CPU_BATCH if device_type == "cpu" else MAX_BATCH
    return max(1, min(most, MAX_BATCH_BYTES // (3 * image_size**2)))


def read_batches(
    sources: Sequence[Source],
    read: Callable[[Source], Pixels],
    size: int,
    on_unreadable: Callable[[UnreadableImage], None],
) -> Iterator[ImageBatch]:
    """Yield the images that can be read, in order, `size` of them in each batch but the last.

    The threads stay two batches ahead, so that memory does not grow with the number of images.

    Args:
        sources: paths, or anything else that `read` takes.
        read: source -> uint8 (S, S, 3), called in several threads; DataError: the image is left out.
        size: of the batches.
        on_unreadable: called for each image that is left out, in order.

    Example:
        >>> def read(text: str) -> Pixels:
        ...     if not text.isdigit():
        ...         raise DataError("no number")
        ...     return np.full((1, 1, 3), int(text), np.uint8)
        >>> left_out = []
        >>> batches = read_batches(["1", "x", "2", "3"], read, 2, left_out.append)
        >>> [(batch.positions, batch.pixels.shape) for batch in batches], left_out[0].position
        ([((0, 2), (2, 1, 1, 3)), ((3,), (1, 1, 1, 3))], 1)
    """
    positions: list[int] = []
    images: list[Pixels] = []
    for position, image in enumerate(_decoded(sources, read, BATCHES_AHEAD * size)):
        if isinstance(image, DataError):
            on_unreadable(UnreadableImage(position, str(image)))
            continue
        positions.append(position)
        images.append(image)
        if len(images) == size:
            yield ImageBatch(tuple(positions), np.stack(images))
            positions, images = [], []
    if images:
        yield ImageBatch(tuple(positions), np.stack(images))


def _decoded(sources: Sequence[Source], read: Callable[[Source], Pixels], ahead: int) -> Iterator[Pixels | DataError]:
    """Yield each image, or the error of reading it, in order."""

    def attempt(source: Source) -> Pixels | DataError:
        try:
            return read(source)
        except DataError as error:
            return error

    threads = ThreadPoolExecutor(MAX_THREADS, "decode")
    pending: deque[Future[Pixels | DataError]] = deque()
    try:
        for source in sources:
            pending.append(threads.submit(attempt, source))
            if len(pending) > ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        threads.shutdown(wait=True, cancel_futures=True)
