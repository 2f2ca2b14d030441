"""Study files that are damaged, in the way, read-only, or oddly named."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import FrozenTrial

from decouple.errors import RunError
from tuning.search_spec import Search, SearchSpec, TrialResult
from tuning.space import Range
from tuning.study_storage import StudyLocation
from tuning.trial_loop import run_trials


def _search(trials: int = 8, **changes: Any) -> SearchSpec:
    ends = {"low": 0.0, "high": 1.0, "log": False} | {
        key: changes.pop(key) for key in ("low", "high", "log") & changes.keys()
    }
    return SearchSpec(**{"space": (Range("x", **ends),), "seed": 0, **changes, "trials": trials})


def _run(path: Path, search: SearchSpec, judge: Callable[[float], TrialResult]) -> list[FrozenTrial]:
    return run_trials(StudyLocation(path.stem, path=path), Search(search, lambda values, _report: judge(values["x"])))


def _hill(value: float) -> TrialResult:
    """Smooth, its top at 0.37."""
    return TrialResult(100 - 100 * (value - 0.37) ** 2, None)


def _complaint(path: Path, objective: Callable[[float], TrialResult] = _hill) -> str:
    with pytest.raises(RunError) as caught:
        _run(path, _search(3), objective)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_a_file_that_is_no_study(tmp_path: Path) -> None:
    (tmp_path / "s.db").write_bytes(b"this is not a data base" * 100)
    assert "file is not a database" in _complaint(tmp_path / "s.db")


def test_a_study_damaged_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    _run(path, _search(2), _hill)
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(bytes(data))
    assert "malformed" in _complaint(path)


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "s.db").mkdir()
    assert "unable to open database file" in _complaint(tmp_path / "s.db")


def test_a_file_that_becomes_read_only(tmp_path: Path) -> None:
    # Permissions do not stop root, so the tables refuse.
    path = tmp_path / "s.db"
    _run(path, _search(1), _hill)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TRIGGER no BEFORE INSERT ON trials BEGIN "
            "SELECT RAISE(ABORT, 'attempt to write a readonly database'); END"
        )
    connection.close()
    assert "attempt to write a readonly database" in _complaint(path)


@pytest.mark.parametrize("name", ["what?", "a{b}", "100% sure", "a#b", "ü b"])
def test_any_folder_name_will_do(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    _run(Path(name) / "tuning" / "s.db", _search(2), _hill)
    assert os.listdir(tmp_path / name / "tuning") == ["s.db"]
    assert len(_run(tmp_path / name / "tuning" / "s.db", _search(3), _hill)) == 3
