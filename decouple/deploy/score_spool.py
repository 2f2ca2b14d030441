"""Scores of all images in a temporary file, where all are needed before the first decision can be made."""

import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


class ScoreSpool:
    """Batches of scores (B, C) as float32 in a file that is deleted at the end; memory holds one batch.

    Example:
        >>> with ScoreSpool(2) as spool:
        ...     spool.append(np.array([[0.25, 0.75]]))
        ...     spool.all_rows().shape, [batch.tolist() for batch in spool.batches()]
        ((1, 2), [[[0.25, 0.75]]])
    """

    def __init__(self, num_classes: int) -> None:
        self._num_classes = num_classes
        self._sizes: list[int] = []
        self._file = tempfile.TemporaryFile(prefix="decouple-")  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, scores: NDArray[np.floating]) -> None:
        """Write a batch, (B, C).

        Raises:
            OSError: the disk is full.
        """
        self._file.write(np.ascontiguousarray(scores, dtype=np.float32).data)
        self._sizes.append(len(scores))

    def all_rows(self) -> Scores:
        """Return all rows, memory-mapped, (N, C); N must be above 0."""
        self._file.flush()
        shape = (sum(self._sizes), self._num_classes)
        return np.memmap(self._file, np.float32, "r", shape=shape).view(np.ndarray)

    def batches(self) -> Iterator[Scores]:
        """Yield the batches as they were written."""
        rows, start = self.all_rows(), 0
        for size in self._sizes:
            yield rows[start : start + size]
            start += size
