import itertools
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState

from decouple.errors import ConfigError, DecoupleError
from tuning.search_spec import Search, SearchSpec, TrialDivergedError, TrialResult
from tuning.space import Range
from tuning.study_storage import StudyLocation
from tuning.trial_loop import run_trials
from tuning.trial_summary import best_trial, trial_entries

KILLED_IN_THE_THIRD_TRIAL = """
import os, pathlib, signal, sys
from tuning.space import Range
from tuning.study_storage import StudyLocation
from tuning.search_spec import Search, SearchSpec, TrialResult
from tuning.trial_loop import run_trials
tried = []
def objective(values, report):
    tried.append(values["x"])
    if len(tried) == 3:
        print(values["x"].hex(), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    return TrialResult(-values["x"], None)
path = pathlib.Path(sys.argv[1])
run_trials(StudyLocation(path.stem, path=path), Search(SearchSpec((Range("x", 0.0, 1.0),), 6, 5), objective))
"""


def _search(trials: int = 8, **changes: Any) -> SearchSpec:
    ends = {"low": 0.0, "high": 1.0, "log": False} | {
        key: changes.pop(key) for key in ("low", "high", "log") & changes.keys()
    }
    return SearchSpec(**{"space": (Range("x", **ends),), "seed": 0, **changes, "trials": trials})


def _run(path: Path, search: SearchSpec, judge: Callable[[float], TrialResult]) -> list[FrozenTrial]:
    return run_trials(StudyLocation(path.stem, path=path), Search(search, lambda values, _report: judge(values["x"])))


def _hill(value: float) -> TrialResult:
    """Smooth, its top at 0.37."""
    return TrialResult(100 - 100 * (value - 0.37) ** 2, None)


def _values(trials: list[FrozenTrial]) -> list[float]:
    return [trial.params["x"] for trial in trials]


def _trial(balanced: float | None, tail: float | None, number: int) -> FrozenTrial:
    distribution = optuna.distributions.FloatDistribution(0, 1)
    return optuna.trial.create_trial(
        state=TrialState.FAIL if balanced is None else TrialState.COMPLETE,
        value=balanced,
        params={"x": number / 10},
        distributions={"x": distribution},
        user_attrs={"tail": tail} if balanced is not None else {"diverged": True},
    )


def test_tpe_looks_where_the_top_is_more_often_than_chance_would(tmp_path: Path) -> None:
    near: list[bool] = []
    for seed in range(3):
        values = _values(_run(tmp_path / f"{seed}.db", _search(20, seed=seed), _hill))
        off = [abs(value - 0.37) for value in values]
        assert min(off) < 0.03
        near += [distance < 0.1 for distance in off[5:]]  # what comes after the random start, 20 // 4
    assert sum(near) > 0.3 * len(near)  # chance: 0.2


def test_the_best_of_ties_has_the_best_tail_then_comes_first() -> None:
    trials = [_trial(50, 90, 0), _trial(60, 10, 1), _trial(60, 30, 2), _trial(60, 30, 3), _trial(None, None, 4)]
    assert best_trial(trials) is trials[2]
    assert best_trial([_trial(60, None, 0), _trial(60 + 1e-12, 0, 1)]).params == {"x": 0.1}
    assert best_trial([_trial(60, None, 0), _trial(60, None, 1)]).params == {"x": 0.0}
    assert best_trial([_trial(0, None, 0), _trial(-5, 99, 1)]).params == {"x": 0.0}


def test_two_calls_give_what_one_gives(tmp_path: Path) -> None:
    # 3 and 8 trials have the same start-up, max(3, trials // 4).
    one = _run(tmp_path / "one.db", _search(8), _hill)
    _run(tmp_path / "two.db", _search(3), _hill)
    two = _run(tmp_path / "two.db", _search(8), _hill)
    assert _values(two) == _values(one)
    assert len(set(_values(one))) == 8


def test_the_start_up_is_set_by_the_first_call(tmp_path: Path) -> None:
    # Begun with 12 the start-up is 3 trials and TPE gives the fourth value; begun with 40 it is 10.
    values = {}
    for begun_with in (12, 40):
        path = tmp_path / f"{begun_with}.db"
        tried: list[float] = []

        def stopped(value: float, tried: list[float] = tried) -> TrialResult:
            if len(tried) == 2:
                raise KeyboardInterrupt
            tried.append(value)
            return _hill(value)

        with pytest.raises(KeyboardInterrupt):
            _run(path, _search(begun_with), stopped)
        values[begun_with] = _values(_run(path, _search(5), _hill))
    assert values[12][:3] == values[40][:3]
    assert values[12][3] != values[40][3]


def test_a_finished_study_tries_nothing_more(tmp_path: Path) -> None:
    first = _run(tmp_path / "s.db", _search(4), _hill)
    again = _run(tmp_path / "s.db", _search(4), lambda value: pytest.fail("tried again"))
    fewer = _run(tmp_path / "s.db", _search(2), lambda value: pytest.fail("tried again"))
    assert _values(again) == _values(fewer) == _values(first)


def test_another_seed_tries_other_values(tmp_path: Path) -> None:
    first, other = (_values(_run(tmp_path / f"{seed}.db", _search(3, seed=seed), _hill)) for seed in (0, 1))
    assert set(first).isdisjoint(other)


@pytest.mark.parametrize("at", [0, 2, 5])
def test_a_trial_that_was_interrupted_is_tried_again_with_the_same_value(at: int, tmp_path: Path) -> None:
    complete = _values(_run(tmp_path / "whole.db", _search(8), _hill))
    tried: list[float] = []

    def stopped(value: float) -> TrialResult:
        tried.append(value)
        if len(tried) == at + 1:
            raise KeyboardInterrupt
        return _hill(value)

    with pytest.raises(KeyboardInterrupt):
        _run(tmp_path / "s.db", _search(8), stopped)
    after: list[float] = []

    def noted(value: float) -> TrialResult:
        after.append(value)
        return _hill(value)

    assert _values(_run(tmp_path / "s.db", _search(8), noted)) == complete
    assert tried + after[1:] == complete
    assert after[0] == tried[-1]


def test_a_trial_whose_process_was_killed_is_tried_again_with_the_same_value(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED_IN_THE_THIRD_TRIAL, str(tmp_path / "s.db")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL
    search, tried = _search(6, seed=5), []

    def noted(value: float) -> TrialResult:
        tried.append(value)
        return TrialResult(-value, None)

    result = _values(_run(tmp_path / "s.db", search, noted))
    assert tried[0] == float.fromhex(ended.stdout.strip())
    assert len(tried) == 4
    complete = _run(tmp_path / "whole.db", search, lambda value: TrialResult(-value, None))
    assert result == _values(complete)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"low": 0.1}, r"was begun with low 0\.0, 0\.1 was given"),
        ({"high": 2.0}, r"was begun with high 1\.0, 2\.0 was given"),
        ({"seed": 1}, "was begun with seed 0, 1 was given"),
        ({"proposal": "grid"}, "was begun with grid False, True was given"),
        ({"fixed": (("epochs", 3),)}, "was begun with epochs 2, 3 was given"),
    ],
)
def test_changed_settings_are_named(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    _run(tmp_path / "s.db", _search(2, fixed=(("epochs", 2),)), _hill)
    with pytest.raises(ConfigError, match=f"{message}; leave it as it was, or name another study with study"):
        _run(tmp_path / "s.db", _search(2, **{"fixed": (("epochs", 2),), **changes}), _hill)


def test_a_grid_keeps_its_number_of_trials(tmp_path: Path) -> None:
    _run(tmp_path / "s.db", _search(3, proposal="grid"), _hill)
    with pytest.raises(ConfigError, match="was begun with trials 3, 4 was given"):
        _run(tmp_path / "s.db", _search(4, proposal="grid"), _hill)


@pytest.mark.parametrize(
    ("low", "high", "trials", "expected"),
    [
        (0.0, 1.0, 5, [0.0, 0.25, 0.5, 0.75, 1.0]),
        (-1.0, 3.0, 3, [-1.0, 1.0, 3.0]),
        (0.5, 2.0, 2, [0.5, 2.0]),
        (0.5, 2.0, 1, [0.5]),
    ],
)
def test_a_grid_is_evenly_spaced_with_both_ends(
    low: float, high: float, trials: int, expected: list[float], tmp_path: Path
) -> None:
    assert _values(_run(tmp_path / "s.db", _search(trials, low=low, high=high, proposal="grid"), _hill)) == expected


def test_the_ends_of_a_grid_are_exact(tmp_path: Path) -> None:
    # 0.1 + 6 * (0.6 / 6) is 0.7 in floats, but 0.1 + (0.7 - 0.1) is 0.7 less a bit.
    values = _values(_run(tmp_path / "s.db", _search(7, low=0.1, high=0.7, proposal="grid"), _hill))
    assert (values[0], values[-1]) == (0.1, 0.7)
    assert [b - a for a, b in itertools.pairwise(values)] == pytest.approx([0.1] * 6)


def test_a_logarithmic_range_is_searched_by_its_exponent(tmp_path: Path) -> None:
    search = _search(24, low=1e-5, high=1e-1, log=True, seed=3)
    values = _values(_run(tmp_path / "s.db", search, lambda value: TrialResult(50.0, None)))
    assert all(1e-5 <= value <= 1e-1 for value in values)
    small = sum(value < 1e-3 for value in values)  # a half of them; of a linear search 1 % would be
    assert small >= 5


def test_a_trial_that_diverges_counts_and_has_no_value(tmp_path: Path) -> None:
    tried: list[float] = []

    def objective(value: float) -> TrialResult:
        tried.append(value)
        if len(tried) in (1, 3):
            raise TrialDivergedError("no finite loss")
        return _hill(value)

    trials = _run(tmp_path / "s.db", _search(5), objective)
    assert _values(trials) == tried
    assert [trial.value is None for trial in trials] == [True, False, True, False, False]
    assert best_trial(trials).params["x"] == min(tried[1:2] + tried[3:], key=lambda value: abs(value - 0.37))
    rows = trial_entries(trials)
    assert [row.trial for row in rows] == [1, 2, 3, 4, 5]
    assert [row.values["x"] for row in rows] == tried
    assert rows[0].balanced is None
    assert rows[1].balanced == pytest.approx(_hill(tried[1]).balanced)
    again = _run(tmp_path / "s.db", _search(5), lambda value: pytest.fail("tried again"))
    assert _values(again) == tried


def test_a_study_in_which_all_diverged_has_no_best(tmp_path: Path) -> None:
    def objective(value: float) -> TrialResult:
        raise TrialDivergedError("no finite loss")

    trials = _run(tmp_path / "s.db", _search(3), objective)
    with pytest.raises(DecoupleError, match="none of the 3 trials gave a finite loss; choose lower values"):
        best_trial(trials)


def test_a_value_that_is_no_number_ends_the_search_instead_of_repeating_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nan"):
        _run(tmp_path / "s.db", _search(3), lambda value: TrialResult(float("nan"), None))


def test_tails_are_kept(tmp_path: Path) -> None:
    trials = _run(tmp_path / "s.db", _search(3), lambda value: TrialResult(60.0, 10 * value))
    assert [row.tail for row in trial_entries(trials)] == [10 * value for value in _values(trials)]
    assert best_trial(trials).params["x"] == max(_values(trials))
