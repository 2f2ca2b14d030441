"""The state of each cell of a sweep: one file, written atomically by one worker after another."""

import contextlib
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from decouple.errors import RunError
from decouple.files.atomic import write_json, write_text
from decouple.files.json_records import read_json
from tuning.sweep.grid import SweepCell

DONE, FAILED, PENDING = "done", "failed", "pending"
_COLUMNS = ("cell", "state", "seconds", "error")


@dataclass(frozen=True)
class CellStates:
    """The states of the cells of a sweep, in its folder: cells.json, and cells.csv for people."""

    folder: Path

    def read(self) -> dict[str, dict[str, Any]]:
        """Return cell name -> state, fingerprint of its settings, and its results or error.

        Raises:
            RunError: the file is damaged.
        """
        path = self.folder / "cells.json"
        cells: dict[str, dict[str, Any]] = read_json(path)["cells"] if path.exists() else {}
        return cells

    def record(self, cell: SweepCell, state: str, **details: Any) -> None:
        """Set the state of a cell; those of all others remain."""
        with self._file_lock():
            cells = {**self.read(), cell.name: {"state": state, "fingerprint": cell.fingerprint, **details}}
            self._write(cells)

    def reopen(self, cells: Sequence[SweepCell]) -> None:
        """Set cells back to pending."""
        with self._file_lock():
            pending = {cell.name: {"state": PENDING, "fingerprint": cell.fingerprint} for cell in cells}
            self._write({**self.read(), **pending})

    def begin(self, cells: Sequence[SweepCell]) -> None:
        """Record every cell of the sweep: new ones, and those whose settings have changed, as pending."""
        with self._file_lock():
            known = self.read()
            states = {
                cell.name: known[cell.name]
                if known.get(cell.name, {}).get("fingerprint") == cell.fingerprint
                else {"state": PENDING, "fingerprint": cell.fingerprint}
                for cell in cells
            }
            self._write(states)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the sweep, so that no other process runs it.

        Raises:
            RunError: another process does.
        """
        lock = FileLock(self.folder / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise RunError(f"the sweep {self.folder} is being run by another process; wait for it to end") from None
        try:
            yield
        finally:
            lock.release()

    def _file_lock(self) -> FileLock:
        return FileLock(self.folder / ".cells.lock")  # released when the process that holds it is killed

    def _write(self, cells: dict[str, dict[str, Any]]) -> None:
        write_json(self.folder / "cells.json", {"format": 1, "cells": cells})
        text = io.StringIO()
        writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows({"cell": name, **details} for name, details in cells.items())
        write_text(self.folder / "cells.csv", text.getvalue())
