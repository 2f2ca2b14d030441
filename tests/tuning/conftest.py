"""Searches in these tests keep their files in the system's memory: waiting for the disk takes longer than all else."""

import sqlite3

import pytest


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def fast(*arguments: object) -> sqlite3.Connection:
        opened = connect(*arguments)  # type: ignore[arg-type]
        opened.execute("PRAGMA synchronous = OFF")
        return opened

    monkeypatch.setattr("tuning.study.sqlite3.connect", fast)
