import math

import pytest
import torch
import torch.nn.functional as F

from decouple.errors import ConfigError
from stage1.losses.arcface import ArcFaceLoss


def test_value_by_hand() -> None:
    # The target is at 60 degrees; a margin of 30 moves it to 90, cosine 0, where the other class is, too: log 2.
    loss = ArcFaceLoss(torch.tensor([3, 1]), margin=math.pi / 6)
    torch.testing.assert_close(loss(torch.tensor([[0.5, 0.0]]), torch.tensor([0])), torch.tensor(math.log(2)))


def test_value_beyond_pi_by_hand() -> None:
    # At 180 degrees less 45 a margin of 60 would pass pi; the cosine -sqrt(1/2) becomes less by pi/3 sin(pi/3).
    # With the other class just there, both logits are equal: log 2.
    cosine = -math.sqrt(0.5)
    other = cosine - math.pi / 3 * math.sqrt(0.75)
    loss = ArcFaceLoss(torch.tensor([3, 1]), margin=math.pi / 3)
    value = loss(torch.tensor([[other, cosine]], dtype=torch.float64), torch.tensor([1]))
    assert value.item() == pytest.approx(math.log(2), rel=1e-12)


@pytest.mark.parametrize("margin", [0.2, 0.5, 1.5])
@pytest.mark.parametrize("classes", [2, 5, 12])
def test_equals_the_formula_and_its_slopes(classes: int, margin: float, agrees) -> None:
    beyond = 0

    def formula(cosines: list[float], label: int, _: list[float]) -> float:
        nonlocal beyond
        angle = math.acos(cosines[label]) + margin
        beyond += angle > math.pi
        target = math.cos(angle) if angle <= math.pi else cosines[label] - margin * math.sin(margin)
        terms = [20 * (target if j == label else cosine) for j, cosine in enumerate(cosines)]
        return math.log(sum(map(math.exp, terms))) - terms[label]

    agrees(ArcFaceLoss(torch.ones(classes), margin=margin, scale=20), formula)
    assert margin < 1 or beyond > 0  # at 1.5 radians both branches were compared


def test_gradient_is_exact() -> None:
    cosines = torch.rand(4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 1.8 - 0.9
    loss, labels = ArcFaceLoss(torch.tensor([30, 1, 200])), torch.tensor([0, 2, 2, 1])
    assert torch.autograd.gradcheck(lambda z: loss(z, labels), (cosines.requires_grad_(),))


def test_no_margin_is_scaled_cross_entropy() -> None:
    generator = torch.Generator().manual_seed(2)
    cosines, labels = torch.rand(8, 4, generator=generator) * 2 - 1, torch.randint(4, (8,), generator=generator)
    value = ArcFaceLoss(torch.ones(4), margin=0, scale=20)(cosines, labels)
    torch.testing.assert_close(value, F.cross_entropy(20 * cosines, labels))


@pytest.mark.parametrize("cosine", [1.0, -1.0, 1 + 1e-6, -1 - 1e-6, 1 - 1e-7, 1e4, -1e4])
def test_value_and_gradient_are_finite_at_the_ends(cosine: float) -> None:
    cosines = torch.tensor([[cosine, 0.2], [0.2, cosine]], requires_grad=True)
    value = ArcFaceLoss(torch.tensor([3, 1]))(cosines, torch.tensor([0, 0]))
    value.backward()
    assert value.isfinite()
    assert cosines.grad is not None
    assert cosines.grad.isfinite().all()
    assert cosines.grad[1, 1] != 0 or cosine < 0  # where the other class is far ahead, it is pushed down


def test_slope_is_bounded_where_the_sine_vanishes() -> None:
    # 1e-15 from 1 the exact slope of cos(theta + margin) would be sin(margin) / sin(theta), 1e7; here it is below 1.
    cosines = torch.tensor([[1 - 1e-15, 0.9]], dtype=torch.float64, requires_grad=True)
    ArcFaceLoss(torch.tensor([3, 1]))(cosines, torch.tensor([0])).backward()
    assert cosines.grad is not None
    assert -30 < cosines.grad[0, 0] < 0


def test_sine_near_one_keeps_its_digits() -> None:
    # At cosine 1 - x with x = 2896 / 2^24 the square of the sine is 2x - x^2; float32 has 1 - cosine^2 off by 9e-5.
    # At margin pi/2 the target becomes minus the sine, and with scale 1000 that is what the loss adds: log(1 + e^...).
    x = 2896 / 2**24
    loss = ArcFaceLoss(torch.tensor([3, 1]), margin=math.pi / 2, scale=1000)
    value = loss(torch.tensor([[1 - x, 0.0]]), torch.tensor([0]))
    assert value.item() == pytest.approx(math.log(1 + math.exp(1000 * math.sqrt(2 * x - x * x))), rel=1e-5)


def test_options_outside_are_refused() -> None:
    counts = torch.tensor([3, 1])
    for margin in (-0.1, 1.6):
        with pytest.raises(ConfigError, match=rf"margin must be between 0 and 1.5708, got {margin}; 0.5 radians is"):
            ArcFaceLoss(counts, margin=margin)
    with pytest.raises(ConfigError, match="scale must be above 0, got 0; 30 is usual"):
        ArcFaceLoss(counts, scale=0)


def test_wants_cosines() -> None:
    loss = ArcFaceLoss(torch.tensor([3, 0]), scale=20)
    assert (loss.classifier, loss.scale, loss.reweightable) == ("cosine", 20, True)
