import math

import pytest
import torch

from decouple.errors import ConfigError
from stage1.losses.class_balanced import ClassBalancedLoss
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.focal import FocalLoss
from stage1.losses.weighted_ce import WeightedCrossEntropyLoss

COUNTS = torch.tensor([5, 300, 1, 20])


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(8, 4, generator=generator) * 3, torch.randint(4, (8,), generator=generator)


def test_value_by_hand() -> None:
    # beta 1/2, counts (2, 1): (1 - 1/2) / (1 - 1/4) = 2/3 and 1, with sum 2: (4/5, 6/5). softmax(ln 3, 0) =
    # (3/4, 1/4), so the two samples cost ln(4/3) and ln 4: (4 ln(4/3) + 6 ln 4) / 10.
    loss = ClassBalancedLoss(torch.tensor([2, 1]), beta=0.5)
    torch.testing.assert_close(loss.class_weights, torch.tensor([0.8, 1.2], dtype=torch.float64))
    value = loss(torch.tensor([[math.log(3), 0.0]] * 2), torch.tensor([0, 1]))
    torch.testing.assert_close(value, torch.tensor(0.4 * math.log(4 / 3) + 0.6 * math.log(4)))


@pytest.mark.parametrize("beta", [0.9, 0.9999])
@pytest.mark.parametrize("base", ["ce", "focal"])
def test_equals_the_formula(batch_agrees, beta, base) -> None:
    gamma = {"ce": 0, "focal": 1.5}[base]

    def formula(rows, labels, counts, _):
        weights = [(1 - beta) / (1 - beta ** counts[y]) for y in labels]
        shares = [math.exp(row[y]) / sum(map(math.exp, row)) for row, y in zip(rows, labels, strict=True)]
        return sum(-w * (1 - p) ** gamma * math.log(p) for w, p in zip(weights, shares, strict=True)) / sum(weights)

    batch_agrees(lambda counts: ClassBalancedLoss(counts, beta=beta, base=base, gamma=1.5), formula)


def test_beta_0_is_the_base() -> None:
    logits, labels = batch()
    for base, plain in {"ce": CrossEntropyLoss(COUNTS), "focal": FocalLoss(COUNTS)}.items():
        torch.testing.assert_close(ClassBalancedLoss(COUNTS, beta=0, base=base)(logits, labels), plain(logits, labels))


def test_beta_towards_1_is_inverse_frequency() -> None:
    logits, labels = batch()
    inverse = WeightedCrossEntropyLoss(COUNTS)(logits, labels)
    torch.testing.assert_close(ClassBalancedLoss(COUNTS, beta=1)(logits, labels), inverse)
    torch.testing.assert_close(ClassBalancedLoss(COUNTS, beta=1 - 1e-9)(logits, labels), inverse)
    assert not torch.allclose(ClassBalancedLoss(COUNTS, beta=0.9)(logits, labels), inverse, rtol=0.01)


def test_balanced_counts_give_the_base() -> None:
    logits, labels = batch()
    counts = torch.full((4,), 37)
    value = ClassBalancedLoss(counts, base="focal")(logits, labels)
    torch.testing.assert_close(value, FocalLoss(counts)(logits, labels))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beta": 1.1}, r"beta must be between 0 and 1, got 1\.1; 0\.9999 is usual"),
        ({"gamma": -1.0}, "gamma must be 0 or more, got -1.0"),
        ({"base": "bce"}, "base must be one of ce, focal, got 'bce'"),
    ],
)
def test_other_options_are_refused(options, message) -> None:
    with pytest.raises(ConfigError, match=message):
        ClassBalancedLoss(COUNTS, **options)
