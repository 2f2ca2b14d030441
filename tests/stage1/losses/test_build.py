from typing import ClassVar

import pytest
import torch

from decouple.errors import ConfigError, DataError
from stage1.losses import LOSSES
from stage1.losses.build import make_loss
from stage1.losses.class_balanced import ClassBalancedLoss
from stage1.losses.drw import DeferredReweighting
from stage1.losses.equalization import EqualizationLoss
from stage1.losses.loss import Loss

COUNTS = torch.tensor([5, 300, 1, 20])


def test_options_reach_the_loss_with_their_types() -> None:
    loss = make_loss("class_balanced", COUNTS, {"beta": "1e-1", "base": "focal", "gamma": 1})
    assert isinstance(loss, ClassBalancedLoss)
    assert (loss.base, loss.gamma) == ("focal", 1.0)
    torch.testing.assert_close(loss.class_weights, ClassBalancedLoss(COUNTS, beta=0.1).class_weights)


@pytest.mark.parametrize(
    ("threshold", "rare"), [("none", [True, False, True, True]), (0.01, [False, False, True, False])]
)
def test_an_option_may_be_none(threshold, rare) -> None:
    # Shares 0.015, 0.92, 0.003 and 0.06; none is 0.5 / 4.
    loss = make_loss("equalization", COUNTS, {"threshold": threshold})
    assert isinstance(loss, EqualizationLoss)
    assert loss.rare.tolist() == rare


def test_drw_goes_around_the_loss() -> None:
    loss = make_loss("focal", COUNTS, {"gamma": 1}, {"start": 0.5, "beta": 0.9})
    assert isinstance(loss, DeferredReweighting)
    assert loss.start == 0.5
    loss.set_epoch(1, 2)
    torch.testing.assert_close(loss.class_weights, ClassBalancedLoss(COUNTS, beta=0.9).class_weights)


def test_drw_without_options_has_its_defaults() -> None:
    loss = make_loss("ce", COUNTS, {}, {})
    assert isinstance(loss, DeferredReweighting)
    assert loss.start == 0.8


@pytest.mark.parametrize(
    ("name", "options", "drw", "message"),
    [
        ("focl", {}, None, "unknown loss 'focl'. Did you mean 'focal'"),
        ("focal", {"gama": 1}, None, "unknown option 'gama' of loss 'focal'. Did you mean 'gamma'.* Known: gamma."),
        ("focal", {"gamma": "much"}, None, "option 'gamma' of loss 'focal' must be a number, got 'much'"),
        ("focal", {"gamma": -1}, None, "option of loss 'focal': gamma must be 0 or more, got -1.0"),
        ("equalization", {"threshold": "x"}, None, "option 'threshold' .* must be a number or none, got 'x'"),
        ("class_balanced", {"base": "focl"}, None, "must be one of ce, focal, got 'focl'. Did you mean 'focal'"),
        ("ce", {}, {"loss": 1}, "unknown option 'loss' of deferred re-weighting 'drw'. .*Known: start, beta."),
        (
            "ce",
            {},
            {"start": 2},
            "option of deferred re-weighting 'drw': start must be between 0 and 1, got 2.0; it is a share",
        ),
    ],
)
def test_what_is_wrong_is_said(name, options, drw, message) -> None:
    with pytest.raises(ConfigError, match=message):
        make_loss(name, COUNTS, options, drw)


def test_drw_of_a_loss_without_samples_names_those_that_it_goes_with(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ranking(Loss):
        reweightable: ClassVar[bool] = False

    monkeypatch.setitem(LOSSES, "ranking", Ranking)
    with pytest.raises(ConfigError, match=r"drw has no meaning for loss=ranking, .* it goes with ce, weighted_ce"):
        make_loss("ranking", COUNTS, {}, {})
    assert isinstance(make_loss("ranking", COUNTS, {}), Ranking)


def test_an_empty_class_is_named() -> None:
    with pytest.raises(DataError, match=r"no training image for classes \[1\] of 3"):
        make_loss("focal", torch.tensor([3, 0, 1]), {})
