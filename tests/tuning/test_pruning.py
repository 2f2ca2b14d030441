"""Trials that are below the median end early, and count."""

from pathlib import Path

from optuna.trial import FrozenTrial, TrialState

from tuning.search_spec import ReportEpoch, Search, SearchSpec, TrialResult
from tuning.space import Range, Values
from tuning.study_storage import StudyLocation
from tuning.trial_loop import run_trials

EPOCHS = 5


def _search(path: Path, *, prune: bool, after: int = 1) -> tuple[list[FrozenTrial], list[int]]:
    search, observed = SearchSpec((Range("x", 0.0, 1.0),), 16, 0, prune=prune, prune_after=after), []

    def judge(values: Values, report: ReportEpoch) -> TrialResult:
        observed.append(0)
        for epoch in range(1, EPOCHS):
            observed[-1] = epoch
            report(epoch, 100 * values["x"] * epoch / EPOCHS)
        observed[-1] = EPOCHS
        return TrialResult(100 * values["x"], None)

    return run_trials(StudyLocation("s", path=path), Search(search, judge)), observed


def test_a_trial_below_the_median_ends_and_counts(tmp_path: Path) -> None:
    trials, observed = _search(tmp_path / "s.db", prune=True)
    states = [trial.state for trial in trials]
    assert len(trials) == 16
    assert states[:4] == [TrialState.COMPLETE] * 4  # the start-up is 16 // 4
    assert states.count(TrialState.PRUNED) >= 2
    assert all(
        (epochs < EPOCHS) == (state == TrialState.PRUNED) for epochs, state in zip(observed, states, strict=True)
    )
    best = max(trial.params["x"] for trial in trials)
    assert next(trial for trial in trials if trial.params["x"] == best).state == TrialState.COMPLETE


def test_every_trial_has_its_first_epochs(tmp_path: Path) -> None:
    _, observed = _search(tmp_path / "s.db", prune=True, after=3)
    assert min(observed) >= 3


def test_nothing_is_pruned_unless_asked_for(tmp_path: Path) -> None:
    _, observed = _search(tmp_path / "s.db", prune=False)
    assert set(observed) == {EPOCHS}
