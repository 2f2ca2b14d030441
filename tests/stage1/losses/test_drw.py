from typing import ClassVar

import pytest
import torch

from decouple.errors import ConfigError, DataError
from stage1.losses.balanced_softmax import BalancedSoftmaxLoss
from stage1.losses.class_balanced import ClassBalancedLoss
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.drw import drw
from stage1.losses.influence_balanced import InfluenceBalancedLoss
from stage1.losses.loss import Loss
from stage1.losses.seesaw import SeesawLoss
from stage1.losses.weighted_ce import WeightedCrossEntropyLoss

COUNTS = torch.tensor([5, 300, 1, 20])


class Ranking(Loss):
    """A loss that is no sum over samples."""

    reweightable: ClassVar[bool] = False


def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    logits, labels = torch.randn(8, 4, generator=generator) * 3, torch.randint(4, (8,), generator=generator)
    return logits, labels, torch.randn(8, 6, generator=generator)


def at(loss: Loss, epoch: int, epochs: int = 200) -> Loss:
    loss.set_epoch(epoch, epochs)
    return loss


def test_value_by_hand() -> None:
    # beta 1/2, counts (2, 1): weights (4/5, 6/5). Balanced softmax of equal logits costs ln(3/2) and ln 3.
    loss = at(drw(BalancedSoftmaxLoss(torch.tensor([2, 1])), start=0, beta=0.5), 0)
    value = loss(torch.zeros(2, 2), torch.tensor([0, 1]))
    torch.testing.assert_close(value, 0.4 * torch.tensor(1.5).log() + 0.6 * torch.tensor(3.0).log())


@pytest.mark.parametrize(("epoch", "weighted"), [(0, False), (159, False), (160, True), (199, True), (100, False)])
def test_of_200_epochs_the_weights_join_at_number_160(epoch, weighted) -> None:
    logits, labels, _ = batch()
    loss = at(drw(CrossEntropyLoss(COUNTS)), epoch)
    other = ClassBalancedLoss(COUNTS) if weighted else CrossEntropyLoss(COUNTS)
    torch.testing.assert_close(loss(logits, labels), other(logits, labels))


def test_it_goes_back_when_the_epoch_does() -> None:
    logits, labels, _ = batch()
    loss = drw(CrossEntropyLoss(COUNTS))
    first, late = loss(logits, labels), at(loss, 160)(logits, labels)
    assert torch.equal(at(loss, 159)(logits, labels), first)
    assert not torch.allclose(first, late)


def test_start_0_is_on_before_any_epoch_is_set() -> None:
    logits, labels, _ = batch()
    torch.testing.assert_close(
        drw(CrossEntropyLoss(COUNTS), start=0)(logits, labels), ClassBalancedLoss(COUNTS)(logits, labels)
    )


def test_balanced_counts_never_change_it() -> None:
    logits, labels, _ = batch()
    counts = torch.full((4,), 37)
    expected = BalancedSoftmaxLoss(counts)(logits, labels)
    for epoch in (0, 160, 199):
        torch.testing.assert_close(at(drw(BalancedSoftmaxLoss(counts)), epoch)(logits, labels), expected)


def test_own_weights_stay_and_are_multiplied() -> None:
    # 1 / n from the loss times 1 / n from beta 1 is 1 / n^2; before, 1 / n alone.
    logits, labels, _ = batch()
    loss = drw(WeightedCrossEntropyLoss(COUNTS), beta=1)
    for epoch, power in [(159, 1.0), (160, 2.0)]:
        expected = WeightedCrossEntropyLoss(COUNTS, power=power)
        torch.testing.assert_close(at(loss, epoch).class_weights, expected.class_weights)
        torch.testing.assert_close(loss(logits, labels), expected(logits, labels))


def test_own_weights_that_change_with_the_epoch_are_followed() -> None:
    # Influence-balanced has weights ~ 1 / n from half-way on; its values are compared apart from them.
    logits, labels, features = batch()
    loss, own = drw(InfluenceBalancedLoss(COUNTS), start=0.8, beta=1), InfluenceBalancedLoss(COUNTS)
    for epoch, power in [(99, 0), (100, 1), (159, 1), (160, 2), (99, 0)]:
        values = at(own, epoch).values(logits, labels, features)
        weights = COUNTS.double().pow(-power).float()[labels]
        expected = (weights * values).sum() / weights.sum()
        torch.testing.assert_close(at(loss, epoch)(logits, labels, features), expected)


def test_it_may_begin_before_the_loss_does() -> None:
    loss = at(drw(InfluenceBalancedLoss(COUNTS), start=0.2, beta=1), 50)
    torch.testing.assert_close(loss.class_weights, WeightedCrossEntropyLoss(COUNTS).class_weights)


def test_training_and_evaluation_mode_reach_the_loss() -> None:
    loss = SeesawLoss(COUNTS)
    drw(loss).eval()(torch.zeros(2, 4), torch.tensor([0, 1]))
    assert loss.observed_counts.tolist() == [0, 0, 0, 0]


def test_what_the_loss_wants_is_handed_on() -> None:
    class Cosine(CrossEntropyLoss):
        classifier, scale, needs_features = "cosine", 17.0, True

    loss = drw(Cosine(COUNTS))
    assert (loss.classifier, loss.scale, loss.needs_features) == ("cosine", 17.0, True)


def test_a_loss_that_is_no_mean_over_samples_is_refused() -> None:
    with pytest.raises(ConfigError, match="needs a loss per sample, which Ranking does not have"):
        drw(Ranking(COUNTS))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": 1.2}, r"start must be between 0 and 1, got 1\.2; it is a share of the epochs, and 0\.8 is usual"),
        ({"beta": -1}, r"beta must be between 0 and 1, got -1; 0\.9999 is usual"),
    ],
)
def test_other_options_are_refused(options, message) -> None:
    with pytest.raises(ConfigError, match=message):
        drw(CrossEntropyLoss(COUNTS), **options)


def test_an_empty_class_that_the_loss_may_have_is_refused() -> None:
    with pytest.raises(DataError, match=r"no training image for classes \[1\] of 2"):
        drw(CrossEntropyLoss(torch.tensor([3, 0])))
