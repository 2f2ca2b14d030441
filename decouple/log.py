"""The logger of the library, named "decouple", and its output on the console while a command runs.

A program that uses the library sees nothing unless it configures logging: INFO is for what happens, WARNING for what
went wrong and was repaired. Like the message of an error, a line may mark the names of arguments, see
`decouple.errors`.
"""

import contextlib
import logging
import sys
from collections.abc import Iterator

from decouple.errors import render_flags

logger = logging.getLogger("decouple")
progress_logger = logger.getChild("progress")  # how far a loop has come

logger.addHandler(logging.NullHandler())  # without it Python prints warnings on stderr


class ConsoleHandler(logging.Handler):
    """A handler that writes plain lines: results on stdout; warnings and progress on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line to the stream that is `sys.stdout` or `sys.stderr` at this moment."""
        on_stdout = record.levelno < logging.WARNING and record.name != progress_logger.name
        stream = sys.stdout if on_stdout else sys.stderr
        with contextlib.suppress(OSError):  # hours of training must not end because the reader of its log has ended
            stream.write(render_flags(self.format(record)) + "\n")
            stream.flush()


@contextlib.contextmanager
def console_log() -> Iterator[None]:
    """Show the lines of the library on the console, from INFO on, until the block ends."""
    handler, level = ConsoleHandler(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
