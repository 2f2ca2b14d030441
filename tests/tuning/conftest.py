"""Searches in these tests keep their files in the system's memory: waiting for the disk takes longer than all else."""

import sqlite3
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def fast(*arguments: Any, **options: Any) -> sqlite3.Connection:
        opened = connect(*arguments, **options)
        opened.execute("PRAGMA synchronous = OFF")
        return opened

    monkeypatch.setattr("tuning.storage.sqlite3.connect", fast)
