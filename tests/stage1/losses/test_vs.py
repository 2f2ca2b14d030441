import math

import pytest
import torch

from decouple.errors import ConfigError
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.logit_adjustment import LogitAdjustmentLoss
from stage1.losses.vs import VectorScalingLoss

COUNTS = torch.tensor([5, 300, 1, 20])


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(8, 4, generator=generator, dtype=torch.float64) * 3, torch.arange(8) % 4


def test_value_by_hand() -> None:
    # Factors 1 and (1/16)^0.25 = 1/2; shares 16/17 and 1/17. Logits (ln 2, 2 ln 3) become exponentials 2 and 3.
    # Label 1 costs ln((16 * 2 + 1 * 3) / 3).
    loss = VectorScalingLoss(torch.tensor([16, 1]), gamma=0.25)
    value = loss(torch.tensor([[math.log(2), 2 * math.log(3)]]), torch.tensor([1]))
    torch.testing.assert_close(value, torch.tensor(math.log(35 / 3)))


@pytest.mark.parametrize(("gamma", "tau"), [(0.15, 1), (0.3, 0), (1, 2.5)])
def test_equals_the_formula(batch_agrees, gamma, tau) -> None:
    def formula(rows, labels, counts, _):
        largest, total = max(counts), 0.0
        for row, y in zip(rows, labels, strict=True):
            lifted = [n**tau * math.exp((n / largest) ** gamma * z) for n, z in zip(counts, row, strict=True)]
            total += math.log(sum(lifted) / lifted[y])
        return total / len(rows)

    batch_agrees(lambda counts: VectorScalingLoss(counts, gamma=gamma, tau=tau), formula)


@pytest.mark.parametrize("tau", [0.5, 1, 2])
def test_gamma_0_is_logit_adjustment(tau) -> None:
    logits, labels = batch()
    expected = LogitAdjustmentLoss(COUNTS, tau=tau)
    ours = VectorScalingLoss(COUNTS, gamma=0, tau=tau)
    torch.testing.assert_close(ours(logits, labels), expected(logits, labels))
    assert ours.prior_exponent == expected.prior_exponent


def test_neither_shift_nor_factor_is_cross_entropy() -> None:
    logits, labels = batch()
    expected = CrossEntropyLoss(COUNTS)(logits, labels)
    torch.testing.assert_close(VectorScalingLoss(COUNTS, gamma=0, tau=0)(logits, labels), expected)


def test_balanced_counts_give_cross_entropy() -> None:
    logits, labels = batch()
    counts = torch.full((4,), 37)
    torch.testing.assert_close(VectorScalingLoss(counts)(logits, labels), CrossEntropyLoss(counts)(logits, labels))


def test_the_gradient_of_a_rare_class_is_scaled() -> None:
    # d loss / d z_j = (n_j / n_max)^gamma (p_j - [j = y]).
    logits = torch.tensor([[math.log(16), 0.0]], requires_grad=True)
    VectorScalingLoss(torch.tensor([1, 16]), gamma=0.25, tau=0)(2 * logits, torch.tensor([1])).backward()
    # 2 z = (2 ln 16, 0), factors (1/2, 1): exponentials 16 and 1, so p = (16/17, 1/17).
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, torch.tensor([[2 * 0.5 * 16 / 17, 2 * (1 / 17 - 1)]]))


@pytest.mark.parametrize("option", ["gamma", "tau"])
@pytest.mark.parametrize("value", [-0.5, math.inf, math.nan])
def test_another_value_is_refused(option, value) -> None:
    with pytest.raises(ConfigError, match=f"{option} must be 0 or more, got "):
        VectorScalingLoss(COUNTS, **{option: value})
