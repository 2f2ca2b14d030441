"""The options of protocols and optimisers, given to the program."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nothing."""
    monkeypatch.setattr("decouple.commands.stage1.draw_stage1", lambda *_: None)


def test_data_of_chosen_classes_with_counts_and_noise(decouple: Run, tmp_path: Path) -> None:
    words = ["data", "--classes-only", "7", "1", "--counts", "40", "10", "--label-noise", "0.2"]
    split = ["--test-from", "train", "--val-from", "test", "--longtailed-test", "--test-ratio", "4"]
    answer = decouple(*words, *split, "--test-max-count", "8", "--figure", tmp_path / "f.png", "--json")
    assert answer.code == 0, answer.err
    record = json.loads(answer.out)
    assert record["class_names"] == ["7", "1"]
    assert record["training_images"] == [40, 10]
    assert record["wrong_labels"] == 10
    assert record["splits"]["val"] == [40, 40]
    assert record["splits"]["test_longtailed"] == [8, 2]


def test_a_training_with_all_of_them(decouple: Run, tmp_path: Path) -> None:
    words = ["stage1", "--classes-only", "7", "1", "--counts", "40", "10", "--label-noise", "0.1", "--epochs", "1"]
    split = ["--test-from", "train", "--val-from", "test", "--longtailed-test", "--test-ratio", "4"]
    steps = ["--optimizer", "adamw", "--optimizer-options", "eps=1e-6", "--sam", "0.05", "--device", "cpu"]
    answer = decouple(*words, *split, *steps, "--runs", tmp_path, "--name", "a")
    assert answer.code == 0, answer.err
    assert json.loads((tmp_path / "a" / "data.json").read_text())["wrong_labels"] == 5


@pytest.mark.parametrize("option", ["drop-rate", "drop-path"])
def test_dropout_goes_with_timm_models(decouple: Run, tmp_path: Path, option: str) -> None:
    answer = decouple("stage1", "--drop-rate", "0", "--drop-path", "0", f"--{option}", "0.1", "--runs", tmp_path)
    assert answer.code == 2
    assert answer.err == f"error: --{option} goes with timm models; 'resnet20' has no dropout\n"
