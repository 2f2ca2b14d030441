"""Tasks of a sweep: in this process, and in real worker processes on tiny data."""

import json
import os
import pickle
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
from tuning.sweep.cell_states import CellStates
from tuning.sweep.cells import SweepTask
from tuning.sweep.grid_file import read_grid_file
from tuning.sweep.task_runner import run_tasks
from tuning.sweep.tasks import grid_tasks
from tuning.sweep.worker import do_task

TINY = """
name: tiny
data: [{data: digits, fraction: 0.3, ratio: 5}]
stage1: [{epochs: 1, batch_size: 32}]
stage2: [{method: none}, {method: ncm}]
seeds: 2
"""


def _tasks(folder: Path, text: str = TINY) -> tuple[list[SweepTask], CellStates]:
    (folder / "g.yaml").write_text(text)
    tasks, states = grid_tasks(read_grid_file(folder / "g.yaml"), folder), CellStates(folder / "tiny")
    states.folder.mkdir()
    states.begin([cell for task in tasks for cell in task.cells])
    return tasks, states


def _states(states: CellStates) -> list[str]:
    return [cell.state for cell in states.read().values()]


def test_a_task_can_be_sent_to_a_process_and_has_its_device(tmp_path: Path) -> None:
    text = TINY.replace("epochs: 1,", "epochs: 1, milestones: [1], loss: focal, loss_options: {gamma: 2.0},")
    for task in _tasks(tmp_path, text)[0]:
        assert pickle.loads(pickle.dumps(task)) == task
        placed = task.on_device("cuda:1")
        assert {placed.config.device, *(cell.settings.device for cell in placed.cells)} == {"cuda:1"}
        assert placed.on_device("auto") == task


def test_a_method_that_fails_is_recorded_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_none(run: RunDir, config: Stage2Config, entry_name: str, *, recommend: bool) -> list[str]:
        if config.method == "none":
            raise DataError("no validation")
        return run_stage2(run, config, entry_name, recommend=recommend)

    drawn: list[str] = []
    monkeypatch.setattr("tuning.sweep.worker.run_stage2", refuse_none)
    monkeypatch.setattr("tuning.sweep.worker.draw_stage1", lambda run: drawn.append(run.name))
    monkeypatch.setattr("tuning.sweep.worker.draw_stage2", lambda _run, _checkpoint, names: drawn.extend(names))
    (task, _), states = _tasks(tmp_path)
    do_task(task)
    assert _states(states) == ["failed", "done", "pending", "pending"]
    assert drawn == ["digits-ce-s0", "ncm"]
    assert states.read()["digits-ce-s0/none"].error == "no validation"
    figures = states.read()["digits-ce-s0/ncm"].figures
    stored = RunDir(tmp_path / "tiny" / "digits-ce-s0").read_stage2("last")["ncm"].metrics["test"]
    assert figures["all/top1"] == (stored["top1"], *stored["intervals"]["top1"])
    assert figures["many_medium_few.few/top1"][0] == stored["groups"]["many_medium_few"]["few"]


def test_a_run_that_fails_fails_its_cells_with_the_sentence(tmp_path: Path) -> None:
    (task, _), states = _tasks(tmp_path, TINY.replace("ratio: 5", "ratio: 900"))
    do_task(task)
    assert _states(states)[:2] == ["failed", "failed"]
    assert "lower ratio to" in str(states.read()["digits-ce-s0/none"].error)


def test_a_bug_is_recorded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr("tuning.sweep.worker.complete_run", broken)
    (task, _), states = _tasks(tmp_path)
    do_task(task)
    assert states.read()["digits-ce-s0/none"].error == "ZeroDivisionError: by zero"


def _started(monkeypatch: pytest.MonkeyPatch) -> list["subprocess.Popen[bytes]"]:
    """Return a list that gets the workers as they are started."""
    started: list[subprocess.Popen[bytes]] = []
    popen: Callable[..., Any] = subprocess.Popen

    def recorded(*arguments: Any, **settings: Any) -> Any:
        started.append(popen(*arguments, **settings))
        return started[-1]

    monkeypatch.setattr("tuning.process_pool.subprocess.Popen", recorded)
    return started


def test_a_killed_worker_costs_its_own_cells_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks, states = _tasks(tmp_path)
    started = _started(monkeypatch)
    run_tasks(tasks, workers=2, device="cpu", report=lambda: started[0].kill())
    assert _states(states) == ["failed", "failed", "done", "done"]
    assert "the worker was killed by SIGKILL; its last words: " in str(states.read()["digits-ce-s0/none"].error)
    assert len(started) == 2


def test_ctrl_c_keeps_what_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = TINY.replace(
        "stage1: [{epochs: 1,", "stage1: [{epochs: 1, name: a, batch_size: 32}, {name: b, epochs: 2000,"
    )
    tasks, states = _tasks(tmp_path, text.replace("seeds: 2", "seeds: 1"))
    started = _started(monkeypatch)

    def interrupt() -> None:
        if _states(states)[:2] == ["done", "done"] and (tmp_path / "tiny" / "digits-b-s0" / "history.csv").exists():
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(InterruptedRunError, match="what is done is saved"):
        run_tasks(tasks, workers=1, device="cpu", report=interrupt)
    assert _states(states) == ["done", "done", "pending", "pending"]
    assert all(process.poll() is not None for process in started)
    run = json.loads((tmp_path / "tiny" / "digits-b-s0" / "run.json").read_text())
    assert run["status"] == "interrupted"  # saved, so that the next call goes on
    assert (tmp_path / "tiny" / "digits-b-s0" / "checkpoint.safetensors").exists()
