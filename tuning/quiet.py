"""Optuna without remarks that say nothing to a user of this program."""

import contextlib
import warnings
from collections.abc import Iterator

import optuna


@contextlib.contextmanager
def quiet_optuna() -> Iterator[None]:
    """Hold back that a feature of many years is experimental, and that heartbeats want `Study.optimize`.

    That loop swallows NaN and Ctrl-C; `tuning.stale_trials.heartbeat` beats beside a loop of our own.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        warnings.filterwarnings("ignore", message="Heartbeat of storage is supposed to be used with Study.optimize")
        yield


@contextlib.contextmanager
def optuna_errors_only() -> Iterator[None]:
    """Log nothing of Optuna below an error, until the block ends."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(verbosity)
