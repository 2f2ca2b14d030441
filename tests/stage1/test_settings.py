import pytest

from decouple.errors import ConfigError
from stage1.settings import Stage1Config


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("epochs", 0, "--epochs must be 1 or more, got 0"),
        ("batch_size", 0, "--batch-size must be 1 or more"),
        ("step_size", 0, "--step-size must be 1 or more"),
        ("lr", 0.0, "--lr must be above 0"),
        ("lr", float("nan"), "--lr must be above 0"),
        ("cosine_scale", -1.0, "--cosine-scale must be above 0"),
        ("weight_decay", -1e-4, "--weight-decay must be 0 or more"),
        ("momentum", 1.0, "--momentum must be 0 or more and below 1"),
        ("gamma", 0.0, "--gamma must be above 0 and at most 1"),
        ("warmup_epochs", 41, r"--warmup-epochs must be 0 to --epochs \(\d+\), got 41"),
        ("fraction", 0.0, "--fraction must be above 0"),  # of the data's own settings
    ],
)
def test_values_out_of_range_are_refused(name: str, value: float, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Stage1Config(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("epochs", "given", "expected"), [(30, None, 5), (200, None, 5), (8, None, 2), (2, None, 0), (8, 0, 0), (8, 7, 7)]
)
def test_warm_up_is_a_fifth_of_the_epochs_and_at_most_five(epochs: int, given: int | None, expected: int) -> None:
    assert Stage1Config(epochs=epochs, warmup_epochs=given).warmup == expected


@pytest.mark.parametrize("switch", ["mix", "drw"])
def test_options_of_what_is_off_are_refused(switch: str) -> None:
    with pytest.raises(ConfigError, match=f"--{switch}-options has no meaning without --{switch}"):
        Stage1Config(**{f"{switch}_options": {"alpha": 1}})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"), [("weight_decay", 0.0), ("momentum", 0.0), ("gamma", 1.0), ("epochs", 1), ("warmup_epochs", 2)]
)
def test_the_ends_of_the_ranges_are_allowed(name: str, value: float) -> None:
    assert getattr(Stage1Config(**{name: value}), name) == value  # type: ignore[arg-type]
