"""`decouple sweep` through the entry point."""

import base64
import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

GRID = """
name: grid
data:
  - {name: small, fraction: 0.3, ratio: 5, published: {dataset: digits}}
  - {name: bad, fraction: 0.3, ratio: 900}
stage1: [{epochs: 1, batch_size: 32, published: {stage1: ce}}]
stage2: [{method: none, published: {stage2: none}}, {method: ncm}]
seeds: 2
workers: 2
published: p.csv
"""
PUBLISHED = {
    "source": "made up", "table": "1", "dataset": "digits", "imbalance_profile": "exp", "imbalance_ratio": "5",
    "backbone": "resnet20", "pretrained": "none", "stage1": "ce", "stage2": "none", "split": "all", "metric": "top1",
    "value": "30.0", "std": "0.5", "unit": "percent", "note": "",
}  # fmt: skip


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    (tmp_path / "p.csv").write_text("\n".join(map(",".join, (PUBLISHED, PUBLISHED.values()))))
    (tmp_path / "grid.yaml").write_text(GRID)
    return tmp_path / "grid.yaml"


def _table(folder: Path) -> dict[tuple[str, ...], dict[str, str]]:
    with (folder / "table.csv").open(encoding="utf-8", newline="") as opened:
        return {(row["data"], row["stage2"], row["split"], row["metric"]): row for row in csv.DictReader(opened)}


def _top1(run: Path) -> float:
    """Return the accuracy of stage one on the test split, in percent."""
    methods = json.loads((run / "results.json").read_text())["stage2"]["last"]
    return float(methods["none"]["metrics"]["test"]["top1"])


def test_a_grid_once_and_again(decouple: Run, grid: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = decouple("sweep", grid, "--runs", tmp_path / "runs")
    assert answer.code == 1
    assert answer.err.endswith("error: 4 of 8 cells failed; the same command with --retry runs them again\n")
    folder = tmp_path / "runs" / "grid"
    assert {path.parent.name for path in folder.glob("*/run.json")} == {"small-ce-s0", "small-ce-s1"}  # shared
    assert "cells: 4 of 8 done, 4 failed\n" in answer.out
    assert "failed: bad-ce-s0/none, bad-ce-s0/ncm, bad-ce-s1/none, bad-ce-s1/ncm: class" in answer.out
    logs = [folder / "logs" / f"bad-ce-s{seed}.log" for seed in (0, 1)]
    assert f"log: {logs[0]}, {logs[1]}\n" in answer.out
    assert all(log.read_text().startswith("class '") for log in logs)
    assert {"training.png", "methods.png", "confusion.png"} <= {
        path.name for path in (folder / "small-ce-s1" / "figures").iterdir()
    }
    values = [_top1(folder / f"small-ce-s{seed}") for seed in (0, 1)]
    row = _table(folder)["small", "none", "all", "top1"]
    assert float(row["mean"]) == pytest.approx(sum(values) / 2)
    assert float(row["std"]) == pytest.approx(abs(values[0] - values[1]) / 2**0.5)
    assert float(row["difference"]) == pytest.approx(sum(values) / 2 - 30)
    assert row["n"] == "2"
    assert _table(folder)["bad", "none", "all", "top1"]["failed"] == "2"
    assert "| small | ce | none | top1 |" in (folder / "table.md").read_text()
    page = (folder / "table.html").read_text()
    assert '<td class="number">30.00 ± 0.50</td>' in page
    assert base64.b64encode((folder / "balanced.png").read_bytes()).decode() in page

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a worker was started")

    monkeypatch.setattr("tuning.process_pool.ProcessPool.start", refuse)
    written = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.parent.name.startswith("small")}
    again = decouple("sweep", grid, "--runs", tmp_path / "runs")
    assert again.code == 1  # as long as a cell is missing from the table
    assert again.out == answer.out
    assert written == {path: path.stat().st_mtime_ns for path in written}
    with pytest.raises(AssertionError, match="a worker was started"):
        decouple("sweep", grid, "--runs", tmp_path / "runs", "--retry")


TWICE = """
name: twice
data: [{fraction: 0.3, ratio: 5}]
stage1: [{epochs: 1, batch_size: 32}]
stage2:
  - {method: crt, name: crt-class, epochs: 2}
  - {method: crt, name: crt-cben, sampler: cben, epochs: 1}
"""


def test_two_entries_of_a_method_are_both_kept_and_never_mixed_up(decouple: Run, tmp_path: Path) -> None:
    (tmp_path / "twice.yaml").write_text(TWICE)
    runs = tmp_path / "runs" / "twice"
    answer = decouple("sweep", tmp_path / "twice.yaml", "--runs", runs.parent, "--device", "cpu", "--quiet")
    assert (answer.code, answer.err) == (0, "")
    stored = json.loads((runs / "digits-ce-s0" / "results.json").read_text())["stage2"]["last"]
    samplers = {name: (entry["method"], entry["settings"]["sampler"]) for name, entry in stored.items()}
    assert samplers == {"crt-class": ("crt", "class"), "crt-cben": ("crt", "cben")}
    table = {names[1]: float(row["mean"]) for names, row in _table(runs).items() if names[2:] == ("all", "balanced")}
    assert table == pytest.approx({name: entry["metrics"]["test"]["balanced"] for name, entry in stored.items()})
    for name in stored:  # both classifiers can still be used, each giving its own figures
        again = decouple("evaluate", "--runs", runs, "--method", name)
        assert again.code == 0, again.err
        assert f"{stored[name]['metrics']['test']['nll']:.4f}" in again.out
    missing = decouple("evaluate", "--runs", runs, "--method", "crt")
    assert missing.code == 2
    assert "has no classifier 'crt' for its last weights." in missing.err
    assert "It has: none, crt-class, crt-cben." in missing.err


@pytest.mark.parametrize(
    ("words", "text", "sentence"),
    [
        ([], GRID, "name the file of the sweep: decouple sweep FILE.yaml"),
        (["none.yaml"], GRID, "cannot read the settings file none.yaml: No such file or directory"),
        (["grid.yaml", "--workers", "0"], GRID, "--workers must be 1 or more, got 0"),
        (
            ["grid.yaml"],
            GRID.replace("method: ncm", "method: ncn"),
            "unknown stage-2 method 'ncn'. Did you mean 'ncm'?",
        ),
        (["grid.yaml"], GRID.replace("{epochs: 1,", "{loss: cee,"), "unknown loss 'cee'. Did you mean 'ce'?"),
        (["grid.yaml"], GRID.replace("workers: 2", "wokers: 2"), "unknown key 'wokers' in grid.yaml. Did you mean"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_made(
    decouple: Run, grid: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], text: str, sentence: str
) -> None:
    monkeypatch.chdir(grid.parent)
    grid.write_text(text)
    answer = decouple("sweep", *words)
    assert answer.code == 2
    assert sentence in answer.err
    assert answer.err.count("\n") == 1
    assert not (grid.parent / "runs").exists()
