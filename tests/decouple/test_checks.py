import math
from typing import Any

import numpy as np
import pytest
import torch

from decouple.checks import require_choice, require_flag, require_number, require_shape, require_whole
from decouple.errors import ConfigError, DataError


@pytest.mark.parametrize(
    ("value", "bounds", "sentence"),
    [
        (100.0, {"at_least": -10, "at_most": 10}, "tau must be between -10 and 10, got 100.0"),
        (-1, {"at_least": 0}, "tau must be 0 or more, got -1"),
        (0, {"above": 0}, "tau must be above 0, got 0"),
        (1.0, {"at_least": 0, "below": 1}, "tau must be 0 or more and below 1, got 1.0"),
        (2, {"above": 0, "at_most": 1}, "tau must be above 0 and at most 1, got 2"),
        (math.nan, {}, "tau must be a number, got nan"),
        (math.inf, {"above": 0}, "tau must be above 0, got inf"),
        ("1", {"above": 0}, "tau must be above 0, got '1'"),
        (True, {}, "tau must be a number, got True"),
        (None, {}, "tau must be a number, got None"),
    ],
)
def test_a_number_out_of_bounds_is_one_sentence(value: object, bounds: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        require_number("tau", value, **bounds)
    assert str(caught.value) == sentence
    assert caught.value.with_flags() == "--" + sentence


@pytest.mark.parametrize("value", [0, 1.5, np.float32(2), np.int64(3), -10, 10])
def test_numbers_within_bounds_pass(value: object) -> None:
    require_number("tau", value, at_least=-10, at_most=10)


@pytest.mark.parametrize("value", [1.0, 2.5, True, "3", None, math.nan])
def test_only_integers_are_whole_numbers(value: object) -> None:
    with pytest.raises(ConfigError, match=r"k must be a whole number, 1 or more, got"):
        require_whole("k", value, at_least=1)
    require_whole("k", np.int64(1), at_least=1)
    with pytest.raises(ConfigError, match=r"^k must be 1 or more, got 0$"):
        require_whole("k", 0, at_least=1)


def test_advice_follows_what_was_given() -> None:
    with pytest.raises(ConfigError, match=r"got 7; 0.9 is usual$"):
        require_number("momentum", 7, at_least=0, below=1, usual="0.9 is usual")


def test_the_nearest_choice_is_named() -> None:
    with pytest.raises(
        ConfigError, match=r"^metric must be one of cosine, euclidean, got 'cosin'\. Did you mean 'cosine'"
    ):
        require_choice("metric", "cosin", ("cosine", "euclidean"))
    with pytest.raises(ConfigError, match=r"got 7$"):
        require_choice("metric", 7, ("cosine", "euclidean"))
    with pytest.raises(ConfigError):
        require_choice("folds", True, (0, 1))  # True equals 1, and is no number
    require_choice("metric", "cosine", ("cosine", "euclidean"))


def test_flags_are_true_or_false_alone() -> None:
    with pytest.raises(ConfigError, match=r"keep_bias must be True or False, got 1") as caught:
        require_flag("keep_bias", 1)
    assert caught.value.with_flags().startswith("--keep-bias must be")
    require_flag("keep_bias", False)


def test_shapes() -> None:
    require_shape("logits", torch.zeros(3, 4), ("B", "C"))
    require_shape("labels", np.zeros(3), (3,))
    with pytest.raises(DataError, match=r"^logits must have shape \(B, 4\), got \(3, 5\)$"):
        require_shape("logits", torch.zeros(3, 5), ("B", 4))
    with pytest.raises(DataError, match=r"^labels must have shape \(N,\), got \(3, 1\)$"):
        require_shape("labels", np.zeros((3, 1)), ("N",))
    with pytest.raises(DataError, match=r"^labels must be a tensor or an array of shape \(N,\), got list$"):
        require_shape("labels", [1, 2], ("N",))
