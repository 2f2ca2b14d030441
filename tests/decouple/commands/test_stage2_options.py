"""Options of stage two that no other test gives to the program, on one tiny run: each is in what the results say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from decouple.files.features import stored_dtype
from decouple.files.run_dir import RunDir

Run = Callable[..., Any]
CPU = ["--device", "cpu"]

pytestmark = pytest.mark.usefixtures("no_figures")

TRAINED = [
    ["stage2", "--method", "crt", "--lr", "0.02", "--batch-size", "64", "--momentum", "0.5", "--weight-decay", "0.01"],
    ["stage2", "--method", "crt", "--sampler", "power", "--sampler-options", "q=0.5", "--seed", "4"],
    ["stage2", "--method", "crt", "--loss", "focal", "--loss-options", "gamma=1", "--select", "few"],
    ["stage2", "--method", "weight_balance", "--norm-threshold", "0.5"],
    ["stage2", "--method", "disalign", "--rho", "0.5"],
    ["stage2", "--method", "lws", "--precision", "bf16"],
    ["stage2", "--method", "mislas", "--lr-factor", "0.5"],
    ["stage2", "--method", "mislas", "--fixed-scale"],
    ["stage2", "--method", "los", "--smoothing", "0.5"],
]


@pytest.mark.parametrize("words", TRAINED)
def test_training_options_change_the_classifier(decouple: Run, words: list[str], runs: Path) -> None:
    run, method = RunDir(runs / "base"), words[2]
    classifiers = []
    for options in (words, words[:3]):
        answer = decouple(*options, "--runs", runs, "--epochs", "2", "--json", *CPU)
        assert answer.code == 0, answer.err
        classifiers.append(run.classifier("last", method).read_bytes())
    assert classifiers[0] != classifiers[1]


def test_folds_and_precision_of_features(decouple: Run, runs: Path) -> None:
    run = RunDir(runs / "base")
    words = ["--method", "knn", "--runs", runs, "--folds", "3", "--feature-precision", "float16"]
    assert decouple("stage2", *words, *CPU).code == 0
    assert "3 folds" in str(run.read_results().stage2["last"]["knn"].selection.split)
    assert stored_dtype(run.features("last", "test")) == "float16"


def test_features_are_made_again_from_images_that_have_moved(decouple: Run, new: Path, tmp_path: Path) -> None:
    options = ["--image-size", "12", "--epochs", "1", "--name", "x", "--runs", tmp_path / "r", *CPU]
    assert decouple("stage1", "--data", "folder", "--root", new, *options).code == 0
    new.rename(tmp_path / "elsewhere")
    words = ["--method", "ncm", "--runs", tmp_path / "r", "--refresh-features"]
    assert decouple("stage2", "x", *words).code == 2
    answer = decouple("stage2", "x", *words, "--root", tmp_path / "elsewhere", *CPU)
    assert answer.code == 0, answer.err


def test_shares_and_files_of_features(decouple: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("train", "val"):
        np.savez(tmp_path / f"{name}.npz", features=rng.normal(size=(60, 4)), labels=np.arange(60) % 3)
    words = ["--features", tmp_path / "train.npz", "--method", "ncm", "--runs", tmp_path / "r", "--json"]
    held_out = json.loads(decouple("stage2", *words, "--val-fraction", "0.25", "--test-fraction", "0.5").out)
    given = json.loads(decouple("stage2", *words, "--val-features", tmp_path / "val.npz").out)
    images = [RunDir(Path(record["runs"][0]["path"])).read_data().images for record in (held_out, given)]
    assert images[0] == {"train": 24, "val": 6, "test": 30}  # of 20 a class 10, and 2 of the other 10
    assert images[1] == {"train": 48, "val": 60, "test": 12}
