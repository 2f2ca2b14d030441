"""`decouple stage2 --features`: embeddings of a foundation model in, a balanced classifier out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

Run = Callable[..., Any]
COUNTS = [60, 20, 8]


def _rows(counts: list[int], seed: int) -> tuple[Any, Any]:
    rng, labels = np.random.default_rng(seed), np.repeat(np.arange(3), counts)
    return (np.eye(3, 4)[labels] * 2 + rng.normal(size=(len(labels), 4))).astype(np.float32), labels


def _write(path: Path, counts: list[int], seed: int) -> Path:
    rows, labels = _rows(counts, seed)
    if path.suffix == ".npz":
        np.savez(path, features=rows, labels=labels)
    elif path.suffix == ".safetensors":
        save_file({"features": torch.from_numpy(rows), "labels": torch.from_numpy(labels)}, path)
    else:
        pd.DataFrame(rows).assign(label=labels).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("suffix", ["npz", "safetensors", "csv"])
def test_each_kind_of_file_goes_the_whole_way(decouple: Run, tmp_path: Path, suffix: str) -> None:
    runs = tmp_path / "runs"
    train = _write(tmp_path / f"train.{suffix}", COUNTS, 0)
    test = _write(tmp_path / f"test.{suffix}", [30] * 3, 1)
    arguments = (
        "stage2",
        "--features",
        train,
        "--test-features",
        test,
        "--runs",
        runs,
        "--name",
        "own",
        "--method",
        "crt",
    )
    answer = decouple(*arguments)
    assert answer.code == 0, answer.err
    assert "crt" in answer.out
    assert (runs / "own" / "figures" / "methods.png").exists()
    listed = decouple("runs", "--runs", runs)
    assert f"train.{suffix}" in listed.out
    evaluated = decouple("evaluate", "--runs", runs, "--method", "crt")
    assert evaluated.code == 0, evaluated.err
    assert "90 images of test" in evaluated.out


def test_tau_is_not_tuned_where_stage_one_left_no_classifier(decouple: Run, tmp_path: Path) -> None:
    train = _write(tmp_path / "train.npz", COUNTS, 0)
    assert decouple("stage2", "--features", train, "--runs", tmp_path / "runs", "--method", "ncm").code == 0
    answer = decouple("tune", "tau", "--runs", tmp_path / "runs", "--trials", "3")
    assert answer.code == 2
    assert "tau needs stage one's classifier" in answer.err


@pytest.mark.parametrize("target", ["weight-decay", "joint"])
def test_a_network_is_not_tuned_where_there_is_none(decouple: Run, tmp_path: Path, target: str) -> None:
    train = _write(tmp_path / "train.npz", COUNTS, 0)
    assert decouple("stage2", "--features", train, "--runs", tmp_path / "runs", "--method", "ncm").code == 0
    answer = decouple("tune", target, "--runs", tmp_path / "runs")
    assert answer.code == 2
    assert "was made of features alone, so there is no network to train" in answer.err
    assert answer.err.count("\n") == 1


def test_later_calls_go_on_with_the_run(decouple: Run, tmp_path: Path) -> None:
    runs, train = tmp_path / "runs", _write(tmp_path / "train.npz", COUNTS, 0)
    np.savez(tmp_path / "head.npz", weight=np.eye(3, 4), bias=np.zeros(3))
    first = decouple(
        "stage2", "--features", train, "--weight", tmp_path / "head.npz", "--runs", runs, "--method", "tau"
    )
    assert first.code == 0, first.err
    again = decouple("stage2", "--runs", runs, "--method", "ncm")
    assert again.code == 0, again.err
    assert "ncm" in again.out
    wrong = decouple("stage2", "--runs", runs, "--method", "ncm", "--views", "live")
    assert wrong.code == 2
    assert len(wrong.err.splitlines()) == 1


def test_an_error_is_one_line_and_leaves_nothing(decouple: Run, tmp_path: Path) -> None:
    runs, train = tmp_path / "runs", _write(tmp_path / "train.npz", COUNTS, 0)
    for arguments, message in (
        (["--features", tmp_path / "no.npz"], "there is no file"),
        (["--features", train, "--method", "tau"], "tau needs stage one's classifier"),
        (["--features", train, "--label", "y"], "holds no 'y'"),
    ):
        answer = decouple("stage2", *arguments, "--runs", runs)
        assert answer.code == 2
        assert answer.err.startswith("error: ")
        assert message in answer.err
        assert len(answer.err.splitlines()) == 1
        assert not list(runs.glob("*/run.json"))


def test_views_are_refused_where_nothing_is_trained(decouple: Run, runs: Path) -> None:
    answer = decouple("stage2", "--runs", runs, "--method", "ncm", "--views", "4")
    assert answer.code == 2
    assert "--views has no meaning for --method ncm, which trains nothing" in answer.err


def test_a_table_of_a_spreadsheet_with_an_id(decouple: Run, tmp_path: Path) -> None:
    rows, labels = _rows([20, 20, 20], 0)
    table = pd.DataFrame(rows, columns=list("abcd")).assign(id=range(1000, 1060), label=labels)
    table.to_csv(tmp_path / "train.csv", sep=";", decimal=",", encoding="utf-16", index=False)
    arguments = ("stage2", "--features", tmp_path / "train.csv", "--runs", tmp_path / "runs", "--method", "ncm")
    answer = decouple(*arguments)
    assert answer.code == 0, answer.err
    assert "column 'id' holds another whole number in every row, as an id does" in answer.err
    assert "leave it out with --drop-columns id" in answer.err
    answer = decouple(*arguments, "--drop-columns", "id")
    assert answer.code == 0, answer.err
    assert "id" not in answer.err
    refused = decouple("stage2", "--drop-columns", "id", "--runs", tmp_path / "runs")
    assert refused.code == 2
    assert "--drop-columns has no meaning without --features" in refused.err
