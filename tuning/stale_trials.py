"""Trials whose process is gone: found, given up, and queued to be tried again with the same values."""

import contextlib
import datetime
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import optuna
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from tuning.quiet import quiet_optuna

RETRIES = 3  # times that a trial is tried again after its process died; then its values are left
_UNSIGNED_SECONDS = 60  # a trial that nobody has signed for so long was left between its making and its signing


def signature() -> str:
    """Return what tells this process from all others: machine, number, and moment of its start."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def fail_trial(study: optuna.Study, trial: FrozenTrial | optuna.Trial, *, died: bool) -> None:
    """Fail a trial that has not ended, and queue its values once more."""
    try:
        study.tell(trial.number, state=TrialState.FAIL)
    except (ValueError, optuna.exceptions.UpdateFinishedTrialError):  # another process has just done so
        return
    queue_again(study, trial, died=died)


def queue_again(study: optuna.Study, trial: FrozenTrial | optuna.Trial, *, died: bool) -> None:
    """Queue the values of a trial; not those whose trial has `died` too often."""
    tried = int(trial.user_attrs.get("retries", 0)) + died
    if trial.params and tried <= RETRIES:
        study.enqueue_trial(dict(trial.params), user_attrs={"retries": tried, "retry_of": trial.number})


def fail_running_trials(study: optuna.Study) -> None:
    """Give up every trial under way: whoever holds the study alone knows that their processes are gone."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        fail_trial(study, trial, died=False)


def fail_stale_trials(study: optuna.Study) -> None:
    """Give up the trials whose process on this machine has died, and, in a data base, those without heartbeat."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if _is_stale(trial):
            fail_trial(study, trial, died=True)
    with quiet_optuna():
        optuna.storages.fail_stale_trials(study)  # does nothing where there are no heartbeats


def _is_stale(trial: FrozenTrial) -> bool:
    owner = trial.user_attrs.get("owner")
    if owner is None:
        began = trial.datetime_start
        age = 0.0 if began is None else (datetime.datetime.now() - began).total_seconds()
        return age > _UNSIGNED_SECONDS
    host, number, started = str(owner).rsplit(":", 2)
    return host == socket.gethostname() and _started(int(number)) != started


def _started(process: int) -> str:
    """Return when a process of this machine started, "" for one that does not exist."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return "" if fields[0] in "ZX" else fields[19]  # a zombie is dead
    except (FileNotFoundError, ProcessLookupError):
        pass
    if Path("/proc/self/stat").exists():
        return ""
    try:
        os.kill(process, 0)
    except OSError:
        return ""
    return "alive"


@contextlib.contextmanager
def heartbeat(storage: optuna.storages.BaseStorage, trial: optuna.Trial) -> Iterator[None]:
    """Record a sign of life now and then while the block runs, where the storage keeps them."""
    if not isinstance(storage, RDBStorage) or (interval := storage.get_heartbeat_interval()) is None:
        yield
        return
    data_base = storage
    ended = threading.Event()

    def beat() -> None:
        while True:
            with contextlib.suppress(Exception):  # a data base that is away for a minute must not end the trial
                data_base.record_heartbeat(trial._trial_id)
            if ended.wait(interval):
                return

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
