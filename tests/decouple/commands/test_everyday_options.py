"""Options of the everyday commands that no other test gives to the program, each with what it changes."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from decouple.config.settings_yaml import from_yaml
from decouple.errors import DataError
from decouple.files.fit_record import read_fit
from decouple.files.run_dir import RunDir
from decouple.fitting.settings import FitConfig

Run = Callable[..., Any]
CPU = ["--device", "cpu"]


@pytest.fixture(autouse=True)
def _no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("draw_stage1", "draw_stage2"):
        monkeypatch.setattr(f"decouple.fitting.answer.{name}", lambda *_: None)


def _lists(root: Path, folder: Path) -> list[str]:
    """Write lists of images: of each class two for testing, one for validation, the rest for training; return words."""
    parts: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    for label, name in enumerate(sorted(path.name for path in root.iterdir())):
        for number, path in enumerate(sorted((root / name).glob("*.png"))):
            part = "test" if number < 2 else "val" if number == 2 else "train"
            parts[part].append(f"{path.relative_to(root)} {label}")
    for part, lines in parts.items():
        (folder / f"{part}.txt").write_text("\n".join(lines), encoding="utf-8")
    train, val, test = (str(folder / f"{part}.txt") for part in parts)
    return ["--root", str(root), "--train-list", train, "--val-list", val, "--test-list", test]


def test_fit_of_lists(decouple: Run, new: Path, tmp_path: Path) -> None:
    words = _lists(new, tmp_path)
    scratch = ["--pretrained", "none", "--epochs", "1", "--image-size", "12", *CPU, "--runs", tmp_path / "r"]
    answer = decouple("fit", *words, *scratch, "--folds", "2", "--seed", "5", "--csv", "--quiet", "--name", "x")
    assert answer.code == 0, answer.err
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert {"none", "tau", "crt"} <= {row["classifier"] for row in rows}
    assert "epoch 1/1" not in answer.err
    settings = from_yaml(FitConfig, tmp_path / "r" / "x" / "config.yaml")
    assert (settings.folds, settings.seed) == (2, 5)
    (run,) = read_fit(tmp_path / "r" / "x").runs
    assert RunDir(tmp_path / "r" / run).read_data().images == {"train": 6, "val": 3, "test": 6}


def test_quickstart_of_images(decouple: Run, new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("decouple.fitting.fit_images.has_packaged_weights", lambda _: False)
    monkeypatch.setattr("decouple.fitting.plan.SCRATCH_EPOCHS", 1)
    answer = decouple("quickstart", "--images", new, "--runs", tmp_path / "r", "--seed", "3", "--json", "--quiet")
    assert (answer.code, answer.err) == (0, "")
    record = json.loads(answer.out)
    assert len(record["conclusions"]) == 3
    assert from_yaml(FitConfig, tmp_path / "r" / "new" / "config.yaml").seed == 3


def test_data_of_lists_and_tables(decouple: Run, new: Path, tmp_path: Path) -> None:
    figure = ["--figure", str(tmp_path / "f.png"), "--json", "--quiet", "--image-size", "12"]
    listed = decouple("data", "--data", "list", *_lists(new, tmp_path), *figure)
    assert (listed.code, listed.err) == (0, "")
    assert json.loads(listed.out)["splits"] == {"train": [3, 2, 1], "val": [1, 1, 1], "test": [2, 2, 2]}
    rows = [f"{path.parent.name!r},{path.relative_to(new)}" for path in sorted(new.rglob("*.png"))]
    (tmp_path / "t.csv").write_text("\n".join(["label;path", *(row.replace(",", ";") for row in rows)]), "utf-8")
    shares = ["--test-fraction", "0.4", "--val-fraction", "0.3", "--subset-seed", "2"]
    table = decouple("data", "--data", "csv", "--csv", tmp_path / "t.csv", "--root", new, *shares, *figure)
    assert table.code == 0, table.err
    # of 6, 5 and 4 images 0.4 are 2, 2 and 2; of the remaining 4, 3 and 2 images 0.3 are 1, 1 and 1
    assert json.loads(table.out)["splits"] == {"train": [3, 2, 1], "val": [1, 1, 1], "test": [2, 2, 2]}


def test_data_in_another_class_order(decouple: Run, tmp_path: Path) -> None:
    words = ["data", "--data", "digits", "--ratio", "20", "--figure", str(tmp_path / "f.png"), "--json"]
    by_label, shuffled = (
        json.loads(decouple(*words, "--class-order", order, "--subset-seed", "1", "--longtailed-test").out)
        for order in ("label", "shuffled")
    )
    assert "test_longtailed" in by_label["splits"]
    counts = [record["training_images"] for record in (by_label, shuffled)]
    assert counts[0] == sorted(counts[0], reverse=True)
    assert counts[1] != sorted(counts[1], reverse=True)


@pytest.mark.parametrize("command", [["data", "--download"], ["stage1", "--download"]])
def test_missing_files_are_downloaded(
    decouple: Run, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_layout: object, root: Path) -> None:
        raise DataError(f"no network for {root}")

    monkeypatch.setattr("decouple.datasets.cifar._download", refuse)
    answer = decouple(*command, "--data", "cifar10", "--root", tmp_path / "c")
    assert (answer.code, answer.err) == (2, f"error: no network for {tmp_path / 'c'}\n")


def test_the_best_weights_of_a_run(decouple: Run, colours: RunDir, new: Path, tmp_path: Path) -> None:
    best = ["--weights", "best", "--quiet"]
    answer = decouple("evaluate", colours.path, "--images", new, "--json", *best, *CPU)
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out)["weights"] == "best"
    answer = decouple("predict", colours.path, new, "--json", *best, "--out", tmp_path / "p.csv", *CPU)
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out)["weights"] == "best"
    for out, weights in (("best.npz", "best"), ("last.npz", "last")):
        words = ["--run", "colours", "--runs", str(colours.path.parent), "--weights", weights, "--quiet"]
        answer = decouple("embed", new, *words, "--out", tmp_path / out, *CPU)
        assert (answer.code, answer.err) == (0, "")
    best_features, last_features = (np.load(tmp_path / name)["features"] for name in ("best.npz", "last.npz"))
    assert best_features.shape == last_features.shape == (15, 64)


def test_images_that_have_moved(decouple: Run, new: Path, tmp_path: Path) -> None:
    words = ["--data", "folder", "--root", new, "--image-size", "12", "--epochs", "1", *CPU]
    assert decouple("stage1", *words, "--name", "x", "--runs", tmp_path / "r").code == 0
    before = json.loads(decouple("evaluate", "x", "--runs", tmp_path / "r", "--json").out)
    new.rename(tmp_path / "elsewhere")
    moved = ["--root", str(tmp_path / "elsewhere"), "--runs", str(tmp_path / "r")]
    answer = decouple("evaluate", "x", *moved, "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["metrics"] == before["metrics"]
    answer = decouple(
        "report", "x", *moved, "--weights", "last", "--map-images", "0", "--no-figure-files", "--csv", "--quiet"
    )
    assert (answer.code, answer.err) == (0, "")
    (row,) = csv.DictReader(io.StringIO(answer.out))
    assert row["weights"] == "last"
    assert "data:image/" in Path(row["path"]).read_text(encoding="utf-8")  # pictures of images


@pytest.mark.parametrize(
    "words",
    [
        ["compare", "--quiet"],
        ["runs", "--quiet"],
        ["methods", "--quiet"],
        ["completion", "bash", "--quiet"],
    ],
)
def test_quiet_leaves_the_result_alone(decouple: Run, words: list[str], colours: RunDir) -> None:
    options = [] if words[0] in ("methods", "completion") else ["--runs", colours.path.parent]
    answer = decouple(*words, *options)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out
