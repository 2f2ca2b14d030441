import math

import pytest
import torch

from decouple.errors import ConfigError
from stage1.losses.cosface import CosFaceLoss
from stage1.losses.ldam import LDAMLoss


def test_value_by_hand() -> None:
    # Counts (16, 1): the margins are 0.5 * 16^-1/4 = 0.25 and 0.5. Equal cosines and scale 1 leave the margin m of the
    # target alone: -log(e^-m / (e^-m + 1)) = log(1 + e^m).
    loss = LDAMLoss(torch.tensor([16, 1]), scale=1)
    for label, margin in ((0, 0.25), (1, 0.5)):
        value = loss(torch.full((1, 2), 0.3), torch.tensor([label]))
        torch.testing.assert_close(value, torch.tensor(math.log(1 + math.exp(margin))))


@pytest.mark.parametrize("counts", [[3, 40], [7, 1, 500, 2], [9, 1, 1, 300, 20, 5, 77]])
def test_equals_the_formula_and_its_slopes(counts: list[int], agrees) -> None:
    margins = [0.4 * (min(counts) / n) ** 0.25 for n in counts]

    def formula(cosines: list[float], label: int, _: list[float]) -> float:
        terms = [12 * (cosine - margins[label] * (j == label)) for j, cosine in enumerate(cosines)]
        return math.log(sum(map(math.exp, terms))) - terms[label]

    agrees(LDAMLoss(torch.tensor(counts), max_margin=0.4, scale=12), formula)


def test_gradient_is_exact() -> None:
    cosines = torch.rand(4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64, requires_grad=True)
    loss, labels = LDAMLoss(torch.tensor([30, 1, 200])), torch.tensor([0, 2, 2, 1])
    assert torch.autograd.gradcheck(lambda z: loss(z, labels), (cosines,))


def test_balanced_counts_have_one_margin() -> None:
    generator, counts = torch.Generator().manual_seed(2), torch.full((4,), 37)
    cosines, labels = torch.rand(8, 4, generator=generator) * 2 - 1, torch.randint(4, (8,), generator=generator)
    expected = CosFaceLoss(counts, margin=0.5, scale=30)(cosines, labels)
    torch.testing.assert_close(LDAMLoss(counts)(cosines, labels), expected)


def test_the_margin_is_on_the_target_only() -> None:
    # Class 1 is the rare one; with label 0 its cosine 1 - 0.25 of the target leaves a tie, whatever its own margin is.
    value = LDAMLoss(torch.tensor([16, 1]))(torch.tensor([[1.0, 0.75]]), torch.tensor([0]))
    torch.testing.assert_close(value, torch.tensor(math.log(2)))


def test_numbering_of_classes_changes_nothing(same_when_renamed) -> None:
    same_when_renamed(LDAMLoss)


def test_options_outside_are_refused() -> None:
    counts = torch.tensor([3, 1])
    with pytest.raises(ConfigError, match=r"max_margin must be 0 or more, got -0.1; 0.5 is usual"):
        LDAMLoss(counts, max_margin=-0.1)
    with pytest.raises(ConfigError, match="scale must be above 0, got 0; 30 is usual"):
        LDAMLoss(counts, scale=0)


def test_wants_cosines_and_keeps_no_state() -> None:
    loss = LDAMLoss(torch.tensor([3, 1]), scale=20).to("meta")
    assert (loss.classifier, loss.scale, loss.reweightable) == ("cosine", 20, True)
    assert loss.margins.device.type == "meta"
    assert loss.state_dict() == {}
