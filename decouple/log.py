"""The logger of the library, named "decouple", and its output on the console while a command runs.

A program that uses the library sees nothing unless it configures logging: INFO is for what happens, WARNING for what
went wrong and was repaired. Like the message of an error, a line may mark the names of arguments, see
`decouple.errors`.
"""

import contextlib
import logging
import sys
from collections.abc import Iterable, Iterator

from decouple.errors import render_flags

logger = logging.getLogger("decouple")
progress_logger = logger.getChild("progress")  # how far a loop has come

logger.addHandler(logging.NullHandler())  # without it Python prints warnings on stderr


class ConsoleHandler(logging.Handler):
    """A handler that writes plain lines: remarks on stdout; warnings and progress on stderr.

    Args:
        on_stderr: write remarks on stderr too, where stdout is for a program.
    """

    def __init__(self, *, on_stderr: bool = False) -> None:
        super().__init__()
        self._on_stderr = on_stderr

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line to the stream that is `sys.stdout` or `sys.stderr` at this moment."""
        is_remark = record.levelno < logging.WARNING and record.name != progress_logger.name
        stream = sys.stdout if is_remark and not self._on_stderr else sys.stderr
        with contextlib.suppress(OSError):  # hours of training must not end because the reader of its log has ended
            stream.write(render_flags(self.format(record)) + "\n")
            stream.flush()


@contextlib.contextmanager
def already_said(lines: Iterable[str]) -> Iterator[None]:
    """Drop lines inside the block that the user has read before it, in another form than a log."""
    known = frozenset(lines)

    def is_new(record: logging.LogRecord) -> bool:
        return record.getMessage() not in known

    logger.addFilter(is_new)
    try:
        yield
    finally:
        logger.removeFilter(is_new)


@contextlib.contextmanager
def console_log(*, quiet: bool = False, on_stderr: bool = False) -> Iterator[None]:
    """Show the lines of the library on the console until the block ends.

    Args:
        quiet: show warnings only, and no progress.
        on_stderr: write remarks on stderr too, where stdout is for a program.
    """
    handler, level = ConsoleHandler(on_stderr=on_stderr), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING if quiet else logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
