"""The progress of a sweep over all its cells, with the time that is left."""

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from decouple.progress import Progress
from decouple.reporting.work_plan import duration_text
from tuning.sweep.cell_states import DONE, FAILED, CellStates
from tuning.sweep.cells import SweepCell


class SweepProgress:
    """A progress that counts the cells that workers have recorded.

    Args:
        name: of the sweep.
        total: cells, those that are done already included.
        pending: cells that this call runs.
    """

    def __init__(self, name: str, *, total: int, pending: Sequence[SweepCell]) -> None:
        self._pending, self._earlier = list(pending), total - len(pending)
        self._versions: dict[Path, int] = dict.fromkeys(dict.fromkeys(cell.folder for cell in pending), 0)
        self._ended: dict[Path, int] = {}
        self._started = time.monotonic()
        self._progress = Progress(f"sweep {name}", total=total, unit="cells", done=self._earlier)

    def __enter__(self) -> Self:
        self._progress.__enter__()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.__exit__(error_type, error, traceback)

    def update(self) -> None:
        """Count the cells that have ended, and note them with the time that the others will take."""
        for folder, version in self._versions.items():
            states = CellStates(folder)
            if states.version != version:
                known, self._versions[folder] = states.read(), states.version
                cells = [cell for cell in self._pending if cell.folder == folder]
                self._ended[folder] = sum(known[cell.name].state in (DONE, FAILED) for cell in cells)
        ended = sum(self._ended.values())
        total = self._progress.total
        if self._earlier + ended > self._progress.done and total is not None:
            self._progress.advance(self._earlier + ended - self._progress.done)
            left = time_left(time.monotonic() - self._started, ended, len(self._pending))
            self._progress.note(f"{self._progress.done} of {total} cells{left}")


def time_left(seconds: float, ended: int, pending: int) -> str:
    """Return the time that the rest of the cells takes at the mean speed so far.

    Example:
        >>> time_left(60.0, 10, 40)
        ', 3 min 0 s left'
    """
    if not 0 < ended < pending:
        return ""
    return f", {duration_text(seconds / ended * (pending - ended))} left"
