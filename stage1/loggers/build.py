"""From the names of `--log` to loggers, opened and closed around a training or a search."""

import contextlib
import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from decouple.errors import ConfigError
from decouple.lookup import look_up
from stage1.loggers import LOGGERS
from stage1.loggers.epoch_logger import EpochLogger, Row

HISTORY = "csv"  # that every run has


class EpochLog:
    """Several loggers as one."""

    def __init__(self, loggers: Sequence[EpochLogger]) -> None:
        self._loggers = loggers
        self._metrics: Mapping[str, float] = {}

    def start(self, settings: str, done: Sequence[Row]) -> None:
        """Begin with every logger."""
        for logger in self._loggers:
            logger.start(settings, done)

    def epoch(self, row: Row) -> None:
        """Pass an epoch to every logger."""
        for logger in self._loggers:
            logger.epoch(row)

    def finish(self, metrics: Mapping[str, float]) -> None:
        """Set what the loggers end with."""
        self._metrics = metrics

    def close(self) -> None:
        """End every logger."""
        for logger in self._loggers:
            logger.end(self._metrics)


def require_loggers(names: Sequence[str]) -> None:
    """Check that there are such loggers, and that what they need is installed.

    Raises:
        ConfigError: there is none of that name, or its package is missing.
    """
    for name in names:
        package = look_up(LOGGERS, name, "logger").package
        if package is not None and importlib.util.find_spec(package) is None:
            raise ConfigError(
                f"`log={name}` needs the package {package}, which is not installed: pip install 'decouple-lt[{name}]'"
            )


@contextlib.contextmanager
def open_log(names: Sequence[str], folder: Path, settings: str, done: Sequence[Row]) -> Iterator[EpochLog]:
    """Open loggers for the block, and end them after it, also after an error.

    Args:
        names: entries of LOGGERS; one that is named twice is opened once.
        folder: where they write.
        settings: YAML.
        done: rows of an earlier process, which this one continues.

    Raises:
        ConfigError: see `require_loggers`.
    """
    require_loggers(names)
    log = EpochLog([LOGGERS[name](folder) for name in dict.fromkeys(names)])
    try:
        log.start(settings, done)
        yield log
    finally:
        log.close()
