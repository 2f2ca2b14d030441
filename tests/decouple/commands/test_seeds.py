"""`--seeds` in both stages, through the entry point."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Run = Callable[..., Any]


def _results(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "results.json").read_text()))


def _mean_std(values: list[float]) -> str:
    return f"{np.mean(values):.2f} ± {np.std(values, ddof=1):.2f}"


def test_stage1_makes_a_run_for_each_seed_once(decouple: Run, two: Path, small: list[str]) -> None:
    assert sorted(path.name for path in two.iterdir()) == ["x-s3", "x-s4"]
    written = {path: path.stat().st_mtime_ns for path in two.rglob("*.safetensors")}
    answer = decouple("stage1", *small, "--seeds", "3", "--seed", "3", "--name", "x", "--runs", two)
    assert answer.code == 0
    assert sorted(path.name for path in two.iterdir()) == ["x-s3", "x-s4", "x-s5"]
    assert written == {path: path.stat().st_mtime_ns for path in written}
    result = [_results(two / f"x-s{seed}")["stage1"]["last"]["metrics"]["test"]["balanced"] for seed in (3, 4, 5)]
    assert len(set(result)) > 1
    assert _mean_std(result) in answer.out
    assert (two / "x-s5" / "figures" / "training.png").exists()


@pytest.mark.usefixtures("no_figures")
def test_a_run_of_one_seed_is_the_run_without_seeds(decouple: Run, two: Path, small: list[str]) -> None:
    assert decouple("stage1", *small, "--seed", "4", "--name", "alone", "--runs", two).code == 0
    assert _results(two / "alone")["stage1"] == _results(two / "x-s4")["stage1"]


def test_other_settings_under_the_same_name_are_refused(decouple: Run, two: Path, small: list[str]) -> None:
    answer = decouple("stage1", *small, "--lr", "0.1", "--seeds", "2", "--seed", "3", "--name", "x", "--runs", two)
    assert answer.code == 2
    assert "x-s3 was made with lr 0.05, 0.1 was given; choose another --name" in answer.err


@pytest.mark.usefixtures("no_figures")
def test_an_unfinished_seed_is_finished(decouple: Run, two: Path, small: list[str]) -> None:
    manifest = two / "x-s4" / "run.json"
    expected = _results(two / "x-s4")
    manifest.write_text(manifest.read_text().replace("finished", "interrupted"))
    (two / "x-s4" / "results.json").unlink()
    assert decouple("stage1", *small, "--seeds", "2", "--seed", "3", "--name", "x", "--runs", two).code == 0
    assert _results(two / "x-s4") == expected


@pytest.mark.usefixtures("no_figures")
def test_without_a_name_each_call_has_new_runs(decouple: Run, tmp_path: Path, small: list[str]) -> None:
    words = ["stage1", *small, "--seeds", "2", "--runs", tmp_path / "runs", "--batch-size", "64"]
    assert [decouple(*words).code for _ in range(2)] == [0, 0]
    stem = "digits-exp10-resnet20-ce"
    names = {f"{stem}-{number}-s{seed}" for number in (1, 2) for seed in (0, 1)}
    assert {path.name for path in (tmp_path / "runs").iterdir()} == names


@pytest.mark.usefixtures("no_figures")
def test_stage2_fits_one_run_over_seeds_and_keeps_the_first(decouple: Run, two: Path) -> None:
    words = ["stage2", "--method", "crt", "--run", "x-s3", "--runs", two, "--epochs", "1"]
    assert decouple(*words).code == 0
    alone = _results(two / "x-s3")["stage2"]["last"]["crt"]
    answer = decouple(*words, "--seeds", "3")
    assert answer.code == 0, answer.err
    remaining = _results(two / "x-s3")
    assert remaining["stage2"]["last"]["crt"]["metrics"]["test"] == alone["metrics"]["test"]
    seeds = remaining["stage2_seeds"]["last"]["crt"]
    assert [row["seed"] for row in seeds] == [0, 1, 2]
    assert seeds[0]["balanced"] == alone["metrics"]["test"]["balanced"]
    assert _mean_std([row["top1"] for row in seeds]) in answer.out


@pytest.mark.usefixtures("no_figures")
def test_stage2_takes_the_runs_of_all_seeds(decouple: Run, two: Path) -> None:
    answer = decouple("stage2", "--run", "x", "--runs", two, "--epochs", "1", "--method", "all")
    assert answer.code == 0, answer.err
    result = [_results(two / name)["stage2"]["last"]["crt"] for name in ("x-s3", "x-s4")]
    assert [entry["settings"]["seed"] for entry in result] == [0, 1]
    assert _mean_std([entry["metrics"]["test"]["balanced"] for entry in result]) in answer.out
    assert "runs in" in answer.out
    assert "x-s3, x-s4" in answer.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["stage1", "--seeds", "0"], "--seeds must be 1 or more, got 0"),
        (["stage2", "--seeds", "0"], "--seeds must be 1 or more, got 0"),
        (["stage1", "--seeds", "2", "--resume"], "--resume goes on with one run"),
        (["stage2", "--seeds", "3", "--run", "x", "--method", "crt"], "but there are 2: x-s3, x-s4"),
    ],
)
def test_refusals(decouple: Run, two: Path, words: list[str], sentence: str) -> None:
    answer = decouple(*words, "--runs", two)
    assert answer.code == 2
    assert sentence in answer.err
