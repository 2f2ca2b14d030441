import math

import pytest
import torch

from decouple.errors import ConfigError
from stage1.losses.balanced_softmax import BalancedSoftmaxLoss
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.logit_adjustment import LogitAdjustmentLoss

COUNTS = torch.tensor([5, 300, 1, 20])


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(8, 4, generator=generator) * 3, torch.randint(4, (8,), generator=generator)


def test_value_by_hand() -> None:
    # Shares (3/4, 1/4), tau 2, equal logits: (9/16, 1/16) scaled to sum 1 is (9/10, 1/10), so label 1 costs ln 10.
    value = LogitAdjustmentLoss(torch.tensor([3, 1]), tau=2)(torch.zeros(1, 2), torch.tensor([1]))
    torch.testing.assert_close(value, torch.tensor(math.log(10)))


@pytest.mark.parametrize("tau", [0.5, 1, 2.5])
def test_equals_the_formula(batch_agrees, tau) -> None:
    def formula(rows, labels, counts, _):
        lifted = [[n**tau * math.exp(z) for n, z in zip(counts, row, strict=True)] for row in rows]
        return sum(math.log(sum(row) / row[y]) for row, y in zip(lifted, labels, strict=True)) / len(rows)

    batch_agrees(lambda counts: LogitAdjustmentLoss(counts, tau=tau), formula)


def test_tau_1_is_balanced_softmax_and_tau_0_cross_entropy() -> None:
    logits, labels = batch()
    torch.testing.assert_close(LogitAdjustmentLoss(COUNTS)(logits, labels), BalancedSoftmaxLoss(COUNTS)(logits, labels))
    torch.testing.assert_close(
        LogitAdjustmentLoss(COUNTS, tau=0)(logits, labels), CrossEntropyLoss(COUNTS)(logits, labels)
    )


def test_balanced_counts_give_cross_entropy() -> None:
    logits, labels = batch()
    counts = torch.full((4,), 37)
    torch.testing.assert_close(
        LogitAdjustmentLoss(counts, tau=1.7)(logits, labels), CrossEntropyLoss(counts)(logits, labels)
    )


@pytest.mark.parametrize("tau", [-0.5, math.inf, math.nan])
def test_another_tau_is_refused(tau) -> None:
    with pytest.raises(ConfigError, match=r"tau must be 0 or more, got .*; 1 is usual"):
        LogitAdjustmentLoss(COUNTS, tau=tau)
