"""Several processes on one study. Their objectives are a module of its own, since each process imports it anew."""

import importlib
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState

from decouple.errors import ConfigError, InterruptedRunError, RunError
from decouple.files.run_dir import RunDir
from tuning import search_task
from tuning.search_task import SearchTask, run_task
from tuning.settings import SearchConfig
from tuning.study_storage import StudyLocation, open_storage, study_location

POSTGRESQL = "postgresql"

FAKES = '''
import os, signal, time

from decouple.errors import RunError
from tuning.search_spec import Search, SearchSpec, TrialResult
from tuning.space import Range

def spec(config):
    return SearchSpec((Range("x", 0.0, 1.0), Range("y", 1e-3, 1.0, log=True)), config.trials, config.seed)

def hill(run, config):
    """Both workers take part: each waits a little, so that none does all."""
    def objective(values, report):
        time.sleep(0.05)
        return TrialResult(100 - 100 * (values["x"] - 0.4) ** 2, 10 * values["y"])
    return Search(spec(config), objective)

def deadly(run, config):
    """The first process to come here dies in its trial, as by kill -9."""
    def objective(values, report):
        try:
            (run.path / "died").touch(exist_ok=False)
        except FileExistsError:
            time.sleep(0.05)
            return TrialResult(100 * values["x"], None)
        (run.path / "values").write_text(repr(values["x"]))
        os.kill(os.getpid(), signal.SIGKILL)
    return Search(spec(config), objective)

def suicidal(run, config):
    def objective(values, report):
        os.kill(os.getpid(), signal.SIGKILL)
    return Search(spec(config), objective)

def broken(run, config):
    def objective(values, report):
        raise ValueError("no such thing")
    return Search(spec(config), objective)

def unreadable(run, config):
    def objective(values, report):
        raise RunError("the images are gone")
    return Search(spec(config), objective)

def slow(run, config):
    def objective(values, report):
        (run.path / f"began-{os.getpid()}").touch()
        time.sleep(60)
    return Search(spec(config), objective)
'''


@pytest.fixture
def fakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "fake_targets.py").write_text(FAKES)
    monkeypatch.syspath_prepend(str(folder))
    sys.modules.pop("fake_targets", None)
    yield SimpleNamespace(**vars(importlib.import_module("fake_targets")))
    sys.modules.pop("fake_targets", None)


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    (tmp_path / "run" / "tuning").mkdir(parents=True)
    return RunDir(tmp_path / "run")


def _config(**settings: Any) -> SearchConfig:
    return SearchConfig(**{"trials": 6, "device": "cpu", **settings})


def _search(
    run: RunDir, make_search: Any, config: SearchConfig, *, workers: int = 2, storage: str | None = None
) -> list[FrozenTrial]:
    location = study_location(run, "s", storage)
    return run_task(SearchTask(make_search, run, config, location), make_search(run, config), workers=workers)


def _owners(trials: list[FrozenTrial]) -> set[str]:
    return {trial.user_attrs["owner"] for trial in trials}


@pytest.fixture
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> str | None:
    """The storage that the test's parameter means, as a user gives it."""
    if request.param == POSTGRESQL:
        return str(request.getfixturevalue("database"))
    return None if request.param is None else str(request.param).format(tmp_path)


@pytest.mark.parametrize("storage", [None, "journal:{}/j", "sqlite:///{}/s.db", POSTGRESQL], indirect=True)
def test_two_workers_reach_the_number_of_trials_together(storage: str | None, fakes: Any, run: RunDir) -> None:
    trials = _search(run, fakes.hill, _config(trials=6), storage=storage)
    assert len(trials) == 6
    assert all(trial.state == TrialState.COMPLETE for trial in trials)
    assert len({trial.params["x"] for trial in trials}) == 6
    assert 1 <= len(_owners(trials)) <= 2
    again = _search(run, fakes.broken, _config(trials=6), storage=storage)  # nothing is left to do
    assert [trial.number for trial in again] == [trial.number for trial in trials]
    more = _search(run, fakes.hill, _config(trials=8), workers=1, storage=storage)
    assert len(more) == 8


@pytest.mark.parametrize("storage", [None, "journal:{}/j", POSTGRESQL], indirect=True)
def test_the_trial_of_a_killed_worker_is_tried_again(storage: str | None, fakes: Any, run: RunDir) -> None:
    trials = _search(run, fakes.deadly, _config(trials=5), storage=storage)
    assert len(trials) == 5
    lost = float((run.path / "values").read_text())
    again = [trial for trial in trials if trial.params["x"] == lost]
    assert len(again) == 1
    assert again[0].user_attrs["retries"] == 1
    location = study_location(run, "s", storage)
    with open_storage(location) as opened:
        study = optuna.load_study(study_name=location.name, storage=opened)
        states = [trial.state for trial in study.get_trials() if trial.params["x"] == lost]
    assert sorted(state.name for state in states) == ["COMPLETE", "FAIL"]


def test_workers_that_are_killed_again_and_again_end_the_search(
    fakes: Any, run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_task, "MAX_RETRIES", 0)
    with pytest.raises(RunError, match=r"[12] workers were killed, probably out of memory; use fewer workers"):
        _search(run, fakes.suicidal, _config())


@pytest.mark.parametrize(
    ("target", "reason"), [("broken", "ValueError: no such thing"), ("unreadable", "the images are gone")]
)
def test_a_worker_that_fails_ends_the_search_with_its_last_words(
    target: str, reason: str, fakes: Any, run: RunDir
) -> None:
    with pytest.raises(RunError, match=rf"worker \d failed: {reason} \(see .*s\.worker-\d\.log\)"):
        _search(run, getattr(fakes, target), _config())


def test_ctrl_c_stops_all_workers_and_their_trials_are_queued(fakes: Any, run: RunDir) -> None:
    def interrupt() -> None:
        deadline = time.monotonic() + 60
        while len(list(run.path.glob("began-*"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(InterruptedRunError, match="the finished trials are saved"):
        _search(run, fakes.slow, _config())
    thread.join()
    for marker in run.path.glob("began-*"):
        with pytest.raises(ProcessLookupError):
            os.kill(int(marker.name.removeprefix("began-")), 0)
    trials = _search(run, fakes.hill, _config(trials=2), workers=1)
    assert len(trials) == 2
    assert all(trial.user_attrs["retries"] == 0 for trial in trials)  # the same values, and nothing has died


def test_other_settings_are_refused_before_a_worker_starts(
    fakes: Any, run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    _search(run, fakes.hill, _config(trials=1), workers=1)
    monkeypatch.setattr(search_task, "_start_worker", lambda *_: pytest.fail("started"))
    with pytest.raises(ConfigError, match="was begun with seed 0, 1 was given"):
        _search(run, fakes.hill, _config(seed=1))


def test_logs_lie_beside_the_study(run: RunDir) -> None:
    task = SearchTask(lambda *_: pytest.fail("made"), run, _config(), StudyLocation("s", path=run.study("s")))
    assert task.worker_log(1) == run.path / "tuning" / "s.worker-1.log"
