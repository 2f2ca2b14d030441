"""Numbers of all images in a temporary file, where all are needed before the first can be used."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]


class RowSpool:
    """Batches of rows (B, W) as float32 in a file that is deleted at the end; memory holds one batch.

    Args:
        width: W.
        folder: where the file is; default: that of the system.

    Example:
        >>> with RowSpool(2) as spool:
        ...     spool.append(np.array([[0.25, 0.75]]))
        ...     spool.all_rows().shape, [batch.tolist() for batch in spool.batches()]
        ((1, 2), [[[0.25, 0.75]]])
    """

    def __init__(self, width: int, folder: Path | None = None) -> None:
        self._width = width
        self._sizes: list[int] = []
        self._file = tempfile.TemporaryFile(prefix="decouple-", dir=folder)  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, rows: NDArray[np.floating]) -> None:
        """Write a batch, (B, W).

        Raises:
            OSError: the disk is full.
        """
        self._file.write(np.ascontiguousarray(rows, dtype=np.float32).data)
        self._sizes.append(len(rows))

    def all_rows(self) -> Rows:
        """Return all rows, memory-mapped, (N, W); N must be above 0."""
        self._file.flush()
        shape = (sum(self._sizes), self._width)
        return np.memmap(self._file, np.float32, "r", shape=shape).view(np.ndarray)

    def batches(self) -> Iterator[Rows]:
        """Yield the batches as they were written."""
        rows, start = self.all_rows(), 0
        for size in self._sizes:
            yield rows[start : start + size]
            start += size
