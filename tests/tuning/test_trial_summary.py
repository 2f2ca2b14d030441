import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import FrozenTrial, TrialState

from decouple.files.results import ParameterEntry
from tuning.search_spec import SearchSpec
from tuning.space import Choice, Range
from tuning.trial_summary import best_values, importance, summarize, trial_entries


def _trial(
    x: float, y: float, value: float | None, state: TrialState = TrialState.COMPLETE, **attributes: object
) -> FrozenTrial:
    return optuna.trial.create_trial(
        state=state,
        value=value,
        params={"x": x, "y": y},
        distributions={"x": FloatDistribution(0, 1), "y": FloatDistribution(0, 1)},
        user_attrs={"tail": None, **attributes},
    )


TRIALS = [_trial(index / 20, (7 * index % 20) / 20, -abs(index - 6)) for index in range(20)]


def test_what_matters_has_the_larger_share() -> None:
    shares = importance(TRIALS, ["x", "y"])
    assert shares is not None
    assert shares["x"] > 0.7
    assert sum(shares.values()) == pytest.approx(1)


def test_too_little_to_tell() -> None:
    assert importance(TRIALS[:5], ["x", "y"]) is None
    assert importance(TRIALS, ["x"]) is None
    assert importance([_trial(index / 20, 0.5, 1.0) for index in range(20)], ["x", "y"]) is None


def test_solved_values_are_among_the_best_and_in_the_rows() -> None:
    trials = [_trial(0.1, 0.2, 50.0, posthoc={"tau": 0.4}), _trial(0.3, 0.4, 60.0, posthoc={"tau": 0.8})]
    assert best_values(trials) == {"x": 0.3, "y": 0.4, "tau": 0.8}
    assert [row.values["tau"] for row in trial_entries(trials)] == [0.4, 0.8]


def test_a_pruned_trial_is_never_the_best_and_says_so() -> None:
    trials = [_trial(0.1, 0.2, 50.0), _trial(0.3, 0.4, 90.0, TrialState.PRUNED)]
    search = SearchSpec((Range("x", 0, 1), Choice("y", ("a", "b"))), 2, 0)
    result = summarize(search, trials, storage="here")
    assert result.best == {"x": 0.1, "y": 0.2}
    assert result.best_trial == 1
    assert [trial.ended for trial in result.trials] == ["complete", "pruned"]
    assert result.parameters == (
        ParameterEntry(name="x", log=False),
        ParameterEntry(name="y", log=False, values=("a", "b")),
    )
