import math

import pytest
import torch
import torch.nn.functional as F

from decouple.errors import ConfigError
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.focal import FocalLoss
from stage1.losses.focal_values import log_miss


def test_value_by_hand() -> None:
    # softmax(ln 3, 0) = (3/4, 1/4). Label 0: (1/4)^2 ln(4/3); label 1: (3/4)^2 ln 4.
    logits = torch.tensor([[math.log(3), 0.0]])
    loss = FocalLoss(torch.tensor([5, 1]))
    torch.testing.assert_close(loss(logits, torch.tensor([0])), torch.tensor(math.log(4 / 3) / 16))
    torch.testing.assert_close(loss(logits, torch.tensor([1])), torch.tensor(9 * math.log(4) / 16))


@pytest.mark.parametrize("gamma", [0.5, 1, 2])
def test_equals_the_formula(batch_agrees, gamma) -> None:
    def formula(rows, labels, _counts, _features):
        shares = [math.exp(row[y]) / sum(map(math.exp, row)) for row, y in zip(rows, labels, strict=True)]
        return sum((1 - p) ** gamma * -math.log(p) for p in shares) / len(shares)

    batch_agrees(lambda counts: FocalLoss(counts, gamma=gamma), formula)


def test_gamma_0_is_cross_entropy_in_value_and_gradient() -> None:
    generator, counts = torch.Generator().manual_seed(2), torch.tensor([5, 300, 1, 20])
    labels = torch.randint(4, (8,), generator=generator)
    focal = (torch.randn(8, 4, generator=generator) * 9).requires_grad_()
    plain = focal.detach().clone().requires_grad_()
    value, expected = FocalLoss(counts, gamma=0)(focal, labels), CrossEntropyLoss(counts)(plain, labels)
    torch.testing.assert_close(value, expected)
    value.backward()
    expected.backward()
    torch.testing.assert_close(focal.grad, plain.grad)


@pytest.mark.parametrize("gamma", [0.1, 0.5, 1, 2])
@pytest.mark.parametrize("label", [0, 1])
def test_finite_at_huge_logits(gamma, label) -> None:
    # p is (1, 0) in float32. Label 0 costs nothing; label 1 costs 20,000 with a factor of 1. The derivative of a plain
    # power (1 - p)^gamma is infinite at p = 1 for gamma below 1.
    logits = torch.tensor([[1e4, -1e4]], requires_grad=True)
    value = FocalLoss(torch.tensor([5, 1]), gamma=gamma)(logits, torch.tensor([label]))
    value.backward()
    assert value.item() == [0, 2e4][label]
    assert logits.grad is not None
    assert logits.grad.tolist() == [[[0, 0]], [[1, -1]]][label]


def test_the_log_of_a_miss_keeps_its_digits_where_the_label_is_all_but_certain() -> None:
    # Three logits of 0 below one of 100: 1 - p = 3 e^-100 to within e^-200, and float32 rounds p itself to 1.
    log_p = F.log_softmax(torch.tensor([[0.0, 100.0, 0.0, 0.0]]), dim=1)
    assert log_miss(log_p, torch.tensor([1])).item() == pytest.approx(math.log(3) - 100, rel=1e-6)


@pytest.mark.parametrize("gamma", [-1, math.inf, math.nan])
def test_another_gamma_is_refused(gamma) -> None:
    with pytest.raises(ConfigError, match=r"gamma must be 0 or more, got .*; 2 is usual"):
        FocalLoss(torch.tensor([3, 1]), gamma=gamma)
