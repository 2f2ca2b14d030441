"""`--json`, `--csv` and `--quiet` of every command that prints results: one object or table on stdout, nothing else."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

Run = Callable[..., Any]
GRID = """
name: grid
data: [{fraction: 0.3, ratio: 10}]
stage1: [{epochs: 1, batch_size: 16}]
stage2: [{method: tau, tau: 1.0}]
"""


def as_json(answer: Any) -> dict[str, Any]:
    assert answer.code == 0, answer.err
    assert answer.out.count("\n") == 1
    value = json.loads(answer.out)
    assert list(value) == sorted(value)
    return dict(value)


def as_rows(answer: Any) -> list[dict[str, str]]:
    assert answer.code == 0, answer.err
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert all(None not in row and None not in row.values() for row in rows)
    return rows


def test_training_and_methods(decouple: Run, tmp_path: Path, small: list[str], no_figures: None) -> None:
    runs = ["--runs", tmp_path / "runs"]
    answer = decouple("stage1", *small, *runs, "--name", "x", "--json")
    record = as_json(answer)
    stored = json.loads((tmp_path / "runs/x/results.json").read_text())
    assert (
        record["runs"][0]["stage1"]["last"]["metrics"]["test"]["top1"]
        == stored["stage1"]["last"]["metrics"]["test"]["top1"]
    )
    assert record["runs"][0]["stage1"]["last"]["metrics"]["test"]["confusion"] is None
    assert "epoch 1/1" in answer.err

    record = as_json(decouple("stage2", *runs, "--method", "ncm", "--json"))
    assert list(record["runs"][0]["stage2"]["last"]) == ["ncm"]
    rows = as_rows(decouple("stage2", *runs, "--method", "tau", "--csv"))
    assert [row["classifier"] for row in rows if row["split"] == "test" and row["weights"] == "last"] == ["none", "tau"]

    record = as_json(decouple("tune", "tau", *runs, "--trials", "3", "--json"))
    assert len(record["searches"]["x"]["trials"]) == 3
    assert "tau" in record["runs"][0]["stage2"]["last"]
    rows = as_rows(decouple("tune", "tau", *runs, "--trials", "4", "--csv"))
    assert [row["trial"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["best"] for row in rows].count("True") == 1

    record = as_json(decouple("evaluate", "--method", "tau", *runs, "--json"))
    assert record["split"] == "test"
    assert len(record["class_names"]) == len(record["metrics"]["per_class"]) == 10
    rows = as_rows(decouple("evaluate", *runs, "--csv"))
    assert float(rows[0]["low"]) <= float(rows[0]["value"]) <= float(rows[0]["high"])

    record = as_json(decouple("compare", *runs, "x", "--json"))
    assert {cell["classifier"] for cell in record["metrics"]} == {"none", "ncm", "tau"}
    assert len(record["pairs"]) == 3
    rows = as_rows(decouple("compare", *runs, "--method", "none", "tau", "--csv"))
    assert [row["figure"] for row in rows] == 2 * ["all", "balanced", "many", "medium", "few"]

    assert [run["status"] for run in as_json(decouple("runs", *runs, "--json"))["runs"]] == ["finished"]
    assert [row["run"] for row in as_rows(decouple("runs", *runs, "--csv"))] == ["x"]


@pytest.mark.parametrize("search", ["weight-decay", "joint", "stage2"])
def test_searches(decouple: Run, two: Path, search: str, no_figures: None) -> None:
    options = {"weight-decay": ["--epochs", "1"], "joint": ["--epochs", "1"], "stage2": ["--epochs-high", "3"]}[search]
    answer = decouple("tune", search, "--run", two / "x-s3", "--trials", "1", *options, "--json")
    record = as_json(answer)
    assert [len(entry["trials"]) for entry in record["searches"].values()] == [1]
    assert record["runs"][0]["stage2"]["last"]


def test_a_sweep(decouple: Run, tmp_path: Path, no_figures: None) -> None:
    (tmp_path / "grid.yaml").write_text(GRID)
    record = as_json(decouple("sweep", tmp_path / "grid.yaml", "--runs", tmp_path / "runs", "--json"))
    assert [cell["state"] for cell in record["cells"].values()] == ["done"]
    rows = as_rows(decouple("sweep", tmp_path / "grid.yaml", "--runs", tmp_path / "runs", "--csv"))
    assert [float(row["mean"]) if row["mean"] else None for row in rows] == [row["mean"] for row in record["rows"]]


def test_data(decouple: Run, tmp_path: Path) -> None:
    words = ["data", "--figure", tmp_path / "classes.png", "--fraction", "0.5"]
    record = as_json(decouple(*words, "--json"))
    rows = as_rows(decouple(*words, "--as-csv"))
    assert [int(row["train"]) for row in rows] == record["splits"]["train"]
    assert record["imbalance_ratio"] == max(record["training_images"]) / min(record["training_images"])


def test_methods(decouple: Run) -> None:
    record = as_json(decouple("methods", "--json"))
    assert [row["name"] for row in as_rows(decouple("methods", "--csv"))] == [row["name"] for row in record["entries"]]
    (entry,) = as_json(decouple("methods", "--name", "crt", "--json"))["entries"]
    assert {option["name"] for option in entry["options"]} >= {"lr", "epochs"}


def test_an_error_leaves_stdout_empty(decouple: Run, tmp_path: Path) -> None:
    answer = decouple("evaluate", "--runs", tmp_path, "--json")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: there is no run in")


def test_quiet_prints_the_result_alone(decouple: Run, tmp_path: Path, small: list[str], no_figures: None) -> None:
    words = ["stage1", *small, "--runs", tmp_path / "runs", "--name", "x"]
    answer = decouple(*words, "--quiet")
    assert answer.err == ""
    assert answer.out.startswith("stage one on the test split")
    assert "quiet:" not in (tmp_path / "runs/x/config.yaml").read_text()


def test_a_run_whose_process_is_gone_is_interrupted(decouple: Run, two: Path) -> None:
    manifest = two / "x-s3" / "run.json"
    manifest.write_text(manifest.read_text().replace("finished", "training"))

    def statuses() -> list[str]:
        return [row["status"] for row in as_json(decouple("runs", "--runs", two, "--json"))["runs"]]

    assert statuses() == ["interrupted", "finished"]
    with FileLock(two / "x-s3" / ".lock"):
        assert statuses() == ["training", "finished"]
