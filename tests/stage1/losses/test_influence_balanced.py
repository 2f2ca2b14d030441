import math

import pytest
import torch

from decouple.errors import ConfigError
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.influence_balanced import InfluenceBalancedLoss

COUNTS = torch.tensor([5, 300, 1, 20])


def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    features = torch.randn(8, 6, generator=generator)
    return torch.randn(8, 4, generator=generator), torch.randint(4, (8,), generator=generator), features


def late(counts: torch.Tensor, **options: float) -> InfluenceBalancedLoss:
    loss = InfluenceBalancedLoss(counts, **options)
    loss.set_epoch(1, 2)
    return loss


def test_value_by_hand() -> None:
    # softmax(ln 3, 0) = (3/4, 1/4). Label 0: |p - e_0|_1 = 1/4 + 1/4; |f|_1 = 1 + 3 = 4; 10 ln(4/3) / (2 + 1/2).
    # Label 1: |p - e_1|_1 = 3/2, |f|_1 = 1: 10 ln 4 / (3/2 + 1/2). Counts (3, 1): weights (1/2, 3/2), which sum to 2.
    loss = late(torch.tensor([3, 1]), epsilon=0.5)
    logits, features = torch.tensor([[math.log(3), 0.0]] * 2), torch.tensor([[1.0, -3.0], [0.0, 1.0]])
    first, second = 4 * math.log(4 / 3), 5 * math.log(4)
    labels = torch.tensor([0, 1])
    torch.testing.assert_close(loss.values(logits, labels, features), torch.tensor([first, second]))
    torch.testing.assert_close(loss(logits, labels, features), torch.tensor(first / 4 + 3 * second / 4))


@pytest.mark.parametrize("alpha", [1, 10])
def test_equals_the_formula(batch_agrees, alpha) -> None:
    def formula(rows, labels, counts, features):
        total = weights = 0.0
        for row, y, f in zip(rows, labels, features, strict=True):
            p = [math.exp(z) / sum(map(math.exp, row)) for z in row]
            distance = sum(abs(share - (k == y)) for k, share in enumerate(p))
            total += alpha * -math.log(p[y]) / (distance * sum(map(abs, f)) + 1e-3) / counts[y]
            weights += 1 / counts[y]
        return total / weights

    batch_agrees(lambda counts: late(counts, alpha=alpha), formula)


def test_gradient_by_the_features() -> None:
    # d/df_k of alpha ce / (d |f|_1 + eps) = -alpha ce d sign(f_k) / (d |f|_1 + eps)^2. Equal logits of two classes:
    # ce = ln 2, d = 1; f = (2, -1), eps = 1: -+ 10 ln 2 / 16.
    features = torch.tensor([[2.0, -1.0]], requires_grad=True)
    late(torch.tensor([3, 1]), epsilon=1)(torch.zeros(1, 2), torch.tensor([0]), features).backward()
    slope = 10 * math.log(2) / 16
    torch.testing.assert_close(features.grad, torch.tensor([[-slope, slope]]))


def test_before_its_start_it_is_plain_cross_entropy() -> None:
    logits, labels, features = batch()
    loss, plain = InfluenceBalancedLoss(COUNTS), CrossEntropyLoss(COUNTS)(logits, labels)
    for epoch, differs in [(0, False), (99, False), (100, True), (199, True), (99, False)]:
        loss.set_epoch(epoch, 200)
        assert torch.allclose(loss(logits, labels, features), plain) is not differs
        assert (loss.class_weights is None) is not differs


def test_start_0_begins_at_once() -> None:
    logits, labels, features = batch()
    torch.testing.assert_close(
        InfluenceBalancedLoss(COUNTS, start=0)(logits, labels, features), late(COUNTS)(logits, labels, features)
    )


def test_features_without_length_leave_epsilon_as_the_divisor() -> None:
    logits, labels, _ = batch()
    features = torch.zeros(8, 6, requires_grad=True)
    value = late(torch.full((4,), 37))(logits, labels, features)
    value.backward()
    torch.testing.assert_close(value, 10 / 1e-3 * CrossEntropyLoss(COUNTS)(logits, labels))
    assert features.grad is not None
    assert features.grad.isfinite().all()


@pytest.mark.parametrize("epoch", [0, 199])
def test_features_are_asked_for(epoch) -> None:
    logits, labels, _ = batch()
    loss = InfluenceBalancedLoss(COUNTS)
    loss.set_epoch(epoch, 200)
    with pytest.raises(ConfigError, match="InfluenceBalancedLoss needs the features beside the logits"):
        loss(logits, labels)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": 0}, "alpha must be above 0, got 0; 10 is usual"),
        ({"epsilon": math.nan}, "epsilon must be above 0, got nan; 0.001 is usual"),
        ({"start": 1.5}, r"start must be between 0 and 1, got 1\.5; it is a share of the epochs, and 0\.5 is usual"),
    ],
)
def test_other_options_are_refused(options, message) -> None:
    with pytest.raises(ConfigError, match=message):
        InfluenceBalancedLoss(COUNTS, **options)
