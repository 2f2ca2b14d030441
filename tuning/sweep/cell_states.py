"""The state of each cell of a sweep: one file, written atomically by one worker after another."""

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from filelock import FileLock

from decouple.files.atomic import write_text
from decouple.files.folder_lock import folder_lock
from decouple.files.json_records import parse_record, read_json, read_once, record_to_json
from tuning.sweep.cell_metrics import CellMetrics
from tuning.sweep.cells import SweepCell

DONE: Literal["done"] = "done"
FAILED: Literal["failed"] = "failed"
PENDING: Literal["pending"] = "pending"
_COLUMNS = ("cell", "state", "seconds", "error")  # of cells.csv


@dataclass(frozen=True, kw_only=True)
class CellState:
    """The state of a cell, and its metrics or its error."""

    state: Literal["done", "failed", "pending"]
    fingerprint: str  # of the settings that it was run with
    seconds: float | None = None
    error: str | None = None
    figures: dict[str, tuple[float | None, ...]] = field(default_factory=dict)  # metric -> percent, low and high end
    metrics: CellMetrics | None = None  # what every column of a table is computed from


@dataclass(frozen=True, kw_only=True)
class _CellsFile:
    """The content of cells.json."""

    format: int
    cells: dict[str, CellState]


@read_once
def _read_cells(path: Path) -> _CellsFile:
    return parse_record(_CellsFile, read_json(path), path)


def _pending(cell: SweepCell) -> CellState:
    return CellState(state=PENDING, fingerprint=cell.fingerprint)


@dataclass(frozen=True)
class CellStates:
    """The states of the cells of a sweep, in its folder: cells.json, and cells.csv for people."""

    folder: Path

    def read(self) -> dict[str, CellState]:
        """Return cell name -> state.

        Raises:
            RunError: the file is damaged.
        """
        path = self.folder / "cells.json"
        return dict(_read_cells(path).cells) if path.exists() else {}

    @property
    def version(self) -> int:
        """A number that changes with each write."""
        return (self.folder / "cells.json").stat().st_mtime_ns

    def record(self, cell: SweepCell, state: CellState) -> None:
        """Set the state of a cell; those of all others remain."""
        self.record_all([(cell, state)])

    def record_all(self, states: Sequence[tuple[SweepCell, CellState]]) -> None:
        """Set the states of cells; those of all others remain."""
        with self._file_lock():
            self._write({**self.read(), **{cell.name: state for cell, state in states}})

    def reopen(self, cells: Sequence[SweepCell]) -> None:
        """Set cells back to pending."""
        self.record_all([(cell, _pending(cell)) for cell in cells])

    def begin(self, cells: Sequence[SweepCell]) -> None:
        """Record every cell of the sweep: new ones, and those whose settings have changed, as pending."""
        with self._file_lock():
            known = self.read()
            states = {cell.name: known.get(cell.name, _pending(cell)) for cell in cells}
            unchanged = {cell.name: cell.fingerprint == states[cell.name].fingerprint for cell in cells}
            self._write({cell.name: states[cell.name] if unchanged[cell.name] else _pending(cell) for cell in cells})

    def lock(self) -> AbstractContextManager[None]:
        """Lock the sweep, so that no other process runs it.

        Raises:
            RunError: another process does.
        """
        message = f"the sweep {self.folder} is being run by another process; wait for it to end"
        return folder_lock(self.folder, in_use=message)

    def _file_lock(self) -> FileLock:
        return FileLock(self.folder / ".cells.lock")  # released when the process that holds it is killed

    def _write(self, states: Mapping[str, CellState]) -> None:
        _read_cells.write(self.folder / "cells.json", _CellsFile(format=1, cells=dict(states)))
        text = io.StringIO()
        writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows({"cell": name, **record_to_json(state)} for name, state in states.items())
        write_text(self.folder / "cells.csv", text.getvalue())
