"""Options of stage one that no other test gives to the program, in a few tiny trainings."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import timm
import torch

from decouple.config.settings_yaml import from_yaml
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import list_runs
from stage1.settings import Stage1Config

Run = Callable[..., Any]
TINY = [
    "--fraction", "0.2", "--ratio", "8", "--epochs", "2", "--batch-size", "32", "--device", "cpu", "--name", "x",
    "--quiet",
]  # fmt: skip

pytestmark = pytest.mark.usefixtures("no_figures")

SCHEDULES = [
    ["stage1", "--schedule", "multistep", "--milestones", "1", "--gamma", "0.5", "--warmup-epochs", "0"],
    ["stage1", "--schedule", "step", "--step-size", "1", "--gamma", "0.25", "--warmup-epochs", "1"],
]
TRAININGS = [
    [
        "stage1",
        "--optimizer",
        "adam",
        "--lr",
        "0.001",
        "--weight-decay",
        "0",
        "--precision",
        "fp32",
        "--resident",
        "no",
    ],
    ["stage1", "--momentum", "0.5", "--classifier", "cosine", "--cosine-scale", "16"],
    ["stage1", "--loss", "focal", "--loss-options", "gamma=1", "--drw", "--drw-options", "start=0.5", "beta=0.9"],
    ["stage1", "--sampler", "power", "--sampler-options", "q=0.5", "--mix", "mixup", "--mix-options", "alpha=0.2"],
    ["stage1", "--class-order", "shuffled", "--subset-seed", "3", "--longtailed-test", "--normalize", "data"],
]


def _train(decouple: Run, words: list[str], runs: Path) -> RunDir:
    answer = decouple(*words, *TINY, "--runs", runs)
    assert answer.code == 0, answer.err
    assert "epoch 1/2" not in answer.err  # it is quiet
    return RunDir(runs / "x")


@pytest.mark.parametrize("words", TRAININGS)
def test_options_are_settings_of_the_run(decouple: Run, words: list[str], tmp_path: Path) -> None:
    run = _train(decouple, words, tmp_path)
    settings, default = from_yaml(Stage1Config, run.config), Stage1Config()
    names = [word[2:].replace("-", "_") for word in words if word.startswith("--")]

    assert all(getattr(settings, name) != getattr(default, name) for name in names)
    assert ("test_longtailed" in run.read_data().images) == settings.longtailed_test


@pytest.mark.parametrize(("words", "factor"), [(SCHEDULES[0], 0.5), (SCHEDULES[1], 0.25)])
def test_the_learning_rate_falls_by_gamma(decouple: Run, words: list[str], factor: float, tmp_path: Path) -> None:
    run = _train(decouple, words, tmp_path)
    rows = list(csv.DictReader(io.StringIO(run.history.read_text())))
    assert float(rows[1]["lr"]) == pytest.approx(0.05 * factor)


def test_a_table_of_images_whose_pixels_are_not_stored(decouple: Run, new: Path, tmp_path: Path) -> None:
    rows = [f"{path.relative_to(new)}\t{path.parent.name}" for path in sorted(new.rglob("*.png"))]
    (tmp_path / "t.tsv").write_text("\n".join(["path\tlabel", *rows]), encoding="utf-8")
    words = ["--data", "csv", "--csv", tmp_path / "t.tsv", "--root", new, "--image-size", "12", "--no-image-cache"]
    options = ["--epochs", "1", "--val-fraction", "0.3", "--test-fraction", "0.4", "--runs", tmp_path / "r"]
    answer = decouple("stage1", *words, *options, "--as-csv")
    assert answer.code == 0, answer.err
    assert {row["split"] for row in csv.DictReader(io.StringIO(answer.out))} == {"val", "test"}
    (run,) = list_runs(tmp_path / "r")
    assert run.read_data().images == {"train": 6, "val": 3, "test": 6}  # of classes of 6, 5 and 4
    assert not (tmp_path / "r" / ".cache").exists()


def test_glyphs_of_some_classes(decouple: Run, tmp_path: Path) -> None:
    run = _train(decouple, ["stage1", "--data", "glyphs", "--classes", "3"], tmp_path)
    assert len(run.read_data().class_names) == 3


def test_lists_of_images(decouple: Run, new: Path, tmp_path: Path) -> None:
    paths = [sorted((new / name).glob("*.png")) for name in sorted(path.name for path in new.iterdir())]
    parts = {"train": slice(2, None), "val": slice(1, 2), "test": slice(0, 1)}
    for part, chosen in parts.items():
        rows = [f"{path.relative_to(new)} {label}" for label, images in enumerate(paths) for path in images[chosen]]
        (tmp_path / f"{part}.txt").write_text("\n".join(rows), encoding="utf-8")
    train, val, test = (str(tmp_path / f"{part}.txt") for part in parts)
    lists = ["--train-list", train, "--val-list", val, "--test-list", test, "--image-size", "12", "--epochs", "1"]
    answer = decouple("stage1", "--data", "list", "--root", new, *lists, "--name", "x", "--runs", tmp_path / "r")
    assert answer.code == 0, answer.err
    images = RunDir(tmp_path / "r" / "x").read_data().images  # of 6, 5 and 4 images in each class
    assert images == {"train": 4 + 3 + 2, "val": 3, "test": 3}


def test_the_last_block_of_pretrained_weights(decouple: Run, tmp_path: Path) -> None:
    torch.manual_seed(0)
    torch.save(timm.create_model("test_resnet", num_classes=0).state_dict(), tmp_path / "w.pth")
    words = ["stage1", "--model", "test_resnet", "--pretrained", str(tmp_path / "w.pth"), "--train", "last-block"]
    run = _train(decouple, [*words, "--normalize", "data"], tmp_path / "r")
    settings = from_yaml(Stage1Config, run.config)
    assert (settings.train, settings.normalize, settings.initial_lr) == ("last-block", "data", 0.01)


def test_compile_reaches_the_training(decouple: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []

    def note(call: object, **_: object) -> object:
        compiled.append(call)
        return call

    monkeypatch.setattr(torch, "compile", note)
    _train(decouple, ["stage1", "--compile"], tmp_path)
    assert compiled
