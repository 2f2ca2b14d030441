"""`--dry-run`: settings that `--config` reads back, the work, and nothing written."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from stage1 import dry_run
from stage1.settings import Stage1Config

Run = Callable[..., Any]
GRID = """
name: grid
data: [{fraction: 0.3, ratio: 10}]
stage1: [{epochs: 1, batch_size: 16}, {epochs: 2, batch_size: 16, name: longer}]
stage2: [{method: tau, tau: 1.0}, {method: ncm}]
seeds: 3
"""


def state(folder: Path) -> Mapping[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.name != ".lock"}


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_run, "MAX_STEPS", 2)


def test_stage_one(decouple: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["stage1", *small, "--seeds", "2", "--dry-run"]
    answer = decouple(*words)
    assert answer.code == 0, answer.err
    settings = Stage1Config(**yaml.safe_load(answer.out.split("\n\n")[0]) | {"milestones": ()})
    assert (settings.fraction, settings.ratio, settings.batch_size, settings.seeds) == (0.3, 10, 16, 2)
    assert answer.out.endswith("nothing was written\n")
    record = json.loads(decouple(*words, "--json").out)
    (item,) = record["plan"]["items"]
    assert item["times"] == 2
    assert record["seconds"] == pytest.approx(2 * item["seconds"])
    assert item["training"]["images"]["train"] > 0
    assert list(tmp_path.iterdir()) == []


def test_image_files_are_not_cached(decouple: Run, tmp_path: Path) -> None:
    for name in ("moth", "bee"):
        for index in range(8):
            path = tmp_path / "images" / name / f"{index}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8), (30 * index, 0, 90)).save(path)
    words = ["--data", "folder", "--root", tmp_path / "images", "--image-size", "8", "--runs", tmp_path / "runs"]
    answer = decouple("stage1", *words, "--epochs", "1", "--batch-size", "4", "--dry-run", "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["plan"]["items"][0]["training"]["classes"] == 2
    assert not (tmp_path / "runs").exists()


def test_a_resumed_run_is_not_planned(decouple: Run, tmp_path: Path) -> None:
    answer = decouple("stage1", "--resume", "--dry-run", "--runs", tmp_path)
    assert (answer.code, answer.err) == (2, "error: --dry-run plans a new run; leave out --resume\n")


@pytest.mark.parametrize("search", ["weight-decay", "joint"])
def test_searches_that_train(decouple: Run, two: Path, search: str) -> None:
    before = state(two)
    words = ["tune", search, "--run", two / "x-s3", "--trials", "5", "--folds", "2", "--seeds", "3", "--dry-run"]
    answer = decouple(*words, "--json")
    assert answer.code == 0, answer.err
    trial, final = json.loads(answer.out)["plan"]["items"]
    assert (trial["times"], final["times"]) == (10, 3)
    assert trial["training"]["images"]["train"] < final["training"]["images"]["train"]
    assert state(two) == before


def test_a_search_without_a_run_plans_its_first(decouple: Run, tmp_path: Path) -> None:
    answer = decouple("tune", "weight-decay", "--runs", tmp_path / "runs", "--dry-run", "--csv")
    assert answer.code == 0, answer.err
    assert [line.split(",")[0] for line in answer.out.splitlines()[1:]] == [
        "first run",
        "trial",
        "with the best values",
    ]
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("search", ["tau", "stage2"])
def test_searches_on_features(decouple: Run, two: Path, search: str) -> None:
    before = state(two)
    words = ["tune", search, "--run", two / "x-s3", "--trials", "7", "--dry-run"]
    (item,) = json.loads(decouple(*words, "--json").out)["plan"]["items"]
    assert item["times"] == 7
    assert item["seconds"] > 0
    answer = decouple(*words, "--refresh-features")
    assert "features are not cached yet" in answer.out
    assert state(two) == before


def test_a_sweep(decouple: Run, tmp_path: Path) -> None:
    (tmp_path / "grid.yaml").write_text(GRID)
    before = state(tmp_path)
    answer = decouple("sweep", tmp_path / "grid.yaml", "--runs", tmp_path / "runs", "--dry-run", "--json")
    assert answer.code == 0, answer.err
    plan = json.loads(answer.out)["plan"]
    assert [(item["times"], item["training"]["epochs"]) for item in plan["items"]] == [(3, 1), (3, 2)]
    assert "stage two of 12 cells comes on top" in plan["notes"]
    assert state(tmp_path) == before
