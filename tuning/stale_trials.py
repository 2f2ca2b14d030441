"""Trials whose process is gone: noticed, failed, and queued to be tried again with the same values."""

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

MAX_RETRIES = 3  # times that a trial is tried again after its process died; then its values are left
_MAX_UNSIGNED_SECONDS = 60  # the process of a trial that has no owner for so long died before it could sign


def signature() -> str:
    """Return what identifies this process: host, process id, and time of its start."""
    return f"{socket.gethostname()}:{os.getpid()}:{_start_time(os.getpid())}"


def fail_trial(study: optuna.Study, trial: FrozenTrial | optuna.Trial, *, died: bool) -> None:
    """Fail a trial that has not ended, and queue its values once more."""
    try:
        study.tell(trial.number, state=TrialState.FAIL)
    except (ValueError, optuna.exceptions.UpdateFinishedTrialError):  # another process has just done so
        return
    queue_again(study, trial, died=died)


def queue_again(study: optuna.Study, trial: FrozenTrial | optuna.Trial, *, died: bool) -> None:
    """Queue the values of a trial, unless its process has died too often (see `MAX_RETRIES`)."""
    retries = int(trial.user_attrs.get("retries", 0)) + died
    if trial.params and retries <= MAX_RETRIES:
        study.enqueue_trial(dict(trial.params), user_attrs={"retries": retries, "retry_of": trial.number})


def fail_running_trials(study: optuna.Study) -> None:
    """Fail every running trial; for a process that has the study to itself and so knows that theirs are gone."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        fail_trial(study, trial, died=False)


def fail_stale_trials(study: optuna.Study) -> None:
    """Fail the trials whose process on this machine has died, and, in a database, those without heartbeat."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if _is_stale(trial):
            fail_trial(study, trial, died=True)
    optuna.storages.fail_stale_trials(study)  # does nothing where there are no heartbeats


def _is_stale(trial: FrozenTrial) -> bool:
    owner = trial.user_attrs.get("owner")
    if owner is None:
        start = trial.datetime_start
        age = 0.0 if start is None else (datetime.datetime.now() - start).total_seconds()
        return age > _MAX_UNSIGNED_SECONDS
    host, process_id, start_time = str(owner).rsplit(":", 2)
    return host == socket.gethostname() and _start_time(int(process_id)) != start_time


def _start_time(process_id: int) -> str:
    """Return when a process of this machine started, "" for one that does not exist."""
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return "" if fields[0] in "ZX" else fields[19]  # a zombie is dead
    except (FileNotFoundError, ProcessLookupError):
        pass
    if Path("/proc/self/stat").exists():
        return ""
    try:
        os.kill(process_id, 0)
    except OSError:
        return ""
    return "alive"


@contextlib.contextmanager
def heartbeat(storage: optuna.storages.BaseStorage, trial: optuna.Trial) -> Iterator[None]:
    """Record heartbeats of the trial while the block runs, where the storage supports them."""
    if not isinstance(storage, RDBStorage) or (interval := storage.get_heartbeat_interval()) is None:
        yield
        return
    database = storage
    ended = threading.Event()

    def beat() -> None:
        while True:
            with contextlib.suppress(Exception):  # a database that is away for a minute must not end the trial
                database.record_heartbeat(trial._trial_id)
            if ended.wait(interval):
                return

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
