from typing import Any

import pytest

from decouple.errors import ConfigError
from stage2.settings import Stage2Config

NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("epochs", 0, "--epochs must be 1 or more, got 0"),
        ("batch_size", -1, "--batch-size must be 1 or more, got -1"),
        ("lr", 0.0, r"--lr must be above 0, got 0\.0"),
        ("lr", NAN, "--lr must be above 0, got nan"),
        ("lr", INFINITE, "--lr must be above 0, got inf"),
        ("weight_decay", -1e-9, "--weight-decay must be 0 or more, got -1e-09; 5e-4 is a usual start"),
        ("weight_decay", NAN, "--weight-decay must be 0 or more"),
        ("momentum", 1.0, r"--momentum must be 0 or more and below 1, got 1\.0"),
        ("momentum", NAN, "--momentum must be 0 or more and below 1"),
        ("tau", 10.5, r"--tau must be between -10 and 10, got 10\.5; 0 to 2 is usual"),
        ("tau", NAN, "--tau must be between -10 and 10"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Stage2Config(**{name: value})


@pytest.mark.parametrize(("name", "value"), [("weight_decay", 0.0), ("momentum", 0.0), ("tau", -10.0), ("epochs", 1)])
def test_the_ends_of_the_ranges_are_allowed(name: str, value: Any) -> None:
    assert getattr(Stage2Config(**{name: value}), name) == value
