"""`decouple compare` through the entry point, on small finished runs."""

import csv
import json
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from decouple.cli import main

Run = Callable[..., Any]

SMALL = ["--data", "digits", "--fraction", "0.3", "--epochs", "1", "--batch-size", "16"]


@pytest.fixture(scope="module")
def _compared_runs(
    tmp_path_factory: pytest.TempPathFactory, without_figures: Callable[[], AbstractContextManager[None]]
) -> Path:
    runs = tmp_path_factory.mktemp("compared") / "runs"

    def train(name: str, *more: str) -> None:
        assert main(["stage1", *SMALL, "--name", name, "--runs", str(runs), *more]) == 0

    with without_figures():
        train("x", "--ratio", "10", "--seeds", "2")
        train("y", "--ratio", "10", "--loss", "balanced_softmax")
        train("z", "--ratio", "5")
        for name in ("x", "y", "z"):
            assert main(["stage2", "--run", name, "--runs", str(runs), "--method", "tau"]) == 0
    return runs


@pytest.fixture
def compared_runs(_compared_runs: Path, tmp_path: Path) -> Path:
    shutil.copytree(_compared_runs, tmp_path / "runs")
    return tmp_path / "runs"


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def _test_of(run: Path, method: str) -> Any:
    return json.loads((run / "results.json").read_text())["stage2"]["last"][method]


def test_one_run_compares_all_its_classifiers(decouple: Run, compared_runs: Path, tmp_path: Path) -> None:
    shutil.rmtree(compared_runs / "x-s0" / "weights" / "unused", ignore_errors=True)
    answer = decouple("compare", "x-s0", "--runs", compared_runs, "--out", tmp_path / "out")
    assert answer.code == 0, answer.err
    rows = {(row["classifier"], row["figure"]): row for row in _csv(tmp_path / "out" / "compare.csv")}
    stored = _test_of(compared_runs / "x-s0", "tau")["metrics"]["test"]
    assert float(rows["tau", "balanced"]["value"]) == pytest.approx(stored["balanced"], abs=1e-9)
    assert [float(rows["tau", "all"][end]) for end in ("low", "high")] == pytest.approx(stored["intervals"]["top1"])
    (pair,) = _csv(tmp_path / "out" / "compare_pairs.csv")
    against = _test_of(compared_runs / "x-s0", "tau")["against_stage1"]  # tau - stage one; here it is stage one - tau
    assert float(pair["top1"]) == pytest.approx(-against["top1"])
    assert float(pair["p"]) == float(pair["p_holm"]) == pytest.approx(against["mcnemar_p"])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "compare.csv", "compare_pairs.csv", "compare.md", "compare.png"
    }  # fmt: skip
    assert "| tau | 1 | value |" in (tmp_path / "out" / "compare.md").read_text()


def test_runs_that_differ_in_their_seed_are_one_line(decouple: Run, compared_runs: Path, tmp_path: Path) -> None:
    answer = decouple("compare", "x", "y", "--method", "tau", "--runs", compared_runs, "--out", tmp_path / "out")
    assert answer.code == 0, answer.err
    rows = {(row["classifier"], row["figure"]): row for row in _csv(tmp_path / "out" / "compare.csv")}
    assert {name for name, _ in rows} == {"x", "y"}
    values = [_test_of(compared_runs / name, "tau")["metrics"]["test"]["balanced"] for name in ("x-s0", "x-s1")]
    assert float(rows["x", "balanced"]["value"]) == pytest.approx(sum(values) / 2)
    assert float(rows["x", "balanced"]["std"]) == pytest.approx(abs(values[0] - values[1]) / 2**0.5)
    assert rows["y", "balanced"]["std"] == ""
    (pair,) = _csv(tmp_path / "out" / "compare_pairs.csv")
    assert (pair["a"], pair["b"], pair["seed"]) == ("x", "y", "0")


def test_the_images_are_not_needed(decouple: Run, compared_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("an image was read")

    monkeypatch.setattr("stage1.run.load_for", refuse)
    assert decouple("compare", "x-s0", "x-s1", "--runs", compared_runs).code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["x-s0", "z"],
            "x-s0 and z cannot be compared on the split 'test', since their data differ: ratio 10.0 and 5.0",
        ),
        (["x-s0", "--method", "tua"], "has no classifier 'tua' for its last weights. Did you mean 'tau'?"),
        (["x-s0", "--method", "tau"], "there is one classifier to compare, tau"),
        (["x-s0", "--method", "all", "tau"], "--method all stands for every method"),
        (["x-s0", "--split", "test_longtailed"], "has no split 'test_longtailed'; it has"),
        (["x-s0", "--weights", "best"], "has no cached features of its best weights"),
        (["nothing"], "there is no run folder"),
        (["--method", "tau", "x-s0", "-x"], "unknown option '-x'"),
    ],
)
def test_refusals(decouple: Run, compared_runs: Path, words: list[str], sentence: str) -> None:
    answer = decouple("compare", *words, "--runs", compared_runs)
    assert answer.code == 2
    assert sentence in answer.err
    assert answer.err.count("\n") == 1


def test_features_of_other_weights_are_refused(decouple: Run, compared_runs: Path) -> None:
    shutil.copy(
        compared_runs / "x-s1" / "features" / "last" / "test.safetensors", compared_runs / "x-s0" / "features" / "last"
    )
    answer = decouple("compare", "x-s0", "--runs", compared_runs)
    assert answer.code == 2
    assert "belongs to other stage-one weights" in answer.err
