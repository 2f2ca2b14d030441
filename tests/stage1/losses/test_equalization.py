import math

import pytest
import torch

from decouple.errors import ConfigError
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.equalization import EqualizationLoss

COUNTS = torch.tensor([5, 300, 1, 80])  # shares 0.013, 0.777, 0.0026, 0.207 against 0.5 / 4 = 0.125


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(8, 4, generator=generator) * 3, torch.randint(4, (8,), generator=generator)


def test_value_by_hand() -> None:
    # Shares (0.5, 0.4, 0.1), threshold 0.5 / 3: class 2 alone is rare, and gamma 1 always leaves it out. Equal logits:
    # label 0 sees two classes and costs ln 2; label 2 stays in its own denominator, which has all three: ln 3.
    loss = EqualizationLoss(torch.tensor([50, 40, 10]), gamma=1)
    for label, cost in [(0, math.log(2)), (1, math.log(2)), (2, math.log(3))]:
        torch.testing.assert_close(loss(torch.zeros(1, 3), torch.tensor([label])), torch.tensor(cost))


@pytest.mark.parametrize("threshold", [None, 0.05, 1.0])
def test_equals_the_formula_where_every_draw_is_1(batch_agrees, threshold) -> None:
    def formula(rows, labels, counts, _):
        limit = 0.5 / len(counts) if threshold is None else threshold
        costs = []
        for row, y in zip(rows, labels, strict=True):
            rare = [n / sum(counts) < limit for n in counts]
            weights = [1 - rare[k] * (k != y) for k in range(len(counts))]
            costs.append(math.log(sum(w * math.exp(z) for w, z in zip(weights, row, strict=True))) - row[y])
        return sum(costs) / len(costs)

    batch_agrees(lambda counts: EqualizationLoss(counts, gamma=1, threshold=threshold), formula)


def test_a_share_equal_to_the_threshold_is_not_rare() -> None:
    # Shares (3/4, 1/4) and threshold 1/4; just above it, class 1 is rare.
    assert EqualizationLoss(torch.tensor([3, 1]), threshold=0.25).rare.tolist() == [False, False]
    assert EqualizationLoss(torch.tensor([3, 1]), threshold=0.2501).rare.tolist() == [False, True]


def test_gamma_is_how_often_each_sample_leaves_out_each_rare_class() -> None:
    # Classes 0 and 2 are rare; label 1 with equal logits costs ln 4, ln 3 or ln 2 as 0, 1 or 2 of them are left out,
    # with probabilities 0.49, 0.42 and 0.09 for gamma 0.3. The deviation of such a share of 20,000 is below 0.004.
    torch.manual_seed(0)
    loss = EqualizationLoss(COUNTS, gamma=0.3)
    values = loss.values(torch.zeros(20_000, 4), torch.ones(20_000, dtype=torch.int64))
    for remaining, share in [(4, 0.49), (3, 0.42), (2, 0.09)]:
        assert (values - math.log(remaining)).abs().lt(1e-6).float().mean().item() == pytest.approx(share, abs=0.015)


def test_draws_follow_the_seed_and_change_from_call_to_call() -> None:
    logits, labels = torch.zeros(50, 4), torch.ones(50, dtype=torch.int64)
    loss = EqualizationLoss(COUNTS, gamma=0.5)
    torch.manual_seed(3)
    first, second = loss.values(logits, labels), loss.values(logits, labels)
    torch.manual_seed(3)
    assert torch.equal(loss.values(logits, labels), first)
    assert not torch.equal(first, second)


def test_evaluation_is_cross_entropy_and_draws_nothing() -> None:
    logits, labels = batch()
    loss = EqualizationLoss(COUNTS, gamma=1)
    expected = CrossEntropyLoss(COUNTS)(logits, labels)
    assert not torch.allclose(loss(logits, labels), expected)
    before = torch.get_rng_state()
    torch.testing.assert_close(loss.eval()(logits, labels), expected)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(("counts", "gamma"), [(COUNTS, 0.0), (torch.full((4,), 37), 1.0)])
def test_gamma_0_or_balanced_counts_give_cross_entropy(counts, gamma) -> None:
    logits, labels = batch()
    value = EqualizationLoss(counts, gamma=gamma)(logits, labels)
    torch.testing.assert_close(value, CrossEntropyLoss(counts)(logits, labels))


def test_a_class_left_out_gets_no_gradient() -> None:
    logits = torch.zeros(1, 4, requires_grad=True)
    EqualizationLoss(COUNTS, gamma=1)(logits, torch.tensor([0])).backward()
    # Label 0 is rare and stays, class 2 goes: a softmax over classes 0, 1 and 3, less the label.
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, torch.tensor([[-2 / 3, 1 / 3, 0, 1 / 3]]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gamma": 1.5}, r"gamma must be between 0 and 1, got 1\.5; it is a probability, and 0\.9 is usual"),
        (
            {"threshold": -0.1},
            r"threshold must be between 0 and 1, got -0\.1; it is a share of the images, and 0\.5 / C is usual",
        ),
    ],
)
def test_other_options_are_refused(options, message) -> None:
    with pytest.raises(ConfigError, match=message):
        EqualizationLoss(COUNTS, **options)
