import math

import pytest
import torch
import torch.nn.functional as F

from decouple.errors import ConfigError
from stage1.losses.cosface import CosFaceLoss


def test_value_by_hand() -> None:
    # Cosines (0.5, 0.1), label 0, margin 0.3, scale 10: the logits are (2, 1) and cost log(1 + e^-1).
    value = CosFaceLoss(torch.tensor([3, 1]), margin=0.3, scale=10)(torch.tensor([[0.5, 0.1]]), torch.tensor([0]))
    torch.testing.assert_close(value, torch.tensor(math.log(1 + math.exp(-1))))


@pytest.mark.parametrize("classes", [2, 5, 12])
def test_equals_the_formula_and_its_slopes(classes: int, agrees) -> None:
    def formula(cosines: list[float], label: int, _: list[float]) -> float:
        terms = [30 * (cosine - 0.35 * (j == label)) for j, cosine in enumerate(cosines)]
        return math.log(sum(map(math.exp, terms))) - terms[label]

    agrees(CosFaceLoss(torch.ones(classes)), formula)


def test_gradient_is_exact() -> None:
    cosines = torch.rand(4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64, requires_grad=True)
    loss, labels = CosFaceLoss(torch.tensor([30, 1, 200])), torch.tensor([0, 2, 2, 1])
    assert torch.autograd.gradcheck(lambda z: loss(z, labels), (cosines,))


def test_no_margin_is_scaled_cross_entropy() -> None:
    generator = torch.Generator().manual_seed(2)
    cosines, labels = torch.rand(8, 4, generator=generator) * 2 - 1, torch.randint(4, (8,), generator=generator)
    value = CosFaceLoss(torch.ones(4), margin=0, scale=20)(cosines, labels)
    torch.testing.assert_close(value, F.cross_entropy(20 * cosines, labels))


def test_counts_do_not_matter_and_may_be_zero() -> None:
    cosines, labels = torch.tensor([[0.3, -1.0, 0.2]]), torch.tensor([1])
    first, second = (CosFaceLoss(torch.tensor(counts))(cosines, labels) for counts in ([0, 1, 1], [500, 20, 1]))
    assert torch.equal(first, second)


def test_options_outside_are_refused() -> None:
    counts = torch.tensor([3, 1])
    with pytest.raises(ConfigError, match=r"margin must be 0 or more, got -1; 0.35 is usual"):
        CosFaceLoss(counts, margin=-1)
    with pytest.raises(ConfigError, match="scale must be above 0, got -30; 30 is usual"):
        CosFaceLoss(counts, scale=-30)


def test_wants_cosines() -> None:
    loss = CosFaceLoss(torch.tensor([3, 1]), scale=20)
    assert (loss.classifier, loss.scale, loss.reweightable) == ("cosine", 20, True)
