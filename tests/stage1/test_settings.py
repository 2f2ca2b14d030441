from typing import Any

import pytest

from decouple.errors import ConfigError
from stage1.settings import Stage1Config


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("epochs", 0, "epochs must be 1 or more, got 0"),
        ("batch_size", 0, "batch_size must be 1 or more"),
        ("step_size", 0, "step_size must be 1 or more"),
        ("lr", 0.0, "lr must be above 0"),
        ("lr", float("nan"), "lr must be above 0"),
        ("cosine_scale", -1.0, "cosine_scale must be above 0"),
        ("weight_decay", -1e-4, "weight_decay must be 0 or more"),
        ("momentum", 1.0, "momentum must be 0 or more and below 1"),
        ("gamma", 0.0, "gamma must be above 0 and at most 1"),
        ("warmup_epochs", 41, "warmup_epochs must be between 0 and 30, got 41; at most epochs"),
        ("fraction", 0.0, "fraction must be above 0"),  # of the data's own settings
    ],
)
def test_values_out_of_range_are_refused(name: str, value: float, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Stage1Config(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("epochs", "warmup_epochs", "expected"),
    [(30, None, 5), (200, None, 5), (8, None, 2), (2, None, 0), (8, 0, 0), (8, 7, 7)],
)
def test_warm_up_is_a_fifth_of_the_epochs_and_at_most_five(
    epochs: int, warmup_epochs: int | None, expected: int
) -> None:
    assert Stage1Config(epochs=epochs, warmup_epochs=warmup_epochs).warmup == expected


@pytest.mark.parametrize("switch", ["mix", "drw"])
def test_options_of_what_is_off_are_refused(switch: str) -> None:
    with pytest.raises(ConfigError, match=f"{switch}_options has no meaning without {switch}"):
        Stage1Config(**{f"{switch}_options": {"alpha": 1}})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"), [("weight_decay", 0.0), ("momentum", 0.0), ("gamma", 1.0), ("epochs", 1), ("warmup_epochs", 2)]
)
def test_the_ends_of_the_ranges_are_allowed(name: str, value: float) -> None:
    assert getattr(Stage1Config(**{name: value}), name) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, 0.05),
        ({"pretrained": "package"}, 0.05),
        ({"train": "last-block"}, 0.01),
        ({"train": "head"}, 0.003),
        ({"train": "none"}, 0.003),
        ({"train": "none", "lr": 0.2}, 0.2),
    ],
)
def test_the_default_learning_rate_is_that_of_the_trained_part(settings: dict[str, Any], expected: float) -> None:
    assert Stage1Config(**settings).initial_lr == expected
