"""What searches in tests share: no waiting for the disk, and a real PostgreSQL server where there is one."""

import itertools
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

_NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep files in the system's memory: waiting for the disk takes longer than all else."""
    connect = sqlite3.connect

    def fast(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    monkeypatch.setattr("tuning.study_storage.sqlite3.connect", fast)


def _free_port() -> int:
    with socket.socket() as opened_socket:
        opened_socket.bind(("127.0.0.1", 0))
        return int(opened_socket.getsockname()[1])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of its own in a temporary folder, which refuses to be run by root; yields its URL."""
    if find_spec("psycopg2") is None or shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("PostgreSQL or psycopg2 is not installed")
    as_other = {"user": "nobody"} if os.getuid() == 0 else {}
    owner = pwd.getpwnam("nobody").pw_name if as_other else pwd.getpwuid(os.getuid()).pw_name
    folder = Path(subprocess.run(["mktemp", "-d", "/tmp/pg-XXXXXX"], capture_output=True, text=True).stdout.strip())
    if as_other:
        shutil.chown(folder, "nobody")
    data, port = folder / "data", _free_port()
    run = partial(subprocess.run, check=True, capture_output=True, cwd=folder, **as_other)
    try:
        run(["initdb", "-D", data, "-A", "trust", "-U", owner, "--no-sync"])
        flags = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        run(["pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", flags, "start"])
        try:
            yield f"postgresql://{owner}@127.0.0.1:{port}/postgres"
        finally:
            run(["pg_ctl", "-D", data, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server: str) -> str:
    """A new data base on the server; its URL."""
    name = f"test{next(_NUMBERS)}"
    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg2:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)
