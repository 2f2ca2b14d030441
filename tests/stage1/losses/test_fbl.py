import math

import pytest
import torch
import torch.nn.functional as F

from decouple.errors import ConfigError
from stage1.losses.fbl import FBLLoss

CURVES = {
    "linear_decrease": lambda x: 1 - x,
    "linear": lambda x: x,
    "sine": lambda x: math.sin(math.pi * x / 2),
    "cosine": lambda x: 1 - math.cos(math.pi * x / 2),
    "parabolic": lambda x: x**2,
}


def test_values_by_hand() -> None:
    # Counts (4, 1): l = (0, log 4), or (0, 1) if normalized. Half way the strength is 8 * 0.5^2 = 2, and features
    # (3, 4) have length 5: equal logits become (0, -0.4 log 4) or (0, -0.4), and label 1 costs log(1 + e^...).
    for normalize, lead in ((False, 0.4 * math.log(4)), (True, 0.4)):
        loss = FBLLoss(torch.tensor([4, 1]), strength=8, normalize=normalize)
        loss.set_epoch(5, 10)
        value = loss(torch.zeros(1, 2), torch.tensor([1]), torch.tensor([[3.0, 4.0]]))
        torch.testing.assert_close(value, torch.tensor(math.log(1 + math.exp(lead))))


@pytest.mark.parametrize(("curve", "half_way"), [("linear_decrease", 0.5), ("linear", 0.5), ("sine", math.sqrt(0.5)),
                                                 ("cosine", 1 - math.sqrt(0.5)), ("parabolic", 0.25)])  # fmt: skip
def test_curves_half_way(curve: str, half_way: float) -> None:
    loss = FBLLoss(torch.tensor([4, 1]), strength=1, curve=curve)
    loss.set_epoch(100, 200)
    value = loss(torch.zeros(1, 2), torch.tensor([1]), torch.tensor([[1.0]]))
    torch.testing.assert_close(value, torch.tensor(math.log(1 + math.exp(half_way))))


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("counts", [[3, 40], [9, 1, 1, 300, 20]])
def test_equals_the_formula_and_its_slopes(counts: list[int], curve: str, normalize: bool, agrees) -> None:
    log_count_gap = [math.log(max(counts)) - math.log(n) for n in counts]
    if normalize:
        log_count_gap = [value / max(log_count_gap) for value in log_count_gap]
    strength = 3 * CURVES[curve](0.3)

    def formula(logits: list[float], label: int, features: list[float]) -> float:
        length = math.sqrt(sum(value * value for value in features)) + 1e-12
        terms = [z - strength * lack / length for z, lack in zip(logits, log_count_gap, strict=True)]
        return math.log(sum(map(math.exp, terms))) - terms[label]

    loss = FBLLoss(torch.tensor(counts), strength=3, curve=curve, normalize=normalize)
    loss.set_epoch(3, 10)
    agrees(loss, formula)


def test_gradient_is_exact() -> None:
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(4, 3, generator=generator, dtype=torch.float64, requires_grad=True)
    features = torch.randn(4, 5, generator=generator, dtype=torch.float64, requires_grad=True)
    loss, labels = FBLLoss(torch.tensor([30, 1, 200])), torch.tensor([0, 2, 2, 1])
    loss.set_epoch(1, 2)
    assert torch.autograd.gradcheck(lambda z, f: loss(z, labels, f), (logits, features))


@pytest.mark.parametrize("curve", CURVES)
def test_starts_as_cross_entropy_unless_the_strength_decreases(curve: str) -> None:
    generator = torch.Generator().manual_seed(2)
    logits, labels = torch.randn(8, 4, generator=generator), torch.randint(4, (8,), generator=generator)
    loss = FBLLoss(torch.tensor([5, 300, 1, 20]), curve=curve)
    values = loss.values(logits, labels, torch.randn(8, 3, generator=generator))
    assert torch.equal(values, F.cross_entropy(logits, labels, reduction="none")) == (curve != "linear_decrease")


@pytest.mark.parametrize("normalize", [False, True])
def test_balanced_counts_give_cross_entropy(normalize: bool) -> None:
    generator = torch.Generator().manual_seed(2)
    logits, labels = torch.randn(8, 4, generator=generator), torch.randint(4, (8,), generator=generator)
    loss = FBLLoss(torch.full((4,), 37), normalize=normalize)
    loss.set_epoch(9, 10)
    values = loss.values(logits, labels, torch.randn(8, 3, generator=generator))
    assert torch.equal(values, F.cross_entropy(logits, labels, reduction="none"))


@pytest.mark.parametrize("size", [0.0, 1e-20, 1e-6, 1e10])
def test_value_and_gradient_are_finite_for_any_length(size: float) -> None:
    logits, features = torch.zeros(2, 2, requires_grad=True), torch.full((2, 3), size, requires_grad=True)
    loss = FBLLoss(torch.tensor([1000, 1]))
    loss.set_epoch(1, 1)
    value = loss(logits, torch.tensor([0, 1]), features)
    value.backward()
    assert value.isfinite()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()
    assert features.grad is not None
    assert features.grad.isfinite().all()


def test_a_sample_of_the_tail_asks_for_longer_features() -> None:
    features = torch.tensor([[3.0, 4.0]], requires_grad=True)
    loss = FBLLoss(torch.tensor([4, 1]))
    loss.set_epoch(1, 1)
    loss(torch.zeros(1, 2), torch.tensor([1]), features).backward()
    # Equal logits become (0, -60 / |f|) = (0, -12). Label 1 costs log(1 + e^12), whose slope in |f| is
    # -60 / |f|^2 * e^12 / (1 + e^12) = -2.39999, along (0.6, 0.8).
    torch.testing.assert_close(features.grad, torch.tensor([[0.6, 0.8]]) * (-2.4 / (1 + math.exp(-12))))


def test_numbering_of_classes_changes_nothing(same_when_renamed) -> None:
    same_when_renamed(lambda counts: FBLLoss(counts, curve="linear_decrease"))


def test_options_outside_and_missing_features_are_refused() -> None:
    counts = torch.tensor([3, 1])
    with pytest.raises(ConfigError, match="strength must be 0 or more, got -1; 60 is usual"):
        FBLLoss(counts, strength=-1)
    with pytest.raises(ConfigError, match=r"curve must be one of linear_decrease, linear, .*, got 'cubic'"):
        FBLLoss(counts, curve="cubic")
    with pytest.raises(ConfigError, match="needs the features"):
        FBLLoss(counts)(torch.zeros(1, 2), torch.tensor([0]))


def test_keeps_no_state() -> None:
    loss = FBLLoss(torch.tensor([3, 1])).to("meta")
    assert (loss.classifier, loss.needs_features, loss.reweightable) == ("linear", True, True)
    assert loss.log_count_gap.device.type == "meta"
    assert loss.state_dict() == {}
