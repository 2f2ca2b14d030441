"""Which trial is the best: by any metric, with ties by the rule of the search."""

import dataclasses
from pathlib import Path

import pytest
from optuna.trial import FrozenTrial

from decouple.errors import ConfigError
from tuning.grid_values import grid_points
from tuning.search_spec import Objective, Search, SearchSpec, TrialResult
from tuning.space import Range
from tuning.study_storage import StudyLocation
from tuning.trial_loop import run_trials
from tuning.trial_summary import best_trial, summarize

# Balanced accuracy and tail of four trials: 60.4 and 59.6 both round to 60, 60.6 to 61, and 58.2 to 58.
OUTCOMES = [TrialResult(60.4, 20.0), TrialResult(59.6, 30.0), TrialResult(58.2, 90.0), TrialResult(60.6, 10.0)]
SPEC = SearchSpec((Range("x", 0.0, 3.0),), trials=4, seed=0, proposal="grid")


def _trials(folder: Path, outcomes: list[TrialResult], spec: SearchSpec = SPEC) -> list[FrozenTrial]:
    """Return the trials at x = 0, 1, ..., one for each outcome."""
    search = Search(spec, lambda values, _report: outcomes[round(values["x"])])
    return run_trials(StudyLocation("toy", path=folder / "toy.db"), search)


@pytest.mark.parametrize(("margin", "best"), [(0.0, 3), (1.0, 3), (2.0, 1), (10.0, 2), (0.5, 0)])
def test_the_margin_lets_the_tail_decide(tmp_path: Path, margin: float, best: int) -> None:
    # Multiples of 2: 60, 60, 58, 60 -> of the first, second and fourth the tail of the second is the best.
    # Multiples of 10: 60 for all -> the third. Multiples of 1/2: 60.5, 59.5, 58, 60.5 -> 20 > 10, the first.
    assert best_trial(_trials(tmp_path, OUTCOMES), margin).params["x"] == best


def test_equal_tails_leave_the_higher_metric(tmp_path: Path) -> None:
    outcomes = [TrialResult(59.6, 30.0), TrialResult(60.4, 30.0), TrialResult(60.1, 30.0), TrialResult(60.4, 30.0)]
    assert best_trial(_trials(tmp_path, outcomes), 1.0).params["x"] == 1


def test_another_metric_is_maximised_and_recorded(tmp_path: Path) -> None:
    scores = [41.0, 43.0, 44.0, 42.0]
    outcomes = [
        dataclasses.replace(outcome, score=score, top1=70.0) for outcome, score in zip(OUTCOMES, scores, strict=True)
    ]
    spec = dataclasses.replace(SPEC, selection_metric="g_mean")
    entry = summarize(spec, _trials(tmp_path, outcomes, spec), storage="toy")
    assert (entry.best_trial, entry.balanced, entry.score, entry.objective) == (3, 58.2, 44.0, 44.0)
    assert (entry.selection_metric, entry.search, entry.tie_margin) == ("g_mean", "grid", 0.0)
    assert [(trial.balanced, trial.score, trial.top1) for trial in entry.trials] == [
        (60.4, 41.0, 70.0), (59.6, 43.0, 70.0), (58.2, 44.0, 70.0), (60.6, 42.0, 70.0)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tie_margin": 1.0}, r"was begun without tie_margin, tie_margin 1\.0 was given"),
        ({"selection_metric": "g_mean"}, "was begun without select, select g_mean was given"),
        ({"proposal": "random"}, "was begun with trials 4, no trials was given"),
    ],
)
def test_a_study_keeps_its_rules(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    _trials(tmp_path, OUTCOMES)
    with pytest.raises(ConfigError, match=message):
        _trials(tmp_path, OUTCOMES, dataclasses.replace(SPEC, **changes))


def _line(slope: float) -> Objective:
    return lambda values, _report: TrialResult(50 + slope * values["x"], None)


def test_random_values_do_not_depend_on_results(tmp_path: Path) -> None:
    spec = SearchSpec((Range("x", 0.0, 1.0),), trials=9, seed=3, proposal="random")
    values = []
    for slope in (1.0, -1.0):
        (tmp_path / str(slope)).mkdir()
        trials = run_trials(StudyLocation("toy", path=tmp_path / str(slope) / "toy.db"), Search(spec, _line(slope)))
        values.append([trial.params["x"] for trial in trials])
    assert values[0] == values[1]
    assert len(set(values[0])) == 9


def test_a_grid_is_even_over_exponents() -> None:
    points = grid_points([Range("weight_decay", 1e-5, 1e-1, log=True)], trials=5)
    assert [point["weight_decay"] for point in points] == [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
    square = grid_points([Range("lr", 0.1, 0.4, log=True), Range("epochs", 2, 5, integer=True)], trials=9)
    assert [(point["lr"], point["epochs"]) for point in square] == [
        (0.1, 2), (0.1, 4), (0.1, 5), (0.2, 2), (0.2, 4), (0.2, 5), (0.4, 2), (0.4, 4), (0.4, 5)
    ]  # fmt: skip


def test_grids_that_do_not_come_out_even() -> None:
    square = (Range("lr", 0.1, 0.4), Range("momentum", 0.1, 0.9))
    with pytest.raises(ConfigError, match=r"trials must be a number such as 16 or 25, got 24"):
        SearchSpec(square, trials=24, seed=0, proposal="grid")
    with pytest.raises(ConfigError, match=r"'epochs', 2 to 3, has no 5 different values"):
        grid_points([Range("epochs", 2, 3, integer=True)], trials=5)
