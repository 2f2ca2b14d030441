"""From a folder of image files to a table, through the entry point."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

Run = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("no_figures")


def folder(root: Path, counts: dict[str, int], size: int = 12) -> Path:
    """Write one folder per class of noise around a colour of its own."""
    rng = np.random.default_rng(0)
    for index, (name, count) in enumerate(counts.items()):
        (root / name).mkdir(parents=True)
        for number in range(count):
            noise = rng.integers(0, 60, (size, size + 2, 3), dtype=np.uint8)
            noise[..., index % 3] += 150
            Image.fromarray(noise).save(root / name / f"{number}.png")
    return root


def test_an_own_folder_from_images_to_table(decouple: Run, tmp_path: Path) -> None:
    folder(tmp_path / "moths", {"large": 30, "middle": 12, "small": 5})
    runs = tmp_path / "runs"
    arguments = (
        "--data",
        "folder",
        "--root",
        tmp_path / "moths",
        "--image-size",
        "12",
        "--epochs",
        "2",
        "--batch-size",
        "8",
    )
    assert decouple("stage1", *arguments, "--runs", runs).code == 0
    assert decouple("stage2", "--runs", runs).code == 0
    data = json.loads(next(runs.glob("*/data.json")).read_text())
    assert data["class_names"] == ["large", "middle", "small"]
    # test: a fifth of 30, 12, 5 = 6, 2 (2.4), 1; validation: a tenth of the 24, 10, 4 left = 2, 1, 1 (never none)
    assert data["split_counts"] == {"val": [2, 1, 1], "test": [6, 2, 1]}
    assert data["class_counts"] == [22, 9, 3]
    shutil.rmtree(tmp_path / "moths" / "small")
    assert decouple("stage2", "--runs", runs).code == 0  # the cache needs no images
    moved = decouple("evaluate", "--runs", runs)
    assert moved.code == 2
    assert "not those that" in moved.err


def test_a_truncated_image_is_named_and_can_be_skipped(decouple: Run, tmp_path: Path) -> None:
    folder(tmp_path / "moths", {"a": 8, "b": 8})
    broken = tmp_path / "moths" / "b" / "3.png"
    broken.write_bytes(broken.read_bytes()[:60])
    arguments = (
        "stage1",
        "--data",
        "folder",
        "--root",
        tmp_path / "moths",
        "--epochs",
        "1",
        "--runs",
        tmp_path / "runs",
    )
    refused = decouple(*arguments)
    assert refused.code == 2
    assert "3.png" in refused.err
    assert "--skip-bad-images" in refused.err
    assert not (tmp_path / "runs").exists()
    went_on = decouple(*arguments, "--skip-bad-images")
    assert went_on.code == 0
    assert "could not be read and were left out: 1" in went_on.out


def test_without_a_validation_split_tau_is_chosen_in_folds(decouple: Run, tmp_path: Path) -> None:
    folder(tmp_path / "moths", {"a": 8, "b": 8})
    runs = tmp_path / "runs"
    arguments = (
        "--data",
        "folder",
        "--root",
        tmp_path / "moths",
        "--image-size",
        "12",
        "--epochs",
        "1",
        "--val-fraction",
        "0",
    )
    assert decouple("stage1", *arguments, "--runs", runs).code == 0
    answer = decouple("stage2", "--method", "tau", "--runs", runs)
    assert answer.code == 0
    assert "no validation split: hyper-parameters are chosen in 5 folds" in answer.out
    assert decouple("stage2", "--method", "tau", "--tau", "1", "--runs", runs).code == 0


def test_without_validation_the_hyper_parameters_of_the_best_trial_are_used(decouple: Run, tmp_path: Path) -> None:
    root, runs = folder(tmp_path / "moths", {"a": 12, "b": 8}), tmp_path / "runs"
    arguments = ("--data", "folder", "--root", root, "--image-size", "12", "--epochs", "1", "--val-fraction", "0")
    assert decouple("stage1", *arguments, "--runs", runs, "--name", "base").code == 0
    answer = decouple("tune", "joint", "--runs", runs, "--trials", "1", "--methods", "knn")
    assert answer.code == 0, answer.err
    best = json.loads((runs / "base" / "results.json").read_text())["tuning"]["joint"]["best"]
    (tuned,) = runs.glob("base-lr*")
    result = json.loads((tuned / "results.json").read_text())["stage2"]["last"]
    assert result["knn"]["selection"] == {"values": {"k": best["k"]}, "by": "the user"}
