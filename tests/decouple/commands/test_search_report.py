"""What a search prints."""

from pathlib import Path

import pytest

from decouple.commands.search_report import show_search
from decouple.files.run_dir import RunDir


def test_what_only_some_trials_solved_stands_before_the_outcome(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, judged = RunDir(runs / "base"), {"balanced": 50.0, "tail": 0.0, "seconds": 1.0}
    trials = [
        {"trial": 1, "lr": 0.1, **judged, "balanced": None, "ended": "diverged"},
        {"trial": 2, "lr": 0.2, "method": "ncm", **judged, "ended": "complete"},
        {"trial": 3, "lr": 0.3, "method": "tau", "tau": 0.7, **judged, "ended": "complete"},
    ]
    found = {
        "parameters": [{"name": "lr"}],
        "split": "0.2 of train",
        "best": {"lr": 0.3, "method": "tau", "tau": 0.7},
        "best_trial": 3,
        "balanced": 50.0,
        "importance": None,
        "trials": trials,
        "storage": "here",
    }
    run.update_results("tuning", "joint", found)
    show_search(run, "joint")
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["trial", "lr", "method", "tau", "balanced", "tail", "seconds", "ended"]
    assert lines[2] == ["1", "0.1", "-", "-", "-", "0", "1", "diverged"]
    assert lines[3] == ["2", "0.2", "ncm", "-", "50", "0", "1", "complete"]
    assert lines[4] == ["3", "0.3", "tau", "0.7", "50", "0", "1", "complete", "best"]
    assert " ".join(lines[5]) == "best lr: 0.3, best method: tau, best tau: 0.7 (validation balanced accuracy 50.00 %)"
