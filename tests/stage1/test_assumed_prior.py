import numpy as np
import pytest
import torch

from stage1.assumed_prior import trained_prior
from stage1.losses.build import make_loss

COUNTS = [90, 10]


@pytest.mark.parametrize(
    ("loss", "options", "sampler", "expected"),
    [
        ("ce", {}, "instance", [0.9, 0.1]),
        ("ce", {}, "class", [0.5, 0.5]),
        ("ce", {}, "sqrt", [0.75, 0.25]),  # 3 : 1
        ("logit_adjustment", {"tau": 0.5}, "instance", [0.75, 0.25]),  # pi^(1 - 1/2)
        ("logit_adjustment", {"tau": 1.0}, "class", [0.1, 0.9]),  # both corrections: 1/2 over pi
        ("balanced_softmax", {}, "instance", [0.5, 0.5]),
        ("weighted_ce", {}, "instance", [0.5, 0.5]),  # weights 1 / n
    ],
)
def test_prior_of_loss_and_sampler(loss: str, options: dict[str, float], sampler: str, expected: list[float]) -> None:
    made = make_loss(loss, torch.tensor(COUNTS), options)
    np.testing.assert_allclose(trained_prior(made, sampler, {}, COUNTS), expected)


def test_deferred_weights_count_at_the_end() -> None:
    loss = make_loss("ce", torch.tensor(COUNTS), {}, {"beta": 1.0})  # weights of 1 / n
    loss.set_epoch(0, 10)
    np.testing.assert_allclose(trained_prior(loss, "instance", {}, COUNTS), [0.9, 0.1])
    loss.set_epoch(9, 10)
    np.testing.assert_allclose(trained_prior(loss, "instance", {}, COUNTS), [0.5, 0.5])
