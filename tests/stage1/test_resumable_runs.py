"""Which run `--resume` goes on with, and which it refuses."""

import dataclasses
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from decouple.cli import main
from decouple.errors import InterruptedRunError, RunError
from decouple.files.run_dir import RunDir
from stage1 import run as run_module
from stage1 import train as train_module
from stage1.prepare import load_for
from stage1.run import resume_run, start_run
from stage1.settings import Stage1Config
from stage1.trainer import finish_epoch

SETTINGS: dict[str, Any] = {"fraction": 0.3, "ratio": 10.0, "batch_size": 16, "epochs": 2, "device": "cpu"}


def _config(root: Path, **settings: Any) -> Stage1Config:
    return Stage1Config(**{**SETTINGS, "runs": str(root), **settings})


def _resume(root: Path, name: str | None = None, **settings: Any) -> RunDir:
    return resume_run(Stage1Config(runs=str(root), name=name, resume=True, **settings), frozenset(settings))


@pytest.fixture
def small_run(small_backbone: None, tmp_path: Path) -> RunDir:
    """A run of the small backbone, for a test that changes it."""
    return start_run(_config(tmp_path / "whole"))


def _interrupting(genuine: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def finish(training: Any) -> bool:
        signal.raise_signal(signal.SIGINT)
        return genuine(training)

    return finish


def test_another_setting_is_refused_on_resume(
    tmp_path: Path, small_run: RunDir, capsys: pytest.CaptureFixture[str]
) -> None:
    small_run.set_status("interrupted")
    root = str(small_run.path.parent)
    assert main(["stage1", "--resume", "--runs", root, "--lr", "0.3"]) == 2
    assert "lr is 0.05 there, 0.3 was given; leave it out, or start a new run" in capsys.readouterr().err
    assert small_run.read_manifest().status == "interrupted"
    same = {"ratio": 10.0, "device": "cpu", "resident": "no"}  # as it was, or without effect on the weights
    assert _resume(small_run.path.parent, **same) == small_run


def test_resuming_a_finished_run_is_harmless(
    small_run: RunDir, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [small_run.weights("last"), small_run.history, small_run.results, small_run.manifest]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in files]
    monkeypatch.setattr(run_module, "make_training", lambda *_: pytest.fail("training began"))
    assert main(["stage1", "--resume", "--runs", str(small_run.path.parent)]) == 0
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in files] == before
    assert "stage one on the test split" in capsys.readouterr().out


def test_the_latest_unfinished_run_is_resumed(tmp_path: Path, small_backbone: None) -> None:
    names = ("a", "b", "c", "d")
    for name in names:
        start_run(_config(tmp_path, name=name, epochs=1))
    for name in ("a", "c"):
        RunDir(tmp_path / name).set_status("interrupted")
    assert _resume(tmp_path).name == "c"
    assert _resume(tmp_path).name == "a"
    assert _resume(tmp_path, name="b").name == "b"


def test_there_may_be_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no run in"):
        _resume(tmp_path)
    with pytest.raises(RunError, match="there is no run folder"):
        _resume(tmp_path, name="it")


def test_a_run_in_use_is_not_resumed(small_run: RunDir) -> None:
    small_run.set_status("training")
    with small_run.lock(), pytest.raises(RunError, match="in use by another process"):
        _resume(small_run.path.parent)


def test_a_run_is_not_resumed_on_other_images(
    tmp_path: Path, small_backbone: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_module, "finish_epoch", _interrupting(finish_epoch))
    with pytest.raises(InterruptedRunError):
        start_run(_config(tmp_path))
    monkeypatch.setattr(
        run_module, "load_for", lambda config: dataclasses.replace(load_for(config), fingerprint="other")
    )
    with pytest.raises(RunError, match="the images are not those"):
        _resume(tmp_path)
