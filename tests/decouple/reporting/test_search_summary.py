"""The summary of a search."""

from pathlib import Path

from decouple.files.results import ParameterEntry, StudyEntry, TrialEntry, record_study
from decouple.files.run_dir import RunDir
from decouple.reporting.search_summary import search_summary
from decouple.reporting.terminal import render


def test_what_only_some_trials_solved_stands_before_the_outcome(runs: Path) -> None:
    run = RunDir(runs / "base")
    trials = (
        TrialEntry(trial=1, values={"lr": 0.1}, balanced=None, tail=0.0, seconds=1.0, ended="diverged"),
        TrialEntry(trial=2, values={"lr": 0.2, "method": "ncm"}, balanced=50.0, tail=0.0, seconds=1.0),
        TrialEntry(trial=3, values={"lr": 0.3, "method": "tau", "tau": 0.7}, balanced=50.0, tail=0.0, seconds=1.0),
    )
    entry = StudyEntry(
        parameters=(ParameterEntry(name="lr", log=True),),
        split="0.2 of train",
        best={"lr": 0.3, "method": "tau", "tau": 0.7},
        best_trial=3,
        balanced=50.0,
        tail=0.0,
        importance=None,
        trials=trials,
        storage="here",
    )
    record_study(run.results, "joint", entry)
    lines = [line.split() for line in render(*search_summary(run, "joint")).splitlines()]
    assert lines[0] == ["trial", "lr", "method", "tau", "balanced", "tail", "seconds", "ended"]
    assert lines[2] == ["1", "0.1", "-", "-", "-", "0", "1", "diverged"]
    assert lines[3] == ["2", "0.2", "ncm", "-", "50", "0", "1", "complete"]
    assert lines[4] == ["3", "0.3", "tau", "0.7", "50", "0", "1", "complete", "best"]
    assert " ".join(lines[5]) == "best lr: 0.3, best method: tau, best tau: 0.7 (validation balanced accuracy 50.00 %)"
