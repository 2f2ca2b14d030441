import math

import pytest
import torch
from torch import Tensor

from stage1.losses.balanced_softmax import BalancedSoftmaxLoss
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.loss import Loss
from stage1.mixup.mixed_batch import MixedBatch

FIRST, SECOND = torch.tensor([0, 1]), torch.tensor([1, 1])
LOGITS = torch.tensor([[0.0, math.log(3)], [0.0, 0.0]], dtype=torch.float64)  # softmax (1/4, 3/4) and (1/2, 1/2)


class Weighted(CrossEntropyLoss):
    """Cross-entropy with class weights 1.5 and 0.5."""

    def __init__(self) -> None:
        Loss.__init__(self, torch.tensor([1, 3]), torch.tensor([3, 1]))
        self.label_smoothing = 0.0


def _mixed(lam: Tensor | float) -> MixedBatch:
    return MixedBatch(torch.zeros(2, 3, 1, 1), FIRST, SECOND, torch.as_tensor(lam, dtype=torch.float32))


def test_the_two_losses_are_mixed() -> None:
    # Losses of the first labels: ln 4 and ln 2, mean 1.5 ln 2; of the second: ln 4/3 and ln 2.
    value = _mixed(0.25).loss(CrossEntropyLoss(torch.tensor([1, 1])), LOGITS, LOGITS)
    expected = 0.25 * 1.5 * math.log(2) + 0.75 * (math.log(4 / 3) + math.log(2)) / 2
    assert float(value) == pytest.approx(expected)


def test_shares_of_pairs_are_applied_before_the_mean() -> None:
    # Pair 0 counts for its second label alone, pair 1 half and half of the same label: (ln 4/3 + ln 2) / 2.
    value = _mixed(torch.tensor([0.0, 0.5])).loss(CrossEntropyLoss(torch.tensor([1, 1])), LOGITS, LOGITS)
    assert float(value) == pytest.approx((math.log(4 / 3) + math.log(2)) / 2)


def test_equal_shares_of_all_pairs_are_one_share() -> None:
    loss = BalancedSoftmaxLoss(torch.tensor([9, 2]))
    one, by_pair = _mixed(0.3).loss(loss, LOGITS, LOGITS), _mixed(torch.full((2,), 0.3)).loss(loss, LOGITS, LOGITS)
    torch.testing.assert_close(one, by_pair)


def test_class_weights_hold_for_each_label() -> None:
    # First labels weigh 1.5 and 0.5: (1.5 ln 4 + 0.5 ln 2) / 2; second ones both 0.5: (ln 4/3 + ln 2) / 2.
    value = _mixed(0.5).loss(Weighted(), LOGITS, LOGITS)
    first, second = (1.5 * math.log(4) + 0.5 * math.log(2)) / 2, (math.log(4 / 3) + math.log(2)) / 2
    assert float(value) == pytest.approx((first + second) / 2)


def test_weights_and_shares_of_pairs_by_hand() -> None:
    # Labels weigh 0.25 * 1.5 (ln 4) and 0.75 * 0.5 (ln 4/3) in pair 0, 0.5 (ln 2) twice a half in pair 1: sum 1.25.
    value = _mixed(torch.tensor([0.25, 0.5])).loss(Weighted(), LOGITS, LOGITS)
    expected = 0.375 * math.log(4) + 0.375 * math.log(4 / 3) + 0.5 * math.log(2)
    assert float(value) == pytest.approx(expected / 1.25)


def test_the_mean_of_equal_losses_is_that_loss() -> None:
    value = _mixed(torch.tensor([1.0, 0.0])).loss(Weighted(), torch.zeros(2, 2), LOGITS)
    assert float(value) == pytest.approx(math.log(2))


@pytest.mark.parametrize("lam", [0.25, torch.tensor([0.25, 0.75])])
def test_correct_predictions_count_as_much_as_their_label(lam: Tensor | float) -> None:
    # Image 0 is of class 0 (share 1/4) and 1 (3/4), image 1 is all of class 1.
    mixed = _mixed(lam)
    assert float(mixed.correct(torch.tensor([0, 1]))) == pytest.approx(1.25)
    assert float(mixed.correct(torch.tensor([1, 0]))) == pytest.approx(0.75)
