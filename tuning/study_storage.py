"""Where a study is stored: SQLite in the run folder, Optuna's journal file, or a database by its URL."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import optuna
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from decouple.errors import ConfigError, RunError
from decouple.files.run_dir import RunDir
from tuning.quiet_optuna import quiet_optuna
from tuning.stale_trials import queue_again

HEARTBEAT_SECONDS = 20  # between two heartbeats of a trial in a database
GRACE_SECONDS = 90  # without a heartbeat, after which a trial is considered dead
_SQLITE_WAIT_SECONDS = 60.0  # that a process waits while others write


@dataclass(frozen=True)
class StudyLocation:
    """The storage of a study and the study's name in it; can be sent to another process."""

    name: str
    path: Path | None = None  # of a SQLite file, or of a journal
    url: str | None = None  # of a database
    journal: bool = False

    @property
    def shared(self) -> bool:
        """Whether other processes may work on the study although this one has locked the run folder."""
        return self.journal or self.url is not None

    def __str__(self) -> str:
        if self.url is not None:
            return f"{make_url(self.url).render_as_string(hide_password=True)} (study '{self.name}')"
        return f"{self.path} (study '{self.name}')" if self.journal else str(self.path)


def study_location(run: RunDir, study: str, storage: str | None) -> StudyLocation:
    """Return where the study called `study` of a run is stored.

    In a storage of its own the study's name begins with that of the run, since all runs may share the storage.

    Args:
        run: the run that is searched on.
        study: name of the study.
        storage: ``journal:FILE``, ``FILE.log`` or a URL; None: a SQLite file in the run folder.

    Raises:
        ConfigError: `storage` is neither a journal file nor a URL.
    """
    if storage is None:
        return StudyLocation(study, path=run.study(study))
    name = f"{run.name}-{study}"
    if storage.startswith("journal:") or (storage.endswith(".log") and "://" not in storage):
        path = storage.removeprefix("journal:")
        if not path:
            raise ConfigError("`storage=journal:FILE` needs the name of a file")
        return StudyLocation(name, path=Path(path), journal=True)
    return StudyLocation(name, url=_read_url(storage).render_as_string(hide_password=False))


def _read_url(storage: str) -> URL:
    try:
        url = make_url(storage)
    except ArgumentError:
        raise ConfigError(
            f"`storage` must be journal:FILE, FILE.log, or a URL such as postgresql://user@host/name, got '{storage}'"
        ) from None
    # SQLAlchemy 2.1 takes psycopg (3) where no driver is named; what the extra `postgres` installs is psycopg2.
    return url.set(drivername="postgresql+psycopg2") if url.drivername in ("postgresql", "postgres") else url


@contextlib.contextmanager
def open_storage(location: StudyLocation) -> Iterator[BaseStorage]:
    """Open the storage, created if need be; Optuna is silent and errors of the storage are one sentence meanwhile.

    Raises:
        ConfigError: the driver of the database is not installed.
        RunError: the storage is damaged, cannot be reached, or cannot be written.
    """
    with quiet_optuna(), _explained_errors(location):
        if location.journal:
            assert location.path is not None
            location.path.parent.mkdir(parents=True, exist_ok=True)
            yield JournalStorage(JournalFileBackend(str(location.path)))
            return
        storage = _open_sqlite(location.path) if location.path is not None else _open_url(str(location.url))
        try:
            yield storage
        finally:
            storage.remove_session()
            storage.engine.dispose()


def _open_sqlite(path: Path) -> RDBStorage:
    """Open the file by its path: in a URL, a '?' or a '{' in the name of a folder would mean something else.

    A transaction takes the write lock at its start, so that of two processes one waits and neither fails.
    """
    path.parent.mkdir(exist_ok=True)

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=_SQLITE_WAIT_SECONDS, isolation_level="IMMEDIATE")

    return RDBStorage("sqlite://", engine_kwargs={"creator": connect})


def _open_url(url: str) -> RDBStorage:
    database = make_url(url)
    wait = {"connect_args": {"timeout": _SQLITE_WAIT_SECONDS}} if database.get_backend_name() == "sqlite" else {}
    try:
        return RDBStorage(
            url,
            engine_kwargs={"pool_pre_ping": True, **wait},
            heartbeat_interval=HEARTBEAT_SECONDS,
            grace_period=GRACE_SECONDS,
            heartbeat_stale_trial_callback=lambda study, trial: queue_again(study, trial, died=True),
        )
    except ImportError:
        extra = "; for PostgreSQL: pip install 'decouple-lt[postgres]'" if "postgres" in database.drivername else ""
        raise ConfigError(f"the driver of {database.drivername} is not installed{extra}") from None


@contextlib.contextmanager
def _explained_errors(location: StudyLocation) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise RunError(f"the study in {location} cannot be read or written: {reason}") from None
    except json.JSONDecodeError as error:
        raise RunError(
            f"the journal of the study in {location} is damaged ({error}); restore it, or name another `storage`"
        ) from None
