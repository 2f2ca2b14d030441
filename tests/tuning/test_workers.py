"""Several processes on one study. What they judge is a module of its own, since each imports it anew."""

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
from tuning import workers
from tuning.storage import StudyLocation, opened, study_location
from tuning.workers import Job, count_workers, devices, log_of, run_job, threads_each

POSTGRESQL = "postgresql"

FAKES = '''
import os, signal, time
from pathlib import Path

from decouple.errors import RunError
from tuning.space import Range
from tuning.study import Outcome, Search
from tuning.workers import Plan

def search(config):
    return Search((Range("x", 0.0, 1.0), Range("y", 1e-3, 1.0, log=True)), config.trials, config.seed)

def hill(run, config):
    """Both workers take part: each waits a little, so that none does all."""
    def objective(values, report):
        time.sleep(0.15)
        return Outcome(100 - 100 * (values["x"] - 0.4) ** 2, 10 * values["y"])
    return Plan(search(config), objective)

def deadly(run, config):
    """The first process to come here dies in its trial, as by kill -9."""
    def objective(values, report):
        try:
            (run.path / "died").touch(exist_ok=False)
        except FileExistsError:
            time.sleep(0.05)
            return Outcome(100 * values["x"], None)
        (run.path / "values").write_text(repr(values["x"]))
        os.kill(os.getpid(), signal.SIGKILL)
    return Plan(search(config), objective)

def broken(run, config):
    def objective(values, report):
        raise ValueError("no such thing")
    return Plan(search(config), objective)

def unreadable(run, config):
    def objective(values, report):
        raise RunError("the images are gone")
    return Plan(search(config), objective)

def slow(run, config):
    def objective(values, report):
        (run.path / f"began-{os.getpid()}").touch()
        time.sleep(60)
    return Plan(search(config), objective)
'''


@pytest.fixture
def fakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "fake_targets.py").write_text(FAKES)
    (folder / "fake_config.py").write_text(
        "from dataclasses import dataclass\n\n"
        '@dataclass(frozen=True)\nclass Config:\n    trials: int = 6\n    seed: int = 0\n    device: str = "cpu"\n'
    )
    monkeypatch.syspath_prepend(str(folder))
    for name in ("fake_targets", "fake_config"):
        sys.modules.pop(name, None)
    targets, config = (importlib.import_module(name) for name in ("fake_targets", "fake_config"))
    yield SimpleNamespace(**vars(targets), Config=config.Config)
    for name in ("fake_targets", "fake_config"):
        sys.modules.pop(name, None)


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    (tmp_path / "run" / "tuning").mkdir(parents=True)
    return RunDir(tmp_path / "run")


def _search(run: RunDir, make: Any, config: Any, *, count: int = 2, storage: str | None = None) -> list[FrozenTrial]:
    place = study_location(run, "s", storage)
    return run_job(Job(make, run, config, place), make(run, config), count)


def _owners(trials: list[FrozenTrial]) -> set[str]:
    return {trial.user_attrs["owner"] for trial in trials}


@pytest.fixture
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str | None:
    """The storage that the test's parameter means, as a user gives it."""
    if request.param == POSTGRESQL:
        return str(request.getfixturevalue("database"))
    return None if request.param is None else str(request.param).format(tmp_path)


def test_workers_of_each_gpu() -> None:
    assert count_workers(3, None, 0) == 3
    assert count_workers(1, 4, 2) == 8
    with pytest.raises(ConfigError, match="--workers-per-gpu needs a GPU, and torch finds none here"):
        count_workers(1, 4, 0)


@pytest.mark.parametrize("where", [None, "journal:{}/j", "sqlite:///{}/s.db", POSTGRESQL], indirect=True)
def test_two_workers_reach_the_number_of_trials_together(where: str | None, fakes: Any, run: RunDir) -> None:
    trials = _search(run, fakes.hill, fakes.Config(trials=6), storage=where)
    assert len(trials) == 6
    assert all(trial.state == TrialState.COMPLETE for trial in trials)
    assert len({trial.params["x"] for trial in trials}) == 6
    assert 1 <= len(_owners(trials)) <= 2
    again = _search(run, fakes.broken, fakes.Config(trials=6), storage=where)  # nothing is left to do
    assert [trial.number for trial in again] == [trial.number for trial in trials]
    more = _search(run, fakes.hill, fakes.Config(trials=8), count=1, storage=where)
    assert len(more) == 8


@pytest.mark.parametrize("where", [None, "journal:{}/j", POSTGRESQL], indirect=True)
def test_the_trial_of_a_killed_worker_is_tried_again(where: str | None, fakes: Any, run: RunDir) -> None:
    trials = _search(run, fakes.deadly, fakes.Config(trials=5), storage=where)
    assert len(trials) == 5
    lost = float((run.path / "values").read_text())
    again = [trial for trial in trials if trial.params["x"] == lost]
    assert len(again) == 1
    assert again[0].user_attrs["retries"] == 1
    with opened(study_location(run, "s", where)) as storage_of_study:
        study = optuna.load_study(study_name=study_location(run, "s", where).name, storage=storage_of_study)
        states = [trial.state for trial in study.get_trials() if trial.params["x"] == lost]
    assert sorted(state.name for state in states) == ["COMPLETE", "FAIL"]


def test_a_worker_that_fails_ends_the_search_with_its_last_words(fakes: Any, run: RunDir) -> None:
    with pytest.raises(RunError, match=r"worker \d failed: ValueError: no such thing \(see .*s\.worker-\d\.log\)"):
        _search(run, fakes.broken, fakes.Config())
    with pytest.raises(RunError, match=r"worker \d failed: the images are gone"):
        _search(run, fakes.unreadable, fakes.Config())


def test_ctrl_c_stops_all_workers_and_their_trials_are_queued(fakes: Any, run: RunDir) -> None:
    def interrupt() -> None:
        until = time.monotonic() + 60
        while len(list(run.path.glob("began-*"))) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(InterruptedRunError, match="the finished trials are saved"):
        _search(run, fakes.slow, fakes.Config())
    thread.join()
    for began in run.path.glob("began-*"):
        with pytest.raises(ProcessLookupError):
            os.kill(int(began.name.removeprefix("began-")), 0)
    trials = _search(run, fakes.hill, fakes.Config(trials=2), count=1)
    assert len(trials) == 2
    assert all(trial.user_attrs["retries"] == 0 for trial in trials)  # the same values, and nothing has died


def test_other_settings_are_refused_before_a_worker_starts(
    fakes: Any, run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    _search(run, fakes.hill, fakes.Config(trials=1), count=1)
    monkeypatch.setattr(workers, "_start", lambda *_: pytest.fail("started"))
    with pytest.raises(ConfigError, match="was begun with seed 0, 1 was given"):
        _search(run, fakes.hill, fakes.Config(seed=1))


def test_gpus_are_taken_in_turn() -> None:
    assert devices("auto", 3, 2) == ["cuda:0", "cuda:1", "cuda:0"]
    assert devices("cuda", 2, 1) == ["cuda:0", "cuda:0"]
    assert devices("auto", 2, 0) == ["auto", "auto"]
    assert devices("cpu", 2, 4) == ["cpu", "cpu"]
    assert devices("cuda:1", 2, 4) == ["cuda:1", "cuda:1"]


def test_cores_are_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert [threads_each(count) for count in (1, 2, 3, 8, 20)] == [8, 4, 2, 1, 1]


def test_logs_lie_beside_the_study(run: RunDir) -> None:
    job = Job(lambda *_: pytest.fail("made"), run, None, StudyLocation("s", path=run.study("s")))
    assert log_of(job, 1) == run.path / "tuning" / "s.worker-1.log"
