"""`decouple fit` as a user runs it, on tiny pictures."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from PIL import Image

from decouple.files.fit_record import read_fit
from decouple.files.run_lookup import find_run
from decouple.fitting import fit_images as fit_module

Run = Callable[..., Any]
SCRATCH = ["--pretrained", "none", "--epochs", "1", "--image-size", "8"]
COLOURS = {"red moth": (200, 30, 30), "<green>": (30, 200, 30), "blaü": (30, 30, 200), "grey": (120, 120, 120)}


def _folder(root: Path, counts: tuple[int, ...] = (60, 12, 5, 1)) -> Path:
    rng = np.random.default_rng(0)
    for (name, colour), count in zip(COLOURS.items(), counts, strict=False):
        (root / name).mkdir(parents=True)
        for number in range(count):
            pixels = np.clip(np.array(colour) + rng.integers(-25, 25, (8, 8, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    return root


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return _folder(tmp_path / "my moths")


@pytest.fixture(autouse=True)
def _no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("draw_stage1", "draw_stage2"):
        monkeypatch.setattr(f"decouple.fitting.answer.{name}", lambda *_: None)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of timm's smallest ResNet, a random start in place of training."""
    path: Path = tmp_path_factory.mktemp("weights") / "resnet.pth"
    torch.manual_seed(0)
    torch.save(timm.create_model("test_resnet", num_classes=0).state_dict(), path)
    return path


def test_from_a_folder_to_a_recommendation(decouple: Run, images: Path, tmp_path: Path) -> None:
    (images / "grey" / "notes.txt").write_text("no image")
    answer = decouple("fit", images, "--runs", tmp_path / "runs", *SCRATCH)
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert (answer.out + answer.err).count("not read: 1 file ending in .txt") == 1
    assert lines[0].startswith(
        f"{images}: 78 images of 4 classes, 1 to 60 a class; of each class, 20 % for testing and 10 %"
    )
    assert lines[1] == "classes of one image, which is for training: 1 ('grey')"
    assert "classes with fewer than 10 test images, whose accuracy stays unknown: 3 of 4" in lines
    assert "not read: 1 file ending in .txt (grey/notes.txt)" in lines
    assert any(
        line.startswith("step 1: train all layers of the network (stage one) for 1 epoch from random weights")
        for line in lines
    )
    assert "methods and hyper-parameters are chosen in" in answer.out
    assert any(line.startswith("first table after ") for line in lines)
    assert [line.split(":")[0] for line in lines[-4:-1]] == ["Found", "Rarest class", "Photograph next"]
    assert lines[-5].startswith('how to read it: a row is a classifier: "stage one" the first one')
    assert "1 training image" in lines[-3]
    assert "no test image: unknown" in lines[-3]
    folder = tmp_path / "runs" / "my-moths"
    assert (
        lines[-1] == f"next: decouple predict {folder} NEW_IMAGES; decouple report {folder}; decouple export {folder}"
    )
    assert read_fit(folder).recommended == "my-moths-all"
    for path in (str(folder), "my-moths", None):
        assert find_run(path, str(tmp_path / "runs")).name == "my-moths-all"
    table = tmp_path / "p.csv"
    assert decouple("predict", folder, images / "blaü", "--out", table).code == 0
    assert len(table.read_text().splitlines()) == 1 + 5


def test_two_steps_and_one_recommended_run(decouple: Run, images: Path, weights: Path, tmp_path: Path) -> None:
    options = ["--model", "test_resnet", "--pretrained", weights, "--image-size", "32", "--epochs", "1"]
    answer = decouple("fit", images, "--runs", tmp_path, "--name", "m", *options, "--train", "head", "--json")
    assert answer.code == 0, answer.err
    record = json.loads(answer.out)
    assert [run["name"] for run in record["runs"]] == ["m-frozen", "m-head"]
    assert record["recommended"] in ("m-frozen", "m-head")
    assert ("is better than" in record["reason"]) == (record["recommended"] == "m-head")
    assert len(record["conclusions"]) == 3
    assert find_run("m", str(tmp_path)).name == record["recommended"]
    frozen = record["runs"][0]["recommended"]
    # Without 12 + 2 + 1 test images and the only image of a class; 4 images of the smallest class of two or more.
    assert frozen["split"] == "62 images in 4 folds of training and validation"
    head = record["runs"][1]["recommended"]
    assert head["split"] == "7 validation images in 4 folds"  # of 48, 10 and 4: a tenth, at least one


def test_an_interrupted_fit_goes_on_where_it_was(
    decouple: Run, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fit_module, "ensure_stage2", stop)
    answer = decouple("fit", images, "--runs", tmp_path / "r", *SCRATCH)
    assert answer.code == 130
    assert f"decouple fit --resume --name my-moths --runs {tmp_path / 'r'}" in answer.err
    weights = tmp_path / "r" / "my-moths-all" / "weights" / "last.safetensors"
    before = weights.stat().st_mtime_ns
    assert decouple("evaluate", "--run", "my-moths", "--runs", tmp_path / "r").code == 2
    monkeypatch.undo()
    for name in ("draw_stage1", "draw_stage2"):
        monkeypatch.setattr(f"decouple.fitting.answer.{name}", lambda *_: None)
    answer = decouple("fit", "--resume", "--runs", tmp_path / "r")
    assert answer.code == 0, answer.err
    assert weights.stat().st_mtime_ns == before
    assert read_fit(tmp_path / "r" / "my-moths").recommended == "my-moths-all"
    answer = decouple("fit", "--resume", "--runs", tmp_path / "r")
    assert (answer.code, "there is no unfinished fit" in answer.err) == (2, True)


def test_a_fit_interrupted_before_its_folder_exists_has_written_nothing(
    decouple: Run, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fit_module, "check_images", stop)
    answer = decouple("fit", images, "--runs", tmp_path / "r")
    assert (answer.code, answer.err) == (
        130,
        "\ninterrupted before anything was written; the same command starts again\n",
    )
    assert not (tmp_path / "r").exists()


def test_a_dry_run_writes_nothing(decouple: Run, images: Path, weights: Path, tmp_path: Path) -> None:
    options = ["--model", "test_resnet", "--pretrained", weights, "--image-size", "32", "--train", "last-block"]
    answer = decouple("fit", images, "--runs", tmp_path / "r", *options, "--dry-run", "--json")
    assert answer.code == 0, answer.err
    items = json.loads(answer.out)["plan"]["items"]
    assert [item["work"] for item in items] == ["frozen features", "stage one (last-block)"]
    assert items[1]["training"]["images"] == {"train": 56, "val": 7, "test": 15}
    assert min(item["seconds"] for item in items) > 0
    assert not (tmp_path / "r").exists()


def test_names_that_are_taken(decouple: Run, images: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert decouple("fit", images, "--runs", tmp_path / "r", *SCRATCH).code == 0
    assert read_fit(tmp_path / "r" / "my-moths-2").runs == ("my-moths-2-all",)
    answer = decouple("fit", images, "--runs", tmp_path / "r", "--name", "my-moths", *SCRATCH)
    assert (answer.code, "exists already; choose another --name" in answer.err) == (2, True)
    for dry_run in ((), ("--dry-run",)):
        answer = decouple("fit", images, "--runs", tmp_path / "r", "--name", "../x", *SCRATCH, *dry_run)
        assert (answer.code, "plain folder name" in answer.err) == (2, True)


def test_quickstart_with_images(decouple: Run, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("decouple.fitting.fit_images.has_packaged_weights", lambda _: False)
    monkeypatch.setattr("decouple.fitting.plan.SCRATCH_EPOCHS", 1)
    answer = decouple("quickstart", "--images", images, "--runs", tmp_path / "r")
    assert answer.code == 0, answer.err
    assert "Photograph next" in answer.out


def test_a_table_of_images(decouple: Run, images: Path, tmp_path: Path) -> None:
    rows = [f"{path.relative_to(images)},{path.parent.name}" for path in sorted(images.rglob("*.png"))]
    table = tmp_path / "moths.csv"
    table.write_text("\n".join(["path,label", *rows]))
    answer = decouple("fit", table, "--root", images, "--runs", tmp_path / "r", *SCRATCH)
    assert answer.code == 0, answer.err
    assert read_fit(tmp_path / "r" / "moths").recommended == "moths-all"


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((3,), "has one class only"),
        ((1, 1), "every class has only one image"),
        ((2, 2), "at least one class has 3"),
        ((), "does not exist"),
    ],
)
def test_folders_that_cannot_be_fitted(decouple: Run, tmp_path: Path, counts: tuple[int, ...], message: str) -> None:
    answer = decouple("fit", _folder(tmp_path / "m", counts), "--runs", tmp_path / "r", *SCRATCH)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert message in answer.err
    assert not (tmp_path / "r").exists()


def test_wrong_paths_and_images(decouple: Run, images: Path, tmp_path: Path) -> None:
    runs = ["--runs", tmp_path / "r"]
    picture = images / "red moth" / "0.png"
    for command in (["fit", images], ["stage1"]):
        answer = decouple(*command, "--runs", picture / "deeper")
        assert answer.err == f"error: --runs must be a folder, and {picture} is a file\n"
    assert "is a file, not a folder" in decouple("fit", picture, *runs).err
    assert "needs IMAGES" in decouple("fit", *runs).err
    (tmp_path / "empty").mkdir()
    assert "no images under" in decouple("fit", tmp_path / "empty", *runs).err
    assert "there is no fit" in decouple("fit", "--resume", "--name", "x", *runs).err
    assert "there is no file" in decouple("fit", images, *runs, "--name", "w", "--pretrained", "w.pth").err
    picture.write_bytes(b"broken")
    answer = decouple("fit", images, *runs, "--name", "a", *SCRATCH)
    assert answer.code == 2
    assert str(picture) in answer.err
    assert [path.name for path in (tmp_path / "r").iterdir()] == [".cache"]  # a mistake leaves no run behind
    assert decouple("fit", images, *runs, "--name", "b", *SCRATCH, "--skip-bad-images").code == 0


def test_frozen_features_of_the_package(decouple: Run, images: Path, tmp_path: Path) -> None:
    answer = decouple("fit", images, "--runs", tmp_path / "r", "--image-size", "32", "--epochs", "2")
    assert answer.code == 0, answer.err
    assert "model: tf_efficientnet_lite0 (ImageNet weights of an installed package)" in answer.out
    assert "the network is not trained (on a CPU" in answer.out
    assert read_fit(tmp_path / "r" / "my-moths").recommended == "my-moths-frozen"
