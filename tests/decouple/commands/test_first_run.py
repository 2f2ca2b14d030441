"""A search in an empty folder trains the run that it searches on."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stage1.settings import Stage1Config
from tuning import search_runs
from tuning.settings import TrainingSearchConfig

Run = Callable[..., Any]


@pytest.mark.parametrize("search", ["weight-decay", "joint"])
def test_the_first_run_is_trained(
    decouple: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_figures: None, search: str
) -> None:
    defaults = search_runs.first_run_settings

    def small(config: TrainingSearchConfig) -> Stage1Config:
        return dataclasses.replace(defaults(config), fraction=0.3, ratio=10, epochs=1, batch_size=16)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(search_runs, "first_run_settings", small)
    answer = decouple("tune", search, "--trials", "1")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("there is no run in runs: training one first, as `decouple stage1` does (digits)\n")
    assert len(list((tmp_path / "runs").glob("*/run.json"))) == 2
    answer = decouple("tune", search, "--trials", "2", "--no-retrain")
    assert "training one first" not in answer.out


def test_a_folder_of_damaged_runs_is_not_empty(decouple: Run, tmp_path: Path) -> None:
    (tmp_path / "runs" / "x").mkdir(parents=True)
    (tmp_path / "runs" / "x" / "run.json").write_text("{")
    answer = decouple("tune", "weight-decay", "--runs", tmp_path / "runs")
    assert answer.code == 2
    assert "there is no run in" in answer.err
