"""A run that is killed or interrupted anywhere goes on to the same bits as one that nothing stopped."""

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from decouple.cli import main
from decouple.config.command_line import parse
from decouple.errors import InterruptedRunError
from decouple.files.run_dir import RunDir
from stage1 import train as train_module
from stage1 import train_run as train_run_module
from stage1.loggers import csv_history
from stage1.run import resume_run, start_run
from stage1.schedule import learning_rate
from stage1.settings import Stage1Config
from stage1.trainer import finish_epoch, train_epoch

# 138 training images, 9 steps in an epoch
SETTINGS: dict[str, Any] = {"fraction": 0.3, "ratio": 10.0, "batch_size": 16, "epochs": 4, "device": "cpu"}
WORDS = ["stage1", *(word for name, value in SETTINGS.items() for word in (f"--{name.replace('_', '-')}", str(value)))]
STEPS = 9


class _Killed(BaseException):
    """Stands for a kill: nothing may catch it."""


def _config(root: Path, **settings: Any) -> Stage1Config:
    return Stage1Config(**{**SETTINGS, "runs": str(root), **settings})


def _resume(root: Path, name: str | None = None, **settings: Any) -> RunDir:
    return resume_run(Stage1Config(runs=str(root), name=name, resume=True, **settings), frozenset(settings))


def _same_outcome(run: RunDir, expected: RunDir) -> bool:
    """Compare weights, feature norms and features byte by byte, and all results but the times."""
    files = [run.weights("last"), run.weights("best"), run.feature_norms]
    files += (run.path / "features").rglob("*.safetensors")
    assert len(files) == 3 + 3
    tables = [
        pd.read_csv(path).drop(columns=["seconds", "images_per_second"]) for path in (run.history, expected.history)
    ]
    return (
        all(path.read_bytes() == (expected.path / path.relative_to(run.path)).read_bytes() for path in files)
        and tables[0].equals(tables[1])
        and run.read_results() == expected.read_results()
        and run.read_manifest().status == "finished"
        and not run.checkpoint.exists()
        and not list(run.path.rglob(".*.part"))
    )


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A run of resnet20 that nothing interrupted."""
    return start_run(_config(tmp_path_factory.mktemp("whole")))


@pytest.fixture
def small_run(small_backbone: None, tmp_path: Path) -> RunDir:
    """A run of the small backbone, for a test that changes it."""
    return start_run(_config(tmp_path / "whole"))


@pytest.fixture(scope="module")
def small_shared(tmp_path_factory: pytest.TempPathFactory, make_small_backbone: Callable[..., nn.Module]) -> RunDir:
    """A run of the small backbone, dropout included, that nothing interrupted and no test changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stage1.network.make_backbone", make_small_backbone)
        return start_run(_config(tmp_path_factory.mktemp("small")))


@contextlib.contextmanager
def _process(root: Path) -> Iterator[tuple["subprocess.Popen[str]", RunDir]]:
    """Start the same run in a process of its own, and yield once its first epoch is saved."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "OMP_NUM_THREADS": str(torch.get_num_threads()),
    }
    command = [sys.executable, "-m", "decouple", *WORDS, "--runs", str(root), "--name", "it"]
    run = RunDir(root / "it")
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            while not run.checkpoint.exists():
                assert process.poll() is None, process.communicate()[1]
                time.sleep(0.005)
            yield process, run
        finally:
            process.kill()


@contextlib.contextmanager
def _forked_process(root: Path) -> Iterator[tuple[BaseProcess, RunDir]]:
    """Do the same in a fork of a process that has imported torch already, which takes longer than the run."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["decouple.cli", "decouple.commands.stage1"])
    run = RunDir(root / "it")
    process = context.Process(target=main, args=([*WORDS, "--runs", str(root), "--name", "it"],))
    process.start()
    try:
        while not run.checkpoint.exists():
            assert process.is_alive()
            time.sleep(0.005)
        yield process, run
    finally:
        process.kill()
        process.join()


@pytest.mark.parametrize("delay", [0.0, 0.1])  # seconds after the first epoch; an epoch takes 0.2 to 0.5
def test_a_killed_run_resumes_to_the_same_bits(tmp_path: Path, uninterrupted: RunDir, delay: float) -> None:
    with _forked_process(tmp_path) as (process, run):
        time.sleep(delay)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
    assert run.read_manifest().status == "training"
    assert run.checkpoint.exists()
    assert _same_outcome(_resume(tmp_path), uninterrupted)


def test_ctrl_c_says_how_to_go_on(tmp_path: Path, uninterrupted: RunDir) -> None:
    with _process(tmp_path) as (process, run):
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
        assert process.returncode == 130
    assert run.read_manifest().status == "interrupted"
    assert "Traceback" not in said
    assert "of 4 epochs" in said
    command = said.strip().splitlines()[-1].split("Go on with: decouple ")[1]
    parsed = parse(Stage1Config, command.split()[1:], "decouple stage1")
    assert resume_run(parsed.settings, parsed.explicit) == run
    assert _same_outcome(run, uninterrupted)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("step", [0, STEPS - 1, STEPS + 3, 4 * STEPS - 1])
def test_a_signal_at_any_step_is_survived(
    tmp_path: Path,
    small_backbone: None,
    small_shared: RunDir,
    monkeypatch: pytest.MonkeyPatch,
    step: int,
    number: signal.Signals,
) -> None:
    def rate(config: Stage1Config, now: int, steps: int) -> float:
        if now == step:
            signal.raise_signal(number)
        return learning_rate(config, now, steps)

    with monkeypatch.context() as patch:
        patch.setattr("stage1.trainer.learning_rate", rate)
        with pytest.raises(
            InterruptedRunError, match=f"stopped after {step // STEPS} of 4 epochs and {step % STEPS + 1} steps"
        ):
            start_run(_config(tmp_path, name="it"))
    run = RunDir(tmp_path / "it")
    assert run.read_manifest().status == "interrupted"
    assert _same_outcome(_resume(tmp_path), small_shared)


def test_a_run_may_be_stopped_many_times(tmp_path: Path, small_backbone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = start_run(_config(tmp_path / "uninterrupted", epochs=2))
    root = tmp_path / "runs"

    def one_step(training: Any, report: Any, stop: Callable[[], bool]) -> bool:
        def stop_at_once() -> bool:
            signal.raise_signal(signal.SIGINT)
            return stop()

        return train_epoch(training, report, stop_at_once)

    monkeypatch.setattr(train_module, "train_epoch", one_step)
    with pytest.raises(InterruptedRunError):
        start_run(_config(root, epochs=2))
    for _ in range(2 * STEPS - 1):
        with pytest.raises(InterruptedRunError):
            _resume(root)
    assert _same_outcome(_resume(root), expected)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("save_weights", 1),  # of the best epoch so far
        ("write_text", 1),  # the history of epoch 1
        ("write_text", 4),  # the history of the last epoch
        ("save_checkpoint", 1),
        ("save_checkpoint", 4),
        ("cache_features", 1),
        ("_score", 1),
        ("_score", 2),
        ("write_feature_norms", 1),
    ],
)
def test_nothing_is_lost_wherever_it_is_killed(
    tmp_path: Path,
    small_backbone: None,
    small_shared: RunDir,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    call: int,
    when: str,
) -> None:
    module = csv_history if name == "write_text" else train_run_module
    genuine, calls = getattr(module, name), 0

    def deadly(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and when == "before":
            raise _Killed
        result = genuine(*arguments)
        if calls == call:
            raise _Killed
        return result

    with monkeypatch.context() as patch:
        patch.setattr(module, name, deadly)
        with pytest.raises(_Killed):
            start_run(_config(tmp_path))
    assert _same_outcome(_resume(tmp_path), small_shared)


def test_half_written_files_of_a_killed_process_are_removed(tmp_path: Path, small_run: RunDir) -> None:
    run = small_run
    run.set_status("training")
    for folder in (run.path, run.path / "weights"):
        (folder / ".x.safetensors.abc.part").write_text("half")
    _resume(run.path.parent)
    assert not list(run.path.rglob("*.part"))


def _interrupting(genuine: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def finish(training: Any) -> bool:
        signal.raise_signal(signal.SIGINT)
        return genuine(training)

    return finish


def test_a_resumed_run_does_not_need_the_weights_it_began_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    timm = pytest.importorskip("timm")
    torch.manual_seed(9)
    weights = tmp_path / "weights.safetensors"
    save_file(timm.create_model("test_resnet").state_dict(), weights)
    settings = {"model": "test_resnet", "pretrained": str(weights), "epochs": 2, "lr": 0.01}
    expected = start_run(_config(tmp_path / "whole", **settings))
    with monkeypatch.context() as patch:
        patch.setattr(train_module, "finish_epoch", _interrupting(finish_epoch))
        with pytest.raises(InterruptedRunError):
            start_run(_config(tmp_path / "runs", **settings))
    weights.unlink()
    assert _same_outcome(_resume(tmp_path / "runs"), expected)
