"""The row of a run: which stage-two method it shows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from decouple.files.results import RecommendationEntry, record_recommendation
from decouple.files.run_dir import RunDir
from decouple.reporting.run_table import summarize_run

SMALL = ["--data", "digits", "--fraction", "0.3", "--ratio", "10", "--epochs", "1", "--batch-size", "16"]


@pytest.mark.parametrize("method", ["ncm", "none"])
def test_stage_two_is_the_recommended_method(decouple: Callable[..., Any], tmp_path: Path, method: str) -> None:
    assert decouple("stage1", *SMALL, "--name", "x", "--runs", tmp_path).code == 0
    run = RunDir(tmp_path / "x")
    assert summarize_run(run).stage2_method is None
    assert decouple("stage2", "--runs", tmp_path, "--method", "ncm", "--quiet").code == 0
    entry = RecommendationEntry(checkpoint="last", method=method, reason="", split="")
    record_recommendation(run.results, entry)
    results = run.read_results()
    metrics = results.stage1["last"].metrics if method == "none" else results.stage2["last"][method].metrics
    row = summarize_run(run)
    assert (row.stage2_method, row.stage2_balanced) == (method, metrics["test"]["balanced"])
    assert row.stage2_few == metrics["test"]["groups"]["many_medium_few"]["few"]
