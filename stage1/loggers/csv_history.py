"""history.csv: a line for each epoch, which every run has."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from decouple.files.atomic import write_text
from decouple.files.csv_files import csv_text
from stage1.loggers.epoch_logger import Row


class CsvHistory:
    """Write history.csv again after each epoch.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> history = CsvHistory(folder)
        >>> history.start("epochs: 1", [])
        >>> history.epoch({"epoch": 1, "train_loss": 0.5})
        >>> print((folder / "history.csv").read_text(), end="")
        epoch,train_loss
        1,0.5
    """

    package: ClassVar[str | None] = None

    def __init__(self, folder: Path) -> None:
        self._path = folder / "history.csv"
        self._rows: list[Row] = []

    def start(self, settings: str, done: Sequence[Row]) -> None:
        """Begin with the rows `done`."""
        self._rows = list(done)

    def epoch(self, row: Row) -> None:
        """Write all rows."""
        self._rows.append(row)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        columns = list(dict.fromkeys(key for entry in self._rows for key in entry))
        write_text(self._path, csv_text([{key: entry.get(key) for key in columns} for entry in self._rows], columns))

    def end(self, metrics: Mapping[str, float]) -> None:
        """Add nothing: results.json has the metrics."""
