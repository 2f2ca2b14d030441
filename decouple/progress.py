"""The progress of a loop: a live bar on a terminal, a plain line from time to time elsewhere. Both on stderr."""

import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, SupportsFloat, TextIO

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Column
from rich.text import Text

from decouple.log import progress_logger

_REDRAW_SECONDS = 0.1
_NOTE_SECONDS = 2.0

# A terminal can hold one live display. The first progress opens it; another one that starts before the first has ended,
# inside it or in another thread, adds a line to it.
_display: Bars | None = None
_display_lock = threading.Lock()


class Progress:
    """The progress of a loop: its position, its speed and its remaining time.

    ``with Progress("training", total=epochs * images, unit="images") as progress:`` then, in the loop,
    ``progress.advance(128, loss=loss.detach(), accuracy=81.2)`` and ``progress.note("epoch 3/30: 81.2 %")``.

    `advance` only counts; it redraws every tenth of a second at most, and only then converts the fields to numbers, so
    that a tensor on a GPU does not make every batch wait. Notes are written on lines of their own, at most one in two
    seconds, and always the last one. Without a terminal, notes go to the logger "decouple.progress".

    Args:
        title: name of the loop.
        total: units of the whole loop, or None if unknown.
        unit: unit of the speed: "images", "trials".
        done: units that an earlier run has done, which this one continues.
        stream: where to write instead of the logger "decouple.progress", and draw instead of on stderr.
        clock: function that returns seconds.
    """

    def __init__(
        self,
        title: str,
        *,
        total: int | None,
        unit: str,
        done: int = 0,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.title, self.total, self.unit, self.done = title, total, unit, done
        self._stream = stream
        self._clock = clock
        self._fields: dict[str, SupportsFloat] = {}
        self._next_redraw = 0.0
        self._next_note = 0.0
        self._pending_note = ""
        self._bars: Bars | None = None
        self._owns_bars = False
        self._task = TaskID(0)

    def __enter__(self) -> Self:
        if self._stream is not None or progress_logger.isEnabledFor(logging.INFO):
            self._open(self._stream or sys.stderr)
        return self

    def _open(self, stream: TextIO) -> None:
        if _is_live(stream):
            self._bars, self._owns_bars = _open_display(stream)
            self._task = self._bars.add_task(
                self.title, total=self.total, completed=self.done, unit=self.unit, numbers=""
            )

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if self._pending_note:
                self._write(self._pending_note)
            # After an error the fields are not read: a tensor on a GPU that has failed would raise again.
            if self._bars is not None and error_type is None:
                self._redraw(self._bars)
        finally:
            self._close()

    def advance(self, amount: int = 1, **fields: SupportsFloat) -> None:
        """Count `amount` more units; each of `fields` is shown by name until its next value."""
        self.done += amount
        if fields:
            self._fields.update(fields)
        if self._bars is not None and (now := self._clock()) >= self._next_redraw:
            self._next_redraw = now + _REDRAW_SECONDS
            self._redraw(self._bars)

    def note(self, text: str) -> None:
        """Write `text` on a line of its own, two seconds after the last one at least; a newer note replaces it."""
        now = self._clock()
        if now < self._next_note:
            self._pending_note = text
            return
        self._next_note = now + _NOTE_SECONDS
        self._pending_note = ""
        self._write(text)

    def _write(self, text: str) -> None:
        """Write one line, above the bars if there are any."""
        if self._bars is not None:
            self._bars.console.print(Text(text))
        elif self._stream is None:
            progress_logger.info(text)
        else:
            with contextlib.suppress(OSError):  # training must not end because the reader of its log has ended
                self._stream.write(text + "\n")
                self._stream.flush()

    def _redraw(self, bars: Bars) -> None:
        numbers = "  ".join(f"{name} {_short(float(value))}" for name, value in self._fields.items())
        bars.update(self._task, completed=self.done, numbers=numbers)
        bars.refresh()

    def _close(self) -> None:
        """Close the display if this progress has opened it, else remove its line."""
        bars, self._bars = self._bars, None
        if bars is None:
            return
        if self._owns_bars:
            _close_display(bars)
        else:
            bars.remove_task(self._task)


class _SpeedColumn(ProgressColumn):
    """Column of the speed: units per second over the last half minute."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.{0 if speed >= 10 else 1}f} {task.fields['unit']}/s" if speed else "")


def _is_live(stream: TextIO) -> bool:
    """Return whether `stream` is a terminal that can move its cursor; FORCE_COLOR in a CI log does not make it one."""
    return stream.isatty() and os.environ.get("TERM", "").lower() not in ("dumb", "unknown")


def _open_display(stream: TextIO) -> tuple[Bars, bool]:
    """Return the live display, and whether this call has opened it."""
    global _display
    with _display_lock:
        if _display is not None:
            return _display, False
        bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:>3.0f}%"),
            _SpeedColumn(Column(no_wrap=True)),
            TextColumn("{task.fields[numbers]}", markup=False),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True, table_column=Column(no_wrap=True)),
            console=Console(file=stream, force_terminal=True),
            auto_refresh=False,  # no thread: `advance` redraws, and nothing runs in parallel to the loop
            redirect_stdout=False,  # tables go to stdout, also where that is a file
            expand=True,
        )
        bars.start()
        _display = bars
        return bars, True


def _close_display(bars: Bars) -> None:
    global _display
    with _display_lock:
        _display = None
        bars.stop()


def _short(value: float) -> str:
    """Return `value` in about four characters: 0.0213 -> "0.021", 81.234 -> "81.2"."""
    if value != 0 and abs(value) < 0.001:
        return f"{value:.1e}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
