"""What has become of each cell: one file, whole at any moment, written by all workers in turn."""

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
from tuning.sweep.plan import Cell

DONE, FAILED, PENDING = "done", "failed", "pending"
_COLUMNS = ("cell", "state", "seconds", "error")


@dataclass(frozen=True)
class States:
    """The states of a sweep's cells in its folder: cells.json, and cells.csv for people."""

    folder: Path

    def read(self) -> dict[str, dict[str, Any]]:
        """Return cell name -> state, fingerprint of its settings, and what is known of it.

        Raises:
            RunError: the file is damaged.
        """
        path = self.folder / "cells.json"
        cells: dict[str, dict[str, Any]] = read_json(path)["cells"] if path.exists() else {}
        return cells

    def record(self, cell: Cell, state: str, **facts: Any) -> None:
        """Set the state of a cell; those of all others stay."""
        with self._turn():
            cells = {**self.read(), cell.name: {"state": state, "fingerprint": cell.fingerprint, **facts}}
            self._write(cells)

    def reopen(self, cells: Sequence[Cell]) -> None:
        """Set cells back to pending."""
        with self._turn():
            opened = {cell.name: {"state": PENDING, "fingerprint": cell.fingerprint} for cell in cells}
            self._write({**self.read(), **opened})

    def begin(self, cells: Sequence[Cell]) -> None:
        """List every cell of the sweep: those whose settings have changed, or that are new, as pending."""
        with self._turn():
            known = self.read()
            listed = {
                cell.name: known[cell.name]
                if known.get(cell.name, {}).get("fingerprint") == cell.fingerprint
                else {"state": PENDING, "fingerprint": cell.fingerprint}
                for cell in cells
            }
            self._write(listed)

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the sweep, so that no other process runs it.

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

    def _turn(self) -> FileLock:
        return FileLock(self.folder / ".cells.lock")  # gone with its holder, should that be killed

    def _write(self, cells: dict[str, dict[str, Any]]) -> None:
        write_json(self.folder / "cells.json", {"format": 1, "cells": cells})
        text = io.StringIO()
        writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows({"cell": name, **facts} for name, facts in cells.items())
        write_text(self.folder / "cells.csv", text.getvalue())
