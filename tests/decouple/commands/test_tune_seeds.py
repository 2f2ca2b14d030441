"""`--seeds` and `--folds` of the searches, through the entry point."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Run = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("no_figures")


def _results(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "results.json").read_text()))


def _mean_std(values: list[float]) -> str:
    return f"{np.mean(values):.2f} ± {np.std(values, ddof=1):.2f}"


@pytest.mark.parametrize("target", ["weight-decay", "joint"])
def test_the_best_values_are_trained_with_every_seed_once(target: str, decouple: Run, two: Path) -> None:
    words = ("tune", target, "--run", "x-s3", "--runs", two, "--trials", "1", "--seeds", "2", "--stage2", "ncm")
    answer = decouple(*words)
    assert answer.code == 0, answer.err
    tuned = sorted(path for path in two.iterdir() if path.name not in ("x-s3", "x-s4"))
    best = _results(two / "x-s3")["tuning"][target]["best"]
    stem = "-".join(
        f"{short}{best[name]:.3g}" for short, name in (("lr", "lr"), ("wd", "weight_decay")) if name in best
    )
    assert [path.name for path in tuned] == [f"x-s3-{stem}-s3", f"x-s3-{stem}-s4"]
    results = [_results(path) for path in tuned]
    for entries in ([item["stage1"]["last"] for item in results], [item["stage2"]["last"]["ncm"] for item in results]):
        metrics = [entry["metrics"]["test"] for entry in entries]
        assert len({row["nll"] for row in metrics}) == 2
        assert _mean_std([row["balanced"] for row in metrics]) in answer.out
    written = {path: path.stat().st_mtime_ns for run in tuned for path in run.rglob("weights/*.safetensors")}
    assert decouple(*words).code == 0
    assert written == {path: path.stat().st_mtime_ns for path in written}
    assert len(list(two.iterdir())) == 4


def test_stage_two_is_fitted_with_every_seed_on_one_run(decouple: Run, two: Path) -> None:
    words = ("tune", "stage2", "--run", "x-s3", "--runs", two, "--trials", "2", "--epochs-high", "4")
    assert decouple(*words).code == 0
    alone = _results(two / "x-s3")["stage2"]["last"]["crt"]["metrics"]["test"]
    answer = decouple(*words, "--seeds", "3")
    assert answer.code == 0, answer.err
    result = _results(two / "x-s3")
    rows = result["stage2_seeds"]["last"]["crt"]
    assert [row["seed"] for row in rows] == [0, 1, 2]
    assert rows[0]["balanced"] == alone["balanced"] == result["stage2"]["last"]["crt"]["metrics"]["test"]["balanced"]
    assert _mean_std([row["balanced"] for row in rows]) in answer.out
    assert "seeds of fitting" in answer.out


@pytest.mark.parametrize(("target", "method"), [("tau", "tau"), ("stage2", "crt")])
def test_runs_of_several_seeds_are_searched_one_by_one(target: str, method: str, decouple: Run, two: Path) -> None:
    answer = decouple("tune", target, "--run", "x", "--runs", two, "--trials", "2")
    assert answer.code == 0, answer.err
    result = [_results(two / f"x-s{seed}") for seed in (3, 4)]
    assert all(len(item["tuning"]) == 1 for item in result)
    assert _mean_std([item["stage2"]["last"][method]["metrics"]["test"]["balanced"] for item in result]) in answer.out
    assert "x-s3: best" in answer.out
    assert "seeds of both stages" in answer.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["weight-decay", "--folds", "1"], "--folds must be 2 or more, or 0 for one split, got 1"),
        (["tau", "--folds", "-2"], "--folds must be 2 or more, or 0 for one split, got -2"),
        (["joint", "--folds", "3", "--holdout", "0.3"], "--folds 3 takes the place of --holdout; give one of them"),
        (["weight-decay", "--seeds", "0"], "--seeds must be 1 or more, got 0"),
        (["stage2", "--seeds", "0"], "--seeds must be 1 or more, got 0"),
        (["joint", "--seeds", "2", "--no-retrain"], "and --no-retrain not to; give one of them"),
        (["tau", "--run", "x-s3", "--seeds", "2"], "tau normalization is not random"),
        (["tau", "--run", "x", "--seeds", "3"], "--seeds 3 needs as many runs, but there are 2: x-s3, x-s4"),
    ],
)
def test_what_contradicts_itself_is_refused(words: list[str], message: str, decouple: Run, two: Path) -> None:
    answer = decouple("tune", *words, "--runs", two)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert message in answer.err
