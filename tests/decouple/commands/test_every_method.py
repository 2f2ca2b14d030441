"""Every sampler, loss and mixing of the catalogue, through the commands that users type."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from decouple.cli import main
from decouple.files.run_dir import RunDir
from samplers import SAMPLERS
from stage1.losses import LOSSES
from stage1.mixup import BATCH_AUGMENTATIONS
from stage2.methods import ALL_METHODS

Run = Callable[..., Any]
SMALL = ["--data", "digits", "--ratio", "10", "--epochs", "3", "--batch-size", "16", "--fraction", "0.4"]


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what takes half of the time and has tests of its own."""
    for command in ("stage1", "stage2"):
        monkeypatch.setattr(f"decouple.commands.{command}.draw_{command}", lambda *_, **__: None)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs with one finished run called "small": features that a classifier can learn from."""
    runs = tmp_path_factory.mktemp("small") / "runs"
    assert main(["stage1", *SMALL, "--runs", str(runs), "--name", "small"]) == 0
    return runs


def _train(decouple: Run, runs: Path, *words: str) -> pd.DataFrame:
    answer = decouple("stage1", *SMALL, "--runs", runs, "--name", "one", *words)
    assert answer.code == 0, answer.err
    return pd.read_csv(RunDir(runs / "one").history)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_learns(loss: str, tmp_path: Path, decouple: Run) -> None:
    history = _train(decouple, tmp_path, "--loss", loss, "--epochs", "4", "--fraction", "0.5")
    assert history["val_balanced"].iloc[-1] > max(20, history["val_balanced"].iloc[0])  # by chance it is 10


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_learns(sampler: str, tmp_path: Path, decouple: Run) -> None:
    history = _train(decouple, tmp_path, "--sampler", sampler)
    assert history["train_loss"].iloc[-1] < history["train_loss"].iloc[0]


@pytest.mark.parametrize("mix", BATCH_AUGMENTATIONS)
def test_every_mixing_learns(mix: str, tmp_path: Path, decouple: Run) -> None:
    history = _train(decouple, tmp_path, "--mix", mix, "--mix-options", "alpha=0.5", "--drw")
    assert history["train_loss"].iloc[-1] < history["train_loss"].iloc[0]


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_fits_a_classifier_in_stage_two(loss: str, small: Path, decouple: Run) -> None:
    words = ("--method", "crt", "--sampler", "cben", "--loss", loss, "--epochs", "30")
    answer = decouple("stage2", "--run", small / "small", *words)
    assert answer.code == 0, answer.err
    result = RunDir(small / "small").read_results().stage2["last"]["crt"].metrics["test"]["balanced"]
    assert result > 20  # by chance it is 10
    again = decouple("evaluate", "--run", small / "small", "--method", "crt")
    assert f"{result:.2f}" in again.out


def test_lws_refuses_cosine_losses_on_a_linear_classifier(runs: Path, decouple: Run) -> None:
    answer = decouple("stage2", "--run", runs / "base", "--method", "lws", "--loss", "ldam")
    assert answer.code == 2
    assert "--loss ldam needs cosines, and lws keeps stage one's classifier, which is linear; use --method crt" in (
        " ".join(answer.err.split())
    )


def test_a_cosine_run_goes_the_whole_way(tmp_path: Path, decouple: Run) -> None:
    _train(decouple, tmp_path, "--loss", "kps", "--loss-options", "scale=12")
    answer = decouple("stage2", "--run", tmp_path / "one", "--method", "all", "--loss", "gcl")
    assert answer.code == 0, answer.err
    results = RunDir(tmp_path / "one").read_results()
    assert list(results.stage2["last"]) == list(ALL_METHODS)
    assert results.stage2["last"]["none"].metrics["test"] == results.stage1["last"].metrics["test"]
    assert decouple("evaluate", "--run", tmp_path / "one").code == 0
