import math

import pytest
import torch
import torch.nn.functional as F

from decouple.errors import ConfigError
from stage1.losses.kps import KPSLoss


def test_values_by_hand() -> None:
    # Counts (4, 1), n_base 2: r' = (log 8, log 2), so r = (3, 1), m' = (1, 3) and, with max_margin 0.6, m = (0.2, 0.6).
    # Cosines (0.1, 0.2), scale 1, label 0: logits (0.3 - 0.2, 0.2), which cost log(1 + e^0.1);
    # label 1: logits (0.3, 0.2 - 0.6), which cost log(1 + e^0.7).
    loss = KPSLoss(torch.tensor([4, 1]), n_base=2, max_margin=0.6, scale=1)
    for label, lead in ((0, 0.1), (1, 0.7)):
        value = loss(torch.tensor([[0.1, 0.2]]), torch.tensor([label]))
        torch.testing.assert_close(value, torch.tensor(math.log(1 + math.exp(lead))))


def test_adjusted_values_by_hand() -> None:
    # As above; late the scales are 1 * m' = (1, 3), and a cap of 2 makes them (1, 2): leads of 0.1 and 2 * 0.7.
    loss = KPSLoss(torch.tensor([4, 1]), n_base=2, max_margin=0.6, scale=1, scale_cap=2)
    loss.set_epoch(9, 10)
    for label, lead in ((0, 0.1), (1, 1.4)):
        value = loss(torch.tensor([[0.1, 0.2]]), torch.tensor([label]))
        torch.testing.assert_close(value, torch.tensor(math.log(1 + math.exp(lead))))


@pytest.mark.parametrize("adjusted", [False, True])
@pytest.mark.parametrize("counts", [[3, 40], [7, 1, 5000, 2], [9, 1, 1, 300, 20, 5, 77]])
def test_equals_the_formula_and_its_slopes(counts: list[int], adjusted: bool, agrees) -> None:
    lifted = [math.log(n * 50 / min(counts)) for n in counts]
    slopes = [value / min(lifted) for value in lifted]
    raw = [max(slopes) + 1 - value for value in slopes]
    margins = [value * 0.5 / max(raw) for value in raw]

    def formula(cosines: list[float], label: int, _: list[float]) -> float:
        scale = min(15 * raw[label], 30) if adjusted else 15
        terms = [scale * (slopes[j] * cosine - margins[label] * (j == label)) for j, cosine in enumerate(cosines)]
        return math.log(sum(map(math.exp, terms))) - terms[label]

    loss = KPSLoss(torch.tensor(counts), scale_cap=30)
    loss.set_epoch(199 if adjusted else 0, 200)
    agrees(loss, formula)


def test_gradient_is_exact() -> None:
    cosines = torch.rand(4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64, requires_grad=True)
    loss, labels = KPSLoss(torch.tensor([30, 1, 200]), ga_start=0), torch.tensor([0, 2, 2, 1])
    assert torch.autograd.gradcheck(lambda z: loss(z, labels), (cosines,))


def test_the_scale_changes_at_epoch_160_of_200() -> None:
    loss, cosines, labels = KPSLoss(torch.tensor([1000, 1])), torch.tensor([[0.3, 0.1]]), torch.tensor([1])
    values = []
    for epoch in (0, 159, 160, 199):
        loss.set_epoch(epoch, 200)
        values.append(loss(cosines, labels).item())
    assert values[0] == values[1]
    assert values[1] != values[2]
    assert values[2] == values[3]


def test_adjustment_can_last_all_epochs_or_never_begin() -> None:
    counts, cosines, labels = torch.tensor([1000, 1]), torch.tensor([[0.3, 0.1]]), torch.tensor([1])
    always, never = KPSLoss(counts, ga_start=0), KPSLoss(counts, ga_start=1)
    first = [loss(cosines, labels).item() for loss in (always, never)]
    assert first[0] > first[1]  # the sample is wrong, and a larger scale makes it costlier
    for loss in (always, never):
        loss.set_epoch(199, 200)
    assert [loss(cosines, labels).item() for loss in (always, never)] == first


@pytest.mark.parametrize("epoch", [0, 9])
def test_balanced_counts_have_one_margin_and_the_plain_scale(epoch: int) -> None:
    generator = torch.Generator().manual_seed(2)
    cosines, labels = torch.rand(8, 4, generator=generator) * 2 - 1, torch.randint(4, (8,), generator=generator)
    loss = KPSLoss(torch.full((4,), 37))
    loss.set_epoch(epoch, 10)
    logits = 15 * (cosines - 0.5 * F.one_hot(labels, 4))
    torch.testing.assert_close(loss(cosines, labels), F.cross_entropy(logits, labels))


def test_numbering_of_classes_changes_nothing(same_when_renamed) -> None:
    same_when_renamed(KPSLoss)
    same_when_renamed(lambda counts: KPSLoss(counts, ga_start=0))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_base": 1}, "n_base must be above 1, got 1; 50 is usual"),
        ({"max_margin": -1}, "max_margin must be 0 or more, got -1; 0.5 is usual"),
        ({"scale": 0}, "scale must be above 0, got 0; 15 is usual"),
        ({"ga_start": 1.1}, "ga_start must be between 0 and 1, got 1.1; it is a share of the epochs, and 0.8 is usual"),
        ({"scale_cap": 14}, "scale_cap must be 15 or more, got 14; it is the scale or more, and 50 is usual"),
    ],
)
def test_options_outside_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        KPSLoss(torch.tensor([3, 1]), **options)


def test_wants_cosines_and_keeps_no_state() -> None:
    loss = KPSLoss(torch.tensor([3, 1])).to("meta")
    assert (loss.classifier, loss.scale, loss.reweightable) == ("cosine", 15, True)
    assert {loss.slopes.device.type, loss.margins.device.type, loss.adjusted_scales.device.type} == {"meta"}
    assert loss.state_dict() == {}
