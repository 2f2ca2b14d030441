from typing import Any, get_args

import pytest

from decouple.errors import ConfigError
from stage2.methods import METHODS
from tuning.settings import JointConfig, SearchableMethod, Stage2SearchConfig, TauConfig, WeightDecayConfig

NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize("kind", [TauConfig, WeightDecayConfig, JointConfig, Stage2SearchConfig])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trials": 0}, "trials must be 1 or more, got 0"),
        ({"workers": 0}, "workers must be 1 or more, got 0"),
        ({"workers_per_gpu": 0}, "workers_per_gpu must be 1 or more, got 0"),
        ({"low": 0.5, "high": 0.5}, r"low must be below high, got 0\.5 and 0\.5"),
        ({"low": 3.0}, "low must be below high"),
        ({"low": NAN}, "low must be .*, got nan"),
        ({"high": INFINITE}, "high must be "),
        ({"low": -INFINITE}, "low must be "),
        ({"study": ""}, "study must be a plain name"),
        ({"study": "a/b"}, "study must be a plain name .* got 'a/b'"),
        ({"study": ".hidden"}, "study must be a plain name"),
        ({"study": "a?b"}, "study must be a plain name"),
    ],
)
def test_what_no_search_can_do(kind: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        kind(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"low": 0.0}, "low must be above 0, got 0.0; the search is logarithmic"),
        ({"holdout": 0.0}, "holdout must be above 0 and below 1"),
        ({"holdout": 1.0}, "holdout must be above 0 and below 1"),
        ({"epochs": 0}, "epochs must be 1 or more, got 0"),
    ],
)
def test_what_a_search_of_weight_decay_cannot_do(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        WeightDecayConfig(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lr_low": 0.0}, "lr_low must be above 0, got 0.0; the search is logarithmic"),
        ({"lr_low": 3.0}, r"lr_low must be below lr_high, got 3\.0 and"),
    ],
)
@pytest.mark.parametrize("kind", [JointConfig, Stage2SearchConfig])
def test_what_a_search_of_learning_rates_cannot_do(kind: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        kind(**changes)


@pytest.mark.parametrize("methods", [(), ("tau", "ncm", "tau")])
def test_methods_of_a_joint_search_are_named_once_each(methods: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="methods must be one or more different names"):
        JointConfig(methods=methods)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs_low": 0}, "epochs_low must be 1 or more"),
        ({"epochs_low": 30}, "epochs_low must be below epochs_high, got 30 and 30"),
        ({"samplers": ()}, "samplers must be one or more different names, got none"),
        ({"samplers": ("class", "class")}, "different names, got class, class"),
    ],
)
def test_what_a_search_of_stage_two_cannot_do(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Stage2SearchConfig(**changes)


@pytest.mark.parametrize("changes", [{"low": -10.5}, {"high": 11.0}])
def test_tau_has_the_range_of_stage_two(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="must be between -10 and 10"):
        TauConfig(**changes)


def test_the_defaults_are_those_of_the_definition() -> None:
    result = WeightDecayConfig()
    assert (result.trials, result.low, result.high, result.holdout) == (12, 1e-5, 1e-1, 0.2)
    assert (TauConfig().low, TauConfig().high) == (0.0, 2.0)


def test_the_methods_of_a_search_are_those_with_the_trait() -> None:
    assert set(get_args(SearchableMethod)) == {name for name, method in METHODS.items() if method.searchable}
