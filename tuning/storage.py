"""Where a study is kept: SQLite in the run folder, Optuna's journal file, or a data base by its URL."""

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
from tuning.quiet import optuna_errors_only, quiet_optuna
from tuning.stale_trials import queue_again

HEARTBEAT = 20  # seconds between two signs of life of a trial in a data base
GRACE = 90  # seconds without one after which a trial is taken for dead
SQLITE_WAIT = 60.0  # seconds that a process waits while others write


@dataclass(frozen=True)
class StudyLocation:
    """The storage of a study and the study's name in it; fit to be sent to another process."""

    name: str
    path: Path | None = None  # of a SQLite file, or of a journal
    url: str | None = None  # of a data base
    journal: bool = False

    @property
    def shared(self) -> bool:
        """Whether processes may work on the study that the run folder's lock does not keep out."""
        return self.journal or self.url is not None

    def __str__(self) -> str:
        if self.url is not None:
            return f"{make_url(self.url).render_as_string(hide_password=True)} (study '{self.name}')"
        return f"{self.path} (study '{self.name}')" if self.journal else str(self.path)


def study_location(run: RunDir, study: str, storage: str | None) -> StudyLocation:
    """Return where the study called `study` of a run is kept; `storage` is what the user gave.

    In a storage of its own the study has the run's name in front, since all runs may share it.

    Raises:
        ConfigError: `storage` is neither a journal file nor a URL.
    """
    if storage is None:
        return StudyLocation(study, path=run.study(study))
    name = f"{run.name}-{study}"
    if storage.startswith("journal:") or (storage.endswith(".log") and "://" not in storage):
        path = storage.removeprefix("journal:")
        if not path:
            raise ConfigError("--storage journal:FILE needs the name of a file")
        return StudyLocation(name, path=Path(path), journal=True)
    return StudyLocation(name, url=_checked_url(storage).render_as_string(hide_password=False))


def _checked_url(storage: str) -> URL:
    known = "journal:FILE, FILE.log, or a URL such as postgresql://user@host/name"
    try:
        url = make_url(storage)
    except ArgumentError:
        raise ConfigError(f"--storage must be {known}, got '{storage}'") from None
    # SQLAlchemy 2.1 takes psycopg (3) where none is named; what the extra `postgres` installs is psycopg2.
    return url.set(drivername="postgresql+psycopg2") if url.drivername in ("postgresql", "postgres") else url


@contextlib.contextmanager
def opened(place: StudyLocation) -> Iterator[BaseStorage]:
    """Open the storage, made if need be; what goes wrong with it meanwhile is one sentence.

    Raises:
        ConfigError: the driver of the data base is not installed.
        RunError: the storage is damaged, cannot be reached, or cannot be written.
    """
    with optuna_errors_only(), _explained(place):
        if place.journal:
            assert place.path is not None
            place.path.parent.mkdir(parents=True, exist_ok=True)
            yield JournalStorage(JournalFileBackend(str(place.path)))
            return
        storage = _open_sqlite(place.path) if place.path is not None else _open_url(str(place.url))
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
        return sqlite3.connect(path, timeout=SQLITE_WAIT, isolation_level="IMMEDIATE")

    return RDBStorage("sqlite://", engine_kwargs={"creator": connect})


def _open_url(url: str) -> RDBStorage:
    kind = make_url(url)
    options = {"connect_args": {"timeout": SQLITE_WAIT}} if kind.get_backend_name() == "sqlite" else {}
    try:
        with quiet_optuna():
            return RDBStorage(
                url,
                engine_kwargs={"pool_pre_ping": True, **options},
                heartbeat_interval=HEARTBEAT,
                grace_period=GRACE,
                heartbeat_stale_trial_callback=lambda study, trial: queue_again(study, trial, died=True),
            )
    except ImportError:
        extra = "; for PostgreSQL: pip install 'decouple-lt[postgres]'" if "postgres" in kind.drivername else ""
        raise ConfigError(f"the driver of {kind.drivername} is not installed{extra}") from None


@contextlib.contextmanager
def _explained(place: StudyLocation) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise RunError(f"the study in {place} cannot be read or written: {reason}") from None
    except json.JSONDecodeError as error:
        raise RunError(
            f"the journal of the study in {place} is damaged ({error}); restore it, or name another --storage"
        ) from None
