"""Tasks of a pool: what is stored is not fitted again, dependent tasks wait, and Ctrl-C ends between two tasks."""

import os
import signal
from pathlib import Path

import pytest

from decouple.errors import InterruptedRunError
from tuning.sweep.cell_states import CellStates
from tuning.sweep.cells import SweepTask
from tuning.sweep.grid_file import read_grid_file
from tuning.sweep.task_runner import _next_task, run_tasks_here
from tuning.sweep.tasks import grid_tasks
from tuning.sweep.worker import do_task

FILE = """
name: NAME
pool: shared
stage1: [{name: ce}]
stage2: [{method: none}, {method: ncm}]
"""


def _tasks(folder: Path, name: str, text: str = FILE) -> list[SweepTask]:
    path = folder / f"{name}.yaml"
    path.write_text(text.replace("NAME", name))
    grid = read_grid_file(path, "smoke")
    tasks = grid_tasks(grid, folder)
    states = CellStates(folder / grid.folder_name)
    states.folder.mkdir()
    states.begin([cell for task in tasks for cell in task.cells])
    return tasks


def test_another_sweep_of_the_pool_uses_run_and_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (first,), (second,) = _tasks(tmp_path, "one"), _tasks(tmp_path, "two")
    do_task(first)
    monkeypatch.setattr("tuning.sweep.worker.run_stage2", lambda *_, **__: pytest.fail("fitted again"))
    monkeypatch.setattr("stage1.complete_run.start_run", lambda *_: pytest.fail("trained again"))
    do_task(second)
    one, two = (CellStates(tmp_path / f"{name}-smoke").read() for name in ("one", "two"))
    assert [state.state for state in two.values()] == ["done", "done"]
    assert {name: state.figures for name, state in one.items()} == {name: state.figures for name, state in two.items()}


TAU = """
name: NAME
stage1: [{name: a}, {name: b}]
stage2: [{name: own, method: tau}, {name: carried, method: tau, tau_from: {stage1: b, stage2: own}}]
"""


def test_a_dependent_task_begins_after_the_run_that_it_needs(tmp_path: Path) -> None:
    a, b, carried = _tasks(tmp_path, "x", TAU)
    assert _next_task([a, b, carried], []) is a
    assert _next_task([carried], [b]) is None  # the run of b is being trained
    assert _next_task([b, carried], [a]) is b
    assert _next_task([carried], [a]) is None  # its own run is in use
    assert _next_task([carried], []) is carried


def test_ctrl_c_ends_between_two_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def interrupted(task: SweepTask) -> None:
        done.append(task.run.name)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("tuning.sweep.task_runner.do_task", interrupted)
    with pytest.raises(InterruptedRunError, match="what is done is saved"):
        run_tasks_here(_tasks(tmp_path, "x", TAU), device="cpu", report=lambda: None)
    assert done == ["digits-a-s0"]
