"""Options of the searches that no other test gives to the program, on one tiny run."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
CPU = ["--device", "cpu"]

pytestmark = pytest.mark.usefixtures("no_figures")

TRAINING = [
    ["tune", "weight-decay", "--prune", "--no-retrain"],
    ["tune", "joint", "--prune", "--no-retrain", "--lr-low", "0.01", "--lr-high", "0.02", "--keep-bias"],
]
FEATURES = [
    ["tune", "tau", "--weights", "best", "--keep-bias", "--refresh-features"],
    ["tune", "stage2", "--weights", "best", "--method", "lws", "--refresh-features", "--epochs-low", "1"],
]
RANGES = ["--epochs-high", "2", "--lr-low", "0.01", "--lr-high", "0.02"]


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _study(runs: Path, name: str) -> Any:
    return json.loads((runs / "base" / "results.json").read_text())["tuning"][name]


@pytest.mark.parametrize("words", [*TRAINING, *FEATURES])
def test_a_study_by_name_and_seed_beside_its_run(decouple: Run, words: list[str], runs: Path, tmp_path: Path) -> None:
    shared = ["--seed", "7", "--storage", f"journal:{tmp_path / 'study.log'}", "--study", "mine", "--quiet", "--csv"]
    options = [*(RANGES if words[1] == "stage2" else ()), "--trials", "2", "--log", "csv", *CPU]
    if words in TRAINING:
        options += ["--epochs", "1"]
    answer = decouple(*words, "--runs", runs, *shared, *options)
    assert answer.code == 0, answer.err
    assert "trial 1" not in answer.err  # it is quiet
    rows = _rows(answer.out)
    assert [row["trial"] for row in rows] == ["1", "2"]
    assert len(_study(runs, "mine")["trials"]) == 2
    assert (tmp_path / "study.log").stat().st_size > 0
    again = decouple(*words, "--runs", runs, *shared, *options)  # continues, and has nothing left to do
    assert _rows(again.out) == rows
    if "--lr-low" in [*words, *options]:
        assert all(0.01 <= float(row["lr"]) <= 0.02 for row in rows)


CHOICES = {
    "weight-decay": ["--range", "momentum=0.5:0.6", "--select", "macro_f1", "--no-retrain", "--epochs", "1"],
    "joint": ["--range", "momentum=0.5:0.6", "--select", "macro_f1", "--no-retrain", "--epochs", "1"],
    "tau": [],
    "stage2": ["--method", "lws", "--select", "macro_f1", *RANGES, "--epochs-low", "1"],
}


@pytest.mark.parametrize(("target", "words"), list(CHOICES.items()))
def test_metric_ranges_and_ties_of_a_search(decouple: Run, target: str, words: list[str], runs: Path) -> None:
    shared = ["--runs", runs, "--trials", "2", "--study", "chosen", "--tie-margin", "1", "--quiet", "--csv"]
    answer = decouple("tune", target, *words, *shared, *CPU)
    assert answer.code == 0, answer.err
    rows = _rows(answer.out)
    assert [row["trial"] for row in rows] == ["1", "2"]
    if "--range" in words:
        assert all(0.5 <= float(row["momentum"]) <= 0.6 for row in rows)


@pytest.mark.parametrize("target", ["weight-decay", "joint", "tau", "stage2"])
def test_workers_are_planned_and_belong_to_gpus_alone_where_they_are_named_so(
    decouple: Run, target: str, runs: Path
) -> None:
    words = ["--runs", runs, "--trials", "2", *CPU]
    answer = decouple("tune", target, "--workers", "2", "--dry-run", "--json", *words)
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["plan"]["settings"]["workers"] == 2
    answer = decouple("tune", target, "--workers-per-gpu", "2", *words)
    assert (answer.code, "--workers-per-gpu" in answer.err) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ["tune", "weight-decay", "--root", "ROOT", "--no-retrain", "--epochs", "1"],
        ["tune", "joint", "--root", "ROOT", "--no-retrain", "--epochs", "1"],
        ["tune", "tau", "--root", "ROOT", "--refresh-features"],
        ["tune", "stage2", "--root", "ROOT", "--refresh-features", "--epochs-high", "3"],
    ],
)
def test_images_that_have_moved(decouple: Run, words: list[str], moved: tuple[Path, Path]) -> None:
    runs, root = moved
    words = [str(root) if word == "ROOT" else word for word in words]
    answer = decouple(*words, "--runs", runs, "--trials", "1", "--folds", "2", *CPU)
    assert answer.code == 0, answer.err


@pytest.fixture
def moved(decouple: Run, new: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The folder of a run whose images have moved, and where they are now."""
    options = ["--image-size", "12", "--epochs", "1", "--name", "x", "--runs", tmp_path / "r", *CPU]
    assert decouple("stage1", "--data", "folder", "--root", new, *options).code == 0
    new.rename(tmp_path / "elsewhere")
    return tmp_path / "r", tmp_path / "elsewhere"
