"""TensorBoard: event files in the folder `tensorboard` of a run, for TensorBoard started on the folder of the runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from stage1.loggers.epoch_logger import Row

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class TensorBoardLogger:
    """Write the numbers of each epoch as scalars, the settings as text, and the test metrics at the end.

    Source: tensorboard.dev documentation of event files; torch.utils.tensorboard.
    """

    package: ClassVar[str | None] = "tensorboard"

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "tensorboard"
        self._writer: SummaryWriter | None = None
        self._step = 0

    def start(self, settings: str, done: Sequence[Row]) -> None:
        """Open a file of events; those of steps after the rows `done`, from a process that was killed, are hidden."""
        from torch.utils.tensorboard import SummaryWriter  # takes a second

        self._step = len(done)
        self._writer = SummaryWriter(str(self._folder), purge_step=self._step + 1 if done else None)
        if not done:
            self._writer.add_text("settings", f"```\n{settings}```")

    def epoch(self, row: Row) -> None:
        """Write the numbers of a row and flush, so that they show at once."""
        number, *_ = row.values()
        self._step = int(number or 0)
        self._add({name: value for name, value in list(row.items())[1:] if isinstance(value, int | float)})

    def end(self, metrics: Mapping[str, float]) -> None:
        """Write the test metrics and close the file."""
        self._add({f"test/{name}": value for name, value in metrics.items()})
        if self._writer is not None:
            self._writer.close()

    def _add(self, values: Mapping[str, float]) -> None:
        if self._writer is None:
            return
        for name, value in values.items():
            self._writer.add_scalar(_tag(name), value, self._step)
        self._writer.flush()


def _tag(name: str) -> str:
    """Return the tag of a number: those of one split stand together ("val_balanced" -> "val/balanced").

    Example:
        >>> _tag("train_loss"), _tag("val_norm_many"), _tag("lr")
        ('train/loss', 'val/norm_many', 'lr')
    """
    split, underscore, rest = name.partition("_")
    return f"{split}/{rest}" if underscore and split in ("train", "val") else name
