"""Optuna without its log lines, and without warnings that say nothing to a user of this program."""

import contextlib
import warnings
from collections.abc import Iterator

import optuna


@contextlib.contextmanager
def quiet_optuna() -> Iterator[None]:
    """Silence Optuna while the block runs; its verbosity and the filters of warnings are restored afterwards.

    The warnings say that a feature of many years is experimental, and that heartbeats require `Study.optimize`. That
    loop swallows NaN and Ctrl-C; `tuning.stale_trials.heartbeat` runs beside a loop of our own.
    """
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            warnings.filterwarnings("ignore", message="Heartbeat of storage is supposed to be used with Study.optimize")
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)
