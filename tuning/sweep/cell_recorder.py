"""Recording the cells of a task: at once when they take long, together when many end in a moment."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tuning.sweep.cell_states import CellState, CellStates
from tuning.sweep.cells import SweepCell

FLUSH_SECONDS = 2.0  # that a finished cell waits at most for the next one


class CellRecorder:
    """Writes states to the cells.json of their sweeps, which cost as much for one state as for a hundred.

    Use it as a context: leaving it writes the rest. A killed process loses the states of the last two seconds; their
    cells then count as failed with it.

    Args:
        clock: function that returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: list[tuple[SweepCell, CellState]] = []
        self._written = clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.flush()

    def record(self, cell: SweepCell, state: CellState) -> None:
        """Set the state of a cell, now or with those that follow."""
        self._waiting.append((cell, state))
        if self._clock() - self._written >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write the states that wait."""
        waiting, self._waiting = self._waiting, []
        for folder in dict.fromkeys(cell.folder for cell, _ in waiting):
            CellStates(folder).record_all([(cell, state) for cell, state in waiting if cell.folder == folder])
        self._written = self._clock()
