"""Workers: real processes on tiny data."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from decouple.errors import DataError, InterruptedRunError
from decouple.files.run_dir import RunDir
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config
from tuning.sweep.plan import Task, read_plan
from tuning.sweep.pool import run_tasks
from tuning.sweep.states import States
from tuning.sweep.worker import do_task, task_from_json, task_to_json

TINY = """
name: tiny
data: [{data: digits, fraction: 0.3, ratio: 5}]
stage1: [{epochs: 1, batch_size: 32}]
stage2: [{method: none}, {method: ncm}]
seeds: 2
"""


def _tasks(folder: Path, text: str = TINY) -> tuple[list[Task], States]:
    (folder / "g.yaml").write_text(text)
    tasks, states = list(read_plan(folder / "g.yaml").tasks(folder)), States(folder)
    states.begin([cell for task in tasks for cell in task.cells])
    return tasks, states


def _states(states: States) -> list[str]:
    return [cell["state"] for cell in states.read().values()]


def test_a_task_survives_json(tmp_path: Path) -> None:
    text = TINY.replace("epochs: 1,", "epochs: 1, milestones: [1], loss: focal, loss_options: {gamma: 2.0},")
    for task in _tasks(tmp_path, text)[0]:
        assert task_from_json(json.loads(json.dumps(task_to_json(task)))) == task


def test_a_method_that_fails_is_recorded_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_none(run: RunDir, config: Stage2Config, entry_name: str) -> list[str]:
        if config.method == "none":
            raise DataError("no validation")
        return run_stage2(run, config, entry_name)

    monkeypatch.setattr("tuning.sweep.worker.run_stage2", refuse_none)
    (task, _), states = _tasks(tmp_path)
    do_task(task, states)
    assert _states(states) == ["failed", "done", "pending", "pending"]
    assert states.read()["digits-ce-s0/none"]["error"] == "no validation"
    figures = states.read()["digits-ce-s0/ncm"]["figures"]
    stored = json.loads((tmp_path / "digits-ce-s0" / "results.json").read_text())["stage2"]["last"]["ncm"]["metrics"][
        "test"
    ]
    assert figures["all/top1"] == [stored["top1"], *stored["intervals"]["top1"]]
    assert figures["many_medium_few.few/top1"][0] == stored["groups"]["many_medium_few"]["few"]


def test_a_run_that_fails_fails_its_cells_with_the_sentence(tmp_path: Path) -> None:
    (task, _), states = _tasks(tmp_path, TINY.replace("ratio: 5", "ratio: 900"))
    do_task(task, states)
    assert _states(states)[:2] == ["failed", "failed"]
    assert "lower --ratio to" in states.read()["digits-ce-s0/none"]["error"]


def test_a_bug_is_recorded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr("tuning.sweep.worker.complete_run", broken)
    (task, _), states = _tasks(tmp_path)
    do_task(task, states)
    assert states.read()["digits-ce-s0/none"]["error"] == "ZeroDivisionError: by zero"


def _started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[str]]:
    """Return a list that gets the workers as they are started."""
    started: list[subprocess.Popen[str]] = []
    make: Callable[..., Any] = subprocess.Popen

    def noted(*words: Any, **settings: Any) -> Any:
        started.append(make(*words, **settings))
        return started[-1]

    monkeypatch.setattr("tuning.sweep.pool.subprocess.Popen", noted)
    return started


def test_a_killed_worker_costs_its_own_cells_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks, states = _tasks(tmp_path)
    started = _started(monkeypatch)
    run_tasks(tasks, states, 2, "cpu", lambda: started[0].kill())
    assert _states(states) == ["failed", "failed", "done", "done"]
    assert "the worker was killed by SIGKILL; its last words: " in states.read()["digits-ce-s0/none"]["error"]
    assert len(started) == 2


def test_ctrl_c_keeps_what_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = TINY.replace(
        "stage1: [{epochs: 1,", "stage1: [{epochs: 1, name: a, batch_size: 32}, {name: b, epochs: 2000,"
    )
    tasks, states = _tasks(tmp_path, text.replace("seeds: 2", "seeds: 1"))
    started = _started(monkeypatch)

    def interrupt() -> None:
        if _states(states)[:2] == ["done", "done"] and (tmp_path / "digits-b-s0" / "history.csv").exists():
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(InterruptedRunError, match="what is done is kept"):
        run_tasks(tasks, states, 1, "cpu", interrupt)
    assert _states(states) == ["done", "done", "pending", "pending"]
    assert all(process.poll() is not None for process in started)
    run = json.loads((tmp_path / "digits-b-s0" / "run.json").read_text())
    assert run["status"] == "interrupted"  # saved, so that the next call goes on
    assert (tmp_path / "digits-b-s0" / "checkpoint.safetensors").exists()
