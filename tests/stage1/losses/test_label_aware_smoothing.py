import math

import pytest
import torch

from decouple.errors import ConfigError
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.label_aware_smoothing import LabelAwareSmoothingLoss

CURVES = {
    "concave": lambda u: math.sin(math.pi / 2 * u),
    "linear": lambda u: u,
    "convex": lambda u: 1 + math.sin(3 * math.pi / 2 + math.pi / 2 * u),
}


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(8, 4, generator=generator) * 3, torch.randint(4, (8,), generator=generator)


def test_value_by_hand() -> None:
    # Two classes: the largest has e = 0.3, the smallest 0. softmax(ln 3, 0) = (3/4, 1/4): label 0 costs
    # 0.7 ln(4/3) + 0.3 ln 4 (the only other class takes all of e), label 1 just ln 4.
    loss = LabelAwareSmoothingLoss(torch.tensor([9, 1]))
    logits = torch.tensor([[math.log(3), 0.0]])
    expected = 0.7 * math.log(4 / 3) + 0.3 * math.log(4)
    torch.testing.assert_close(loss(logits, torch.tensor([0])), torch.tensor(expected))
    torch.testing.assert_close(loss(logits, torch.tensor([1])), torch.tensor(math.log(4)))


@pytest.mark.parametrize(
    ("shape", "middle"), [("concave", math.sqrt(0.5)), ("linear", 0.5), ("convex", 1 - math.sqrt(0.5))]
)
def test_shapes_join_tail_and_head(shape, middle) -> None:
    # The class of 6 images lies half-way between 1 and 11: u = 1/2, and sin(pi/4) = cos(pi/4) = sqrt(1/2).
    loss = LabelAwareSmoothingLoss(torch.tensor([6, 11, 1]), head=0.5, tail=0.1, shape=shape)
    assert loss.smoothing.tolist() == pytest.approx([0.1 + 0.4 * middle, 0.5, 0.1])


@pytest.mark.parametrize("shape", CURVES)
def test_equals_the_formula(batch_agrees, shape) -> None:
    def formula(rows, labels, counts, _):
        total = 0.0
        for row, y in zip(rows, labels, strict=True):
            costs = [math.log(sum(map(math.exp, row))) - z for z in row]
            e = 0.05 + 0.35 * CURVES[shape]((counts[y] - min(counts)) / (max(counts) - min(counts)))
            total += (1 - e) * costs[y] + e / (len(row) - 1) * (sum(costs) - costs[y])
        return total / len(rows)

    batch_agrees(lambda counts: LabelAwareSmoothingLoss(counts, head=0.4, tail=0.05, shape=shape), formula)


def test_no_smoothing_is_cross_entropy() -> None:
    logits, labels = batch()
    counts = torch.tensor([5, 300, 1, 20])
    value = LabelAwareSmoothingLoss(counts, head=0, tail=0)(logits, labels)
    torch.testing.assert_close(value, CrossEntropyLoss(counts)(logits, labels))


@pytest.mark.parametrize("shape", CURVES)
def test_on_balanced_counts_every_class_is_the_tail(shape) -> None:
    loss = LabelAwareSmoothingLoss(torch.full((4,), 37), head=0.3, tail=0.1, shape=shape)
    assert loss.smoothing.tolist() == pytest.approx([0.1] * 4)


def test_equal_smoothing_is_label_smoothing_of_the_other_classes() -> None:
    # e / C on all classes, y among them, is e (C - 1) / C on the others: 0.2 there is 0.15 here for four classes.
    logits, labels = batch()
    counts = torch.tensor([5, 300, 1, 20])
    value = LabelAwareSmoothingLoss(counts, head=0.15, tail=0.15)(logits, labels)
    torch.testing.assert_close(value, CrossEntropyLoss(counts, label_smoothing=0.2)(logits, labels))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"head": 1.1}, r"head must be between 0 and 1, got 1\.1; 0\.3 is usual"),
        ({"tail": -0.1}, r"tail must be between 0 and 1, got -0\.1; 0 is usual"),
        ({"shape": "convexe"}, "shape must be one of concave, linear, convex, got 'convexe'. Did you mean 'convex'"),
    ],
)
def test_other_options_are_refused(options, message) -> None:
    with pytest.raises(ConfigError, match=message):
        LabelAwareSmoothingLoss(torch.tensor([3, 1]), **options)
