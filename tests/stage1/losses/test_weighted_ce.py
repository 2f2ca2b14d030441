import math

import pytest
import torch

from decouple.errors import ConfigError
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.weighted_ce import WeightedCrossEntropyLoss


def test_value_by_hand() -> None:
    # Counts (3, 1): weights ~ (1/3, 1), with sum 2: (1/2, 3/2). softmax(ln 3, 0) = (3/4, 1/4), so the two samples cost
    # ln(4/3) and ln 4; their weighted mean is (ln(4/3) / 2 + 3 ln(4) / 2) / 2.
    loss = WeightedCrossEntropyLoss(torch.tensor([3, 1]))
    torch.testing.assert_close(loss.class_weights, torch.tensor([0.5, 1.5], dtype=torch.float64))
    value = loss(torch.tensor([[math.log(3), 0.0]] * 2), torch.tensor([0, 1]))
    torch.testing.assert_close(value, torch.tensor(math.log(4 / 3) / 4 + 3 * math.log(4) / 4))


@pytest.mark.parametrize("power", [0.5, 1, 2])
def test_equals_the_formula(batch_agrees, power) -> None:
    def formula(rows, labels, counts, _):
        weights = [counts[y] ** -power for y in labels]
        costs = [math.log(sum(map(math.exp, row))) - row[y] for row, y in zip(rows, labels, strict=True)]
        return sum(w * cost for w, cost in zip(weights, costs, strict=True)) / sum(weights)

    batch_agrees(lambda counts: WeightedCrossEntropyLoss(counts, power=power), formula)


@pytest.mark.parametrize(("counts", "power"), [([37] * 4, 1.0), ([5, 300, 1, 20], 0.0)])
def test_balanced_counts_or_power_0_give_cross_entropy(counts, power) -> None:
    generator = torch.Generator().manual_seed(2)
    logits, labels = torch.randn(8, 4, generator=generator), torch.randint(4, (8,), generator=generator)
    torch.testing.assert_close(
        WeightedCrossEntropyLoss(torch.tensor(counts), power=power)(logits, labels),
        CrossEntropyLoss(torch.tensor(counts))(logits, labels),
    )


def test_the_highest_power_leaves_a_batch_of_the_largest_class_finite() -> None:
    # A class of 10^7 images against one: the weights are about 2e-28 and 2.
    loss = WeightedCrossEntropyLoss(torch.tensor([10**7, 1]), power=4)
    assert loss(torch.zeros(3, 2), torch.tensor([0, 0, 0])).item() == pytest.approx(math.log(2))


@pytest.mark.parametrize("power", [-0.1, 4.1, math.nan])
def test_another_power_is_refused(power) -> None:
    with pytest.raises(ConfigError, match=r"power must be between 0 and 4, got .*; 1 is usual"):
        WeightedCrossEntropyLoss(torch.tensor([3, 1]), power=power)
