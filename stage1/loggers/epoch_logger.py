"""What a logger is: an object that is told each epoch of a training, or each trial of a search."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

Row = Mapping[str, float | str | None]  # the first entry is the number of the epoch or trial, from 1


class EpochLogger(Protocol):
    """A record of training beside the run's own files.

    Called once with the folder of the run, or of the search in it, in which it writes; then `start`, `epoch` after
    each epoch, and `end`. After an interruption a new object goes on in the same folder.
    """

    package: ClassVar[str | None]  # module that must be installed; None: none

    def __init__(self, folder: Path) -> None: ...

    def start(self, settings: str, done: Sequence[Row]) -> None:
        """Begin, or go on after the rows `done`; `settings` is YAML."""

    def epoch(self, row: Row) -> None:
        """Add an epoch: epoch, lr, train_loss, train_top1, val_loss, val_balanced and so on; None without a value."""

    def end(self, metrics: Mapping[str, float]) -> None:
        """Finish with the metrics on the test split in percent; empty where the training has stopped early."""
