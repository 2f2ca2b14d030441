"""Searches on a real PostgreSQL: one process, two machines at once, and a machine that dies."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from decouple.errors import ConfigError, RunError
from decouple.files.run_dir import RunDir
from tuning import study_storage as tuning_storage
from tuning.search_spec import ReportEpoch, Search, SearchSpec, TrialResult
from tuning.space import Range, Values
from tuning.study import finished_trials, open_study
from tuning.study_storage import open_storage, study_location
from tuning.trial_loop import run_trials

SEARCH = SearchSpec((Range("x", 0.0, 1.0),), 4, 0)

# A machine of another name, whose trials give signs of life every second; a dying one never ends its first trial.
MACHINE = """
import socket, sys, time
from tuning import study_storage, trial_training
from decouple.cli import main

host, dying, *words = sys.argv[1:]
socket.gethostname = lambda: host
study_storage.HEARTBEAT_SECONDS, study_storage.GRACE_SECONDS = 1, 4
if dying == "dying":
    trial_training.make_training = lambda *_: time.sleep(600)
sys.exit(main(["tune", "weight-decay", "--epochs", "1", "--device", "cpu", "--no-retrain", *words]))
"""


def _judge(values: Values, _report: ReportEpoch) -> TrialResult:
    return TrialResult(100 * values["x"], None)


def _machine(host: str, runs: Path, url: str, trials: int, *, dying: bool = False) -> subprocess.Popen[str]:
    arguments = ["--run", "base", "--runs", str(runs), "--trials", str(trials), "--storage", url]
    return subprocess.Popen(
        [sys.executable, "-c", MACHINE, host, "dying" if dying else "well", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _trials(url: str) -> list[optuna.trial.FrozenTrial]:
    with open_storage(study_location(RunDir(Path("base")), "weight-decay", url)) as storage:
        return optuna.load_study(study_name="base-weight-decay", storage=storage).get_trials()


def _recorded(runs: Path) -> list[dict[str, Any]]:
    results = json.loads((runs / "base" / "results.json").read_text())
    trials: list[dict[str, Any]] = results["tuning"]["weight-decay"]["trials"]
    return trials


def test_a_study_in_postgresql(database: str, tmp_path: Path) -> None:
    index = study_location(RunDir(tmp_path / "base"), "s", database)
    first = run_trials(index, Search(SearchSpec(SEARCH.space, 3, 0), _judge))
    both = run_trials(index, Search(SEARCH, _judge), worker=1)
    assert [trial.params for trial in both[:3]] == [trial.params for trial in first]
    assert len(both) == 4
    with open_storage(index) as storage:
        study = open_study(storage, index, SEARCH, exclusive=False)
        assert len(finished_trials(study)) == 4
        assert isinstance(storage, optuna.storages.RDBStorage)
        assert storage.get_heartbeat_interval() == tuning_storage.HEARTBEAT_SECONDS
    with pytest.raises(ConfigError, match="was begun with seed 0, 1 was given"):
        run_trials(index, Search(SearchSpec(SEARCH.space, 4, 1), _judge))


def test_a_server_that_is_away(tmp_path: Path) -> None:
    pytest.importorskip("psycopg2")
    index = study_location(RunDir(tmp_path), "s", "postgresql://nobody@127.0.0.1:1/none")  # nobody listens on port 1
    with pytest.raises(RunError, match="cannot be read or written"), open_storage(index):
        pass


def test_two_machines_share_a_study_and_do_no_trial_twice(database: str, runs: Path, tmp_path: Path) -> None:
    copy = tmp_path / "other" / "runs"
    shutil.copytree(runs, copy)
    machines = [_machine(host, folder, database, 8) for host, folder in (("one", runs), ("two", copy))]
    said = [machine.communicate(timeout=300)[0] for machine in machines]
    assert [machine.returncode for machine in machines] == [0, 0], said
    trials = _trials(database)
    counted = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    assert len(counted) == 8
    assert len({trial.params["weight_decay"] for trial in counted}) == 8
    assert {str(trial.user_attrs["owner"]).split(":")[0] for trial in trials} <= {"one", "two"}
    assert _recorded(runs) == _recorded(copy)  # each run folder knows all trials, whoever made them
    assert len(_recorded(runs)) == 8


def test_the_trial_of_a_machine_that_dies_is_failed_by_its_heartbeat_and_tried_again(
    database: str, runs: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "other" / "runs"
    shutil.copytree(runs, copy)
    dying = _machine("gone", copy, database, 4, dying=True)
    until = time.monotonic() + 120
    while time.monotonic() < until and dying.poll() is None:
        try:
            if any("weight_decay" in trial.params for trial in _trials(database)):
                break
        except (KeyError, RunError):  # there is no study yet
            time.sleep(0.2)
    os.kill(dying.pid, signal.SIGKILL)
    dying.communicate()
    (lost,) = _trials(database)
    assert lost.state == TrialState.RUNNING
    well = _machine("well", runs, database, 4)
    said = well.communicate(timeout=300)[0]
    assert well.returncode == 0, said
    again = [trial for trial in _trials(database) if trial.params == lost.params]
    assert [trial.state for trial in again] == [TrialState.FAIL, TrialState.COMPLETE]
    assert again[1].user_attrs["retries"] == 1
    assert str(again[1].user_attrs["owner"]).startswith("well:")
    assert len(_recorded(runs)) == 4
