import math

import pytest
import torch

from decouple.errors import ConfigError
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.drw import drw
from stage1.losses.seesaw import SeesawLoss

COUNTS = torch.tensor([5, 300, 1, 20])


def factor(row: list[float], observed: list[float], i: int, j: int, p: float, q: float) -> float:
    """Return S_ij as the paper writes it, for one sample."""
    mitigation = (observed[j] / observed[i]) ** p if observed[i] > observed[j] else 1.0
    sigma = [math.exp(z) / sum(map(math.exp, row)) for z in row]
    compensation = (sigma[j] / sigma[i]) ** q if sigma[j] > sigma[i] else 1.0
    return mitigation * compensation


def test_value_by_hand() -> None:
    # One batch in training: labels 0, 0, 0, 0 and 1, so N = (4, 1) before use. p = 1/2: M_01 = (1/4)^(1/2) = 1/2,
    # M_10 = 1. Logits (0, ln 2): sigma = (1/3, 2/3), q = 1: C_01 = 2, C_10 = 1.
    # Label 0: -ln(1 / (1/2 * 2 * 2 + 1)) = ln 3. Label 1: -ln(2 / (1 + 2)) = ln(3/2).
    loss = SeesawLoss(torch.tensor([3, 7]), p=0.5, q=1)
    labels = torch.tensor([0, 0, 0, 0, 1])
    values = loss.values(torch.tensor([[0.0, math.log(2)]] * 5), labels)
    torch.testing.assert_close(values, torch.tensor([math.log(3)] * 4 + [math.log(1.5)]))


@pytest.mark.parametrize(("p", "q"), [(0.8, 2), (0.8, 0), (0, 2), (2, 0.5)])
def test_equals_the_formula_with_factors_held_constant(batch_agrees, p, q) -> None:
    frozen: list[list[float]] = []

    def formula(rows, labels, counts, _):
        observed = [max(1.0, labels.count(j)) for j in range(len(counts))]
        if not frozen:  # of the first call, at the logits themselves; steps beside them do not change the factors
            for row, y in zip(rows, labels, strict=True):
                frozen.append([factor(row, observed, y, j, p, q) for j in range(len(row))])
        costs = [
            math.log(sum(s * math.exp(z) for s, z in zip(factors, row, strict=True)) / math.exp(row[y]))
            for row, y, factors in zip(rows, labels, frozen, strict=True)
        ]
        return sum(costs) / len(costs)

    batch_agrees(lambda counts: SeesawLoss(counts, p=p, q=q), formula)


def test_the_gradient_is_the_paper_s() -> None:
    # dL/dz_j = S_yj e^(z_j) / e^(z_y) * sigma^_y, and sigma^_y - 1 at the label; here with q, which autograd of S would
    # change.
    row, observed, y = [0.3, 1.4, -0.8, 0.9], [40.0, 3.0, 1.0, 100.0], 0
    loss = SeesawLoss(COUNTS).eval()
    loss.observed_counts.copy_(torch.tensor(observed))
    logits = torch.tensor([row], dtype=torch.float64, requires_grad=True)
    loss(logits, torch.tensor([y])).backward()
    scaled = [factor(row, observed, y, j, 0.8, 2) * math.exp(z) for j, z in enumerate(row)]
    share = math.exp(row[y]) / sum(scaled)
    expected = [share - 1 if j == y else scaled[j] / math.exp(row[y]) * share for j in range(4)]
    assert logits.grad is not None
    assert logits.grad[0].tolist() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("scale", [1, 1e4])
def test_p_and_q_0_is_cross_entropy(scale) -> None:
    generator = torch.Generator().manual_seed(2)
    logits, labels = torch.randn(8, 4, generator=generator) * scale, torch.tensor([1, 1, 1, 1, 1, 0, 3, 1])
    value = SeesawLoss(COUNTS, p=0, q=0)(logits, labels)
    torch.testing.assert_close(value, CrossEntropyLoss(COUNTS)(logits, labels))
    assert not torch.allclose(SeesawLoss(COUNTS)(logits, labels), value, rtol=1e-3)


def test_labels_are_counted_in_training_only() -> None:
    loss, logits = SeesawLoss(COUNTS), torch.zeros(3, 4)
    loss(logits, torch.tensor([1, 1, 3]))
    loss(logits, torch.tensor([1, 0, 1]))
    assert loss.observed_counts.tolist() == [1, 4, 0, 1]
    loss.eval()(logits, torch.tensor([2, 2, 2]))
    assert loss.observed_counts.tolist() == [1, 4, 0, 1]


def test_a_class_that_has_not_come_counts_as_1() -> None:
    # N = (8, 0 -> 1), p = 1/3: M_01 = 1/2. Equal logits: label 0 costs ln(1 + 1/2).
    loss = SeesawLoss(torch.tensor([5, 5]), p=1 / 3)
    value = loss(torch.zeros(8, 2), torch.zeros(8, dtype=torch.int64))
    torch.testing.assert_close(value, torch.tensor(math.log(1.5)))


def test_counts_are_state_that_another_loss_can_take_over() -> None:
    first, second = drw(SeesawLoss(COUNTS)), drw(SeesawLoss(COUNTS))
    first(torch.zeros(3, 4), torch.tensor([1, 1, 3]))
    assert list(first.state_dict()) == ["loss.observed_counts"]
    second.load_state_dict(first.state_dict())
    generator = torch.Generator().manual_seed(2)
    logits, labels = torch.randn(8, 4, generator=generator), torch.randint(4, (8,), generator=generator)
    assert torch.equal(first(logits, labels), second(logits, labels))


def test_value_at_huge_logits() -> None:
    # The wrong class leads by 20,000 nats: q = 2 adds twice that to its logit, 60,000 in all.
    logits = torch.tensor([[1e4, -1e4]], requires_grad=True)
    value = SeesawLoss(torch.tensor([5, 1]))(logits, torch.tensor([1]))
    value.backward()
    assert value.item() == 6e4
    assert logits.grad is not None
    assert logits.grad.tolist() == [[1.0, -1.0]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p": -1}, "p must be 0 or more, got -1; 0.8 is usual"),
        ({"q": math.inf}, "q must be 0 or more, got inf; 2 is usual"),
    ],
)
def test_other_options_are_refused(options, message) -> None:
    with pytest.raises(ConfigError, match=message):
        SeesawLoss(COUNTS, **options)
