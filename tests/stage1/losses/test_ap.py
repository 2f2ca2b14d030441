import subprocess
import sys

import pytest
import torch

from decouple.errors import ConfigError, DataError
from stage1.losses import ap
from stage1.losses.ap import APLoss
from stage1.losses.drw import drw

COUNTS = [5, 300, 1, 20]


def batch(size: int, classes: int, spread: float, shift: float = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Return scores with ties among them, and labels."""
    generator = torch.Generator().manual_seed(size + classes)
    scores = (torch.randn(size, classes, generator=generator) * spread).double().round(decimals=1) + shift
    return scores, torch.randint(classes, (size,), generator=generator)


def weights_of(counts: list[int], beta: float) -> list[float]:
    raw = [(1 - beta) / (1 - beta**n) for n in counts]
    return [value * len(counts) / sum(raw) for value in raw]


def by_pairs(
    scores: torch.Tensor, labels: torch.Tensor, weights: list[float], deltas: list[float]
) -> tuple[float, torch.Tensor]:
    """Return the loss and its error-driven gradient, from the definition, pair by pair."""
    rows, own = scores.tolist(), labels.tolist()
    size, classes = scores.shape
    positives = [rows[i][own[i]] for i in range(size)]
    negatives = [(i, j) for i in range(size) for j in range(classes) if j != own[i]]
    loss, gradient = 0.0, torch.zeros(size, classes, dtype=torch.float64)
    for i in range(size):
        d = deltas[i]
        above = {(k, j): min(1, max(0, (rows[k][j] - positives[i]) / (2 * d) + 0.5)) for k, j in negatives}
        others = [min(1, max(0, (positives[p] - positives[i]) / (2 * d) + 0.5)) for p in range(size) if p != i]
        rank = 1 + sum(others) + sum(above.values())
        loss += weights[i] * sum(above.values()) / rank / size
        gradient[i, own[i]] -= weights[i] * sum(above.values()) / rank / size
        for index, step in above.items():
            gradient[index] += weights[i] * step / rank / size
    return loss, gradient


def value_and_gradient(loss: APLoss, scores: torch.Tensor, labels: torch.Tensor) -> tuple[float, torch.Tensor]:
    leaf = scores.detach().clone().requires_grad_()
    value = loss(leaf, labels)
    value.backward()
    assert leaf.grad is not None
    return value.item(), leaf.grad


def test_value_and_gradient_by_hand() -> None:
    # Scores (0, 0.5) with label 0 and (-3, 2) with label 1, delta 1: positives 0 and 2, negatives 0.5 and -3.
    # Positive 0: H(0.5 - 0) = 0.75, H(-3) = 0, H(2 - 0) = 1: FP = 0.75, rank = 1 + 1 + 0.75, error 3/11.
    # Positive 2: H(0.5 - 2) = 0: error 0. The loss is 3/22; 0 goes up by it, and the negative 0.5 down by as much.
    scores = torch.tensor([[0.0, 0.5], [-3.0, 2.0]])
    value, gradient = value_and_gradient(APLoss(torch.tensor([3, 1])), scores, torch.tensor([0, 1]))
    assert value == pytest.approx(3 / 22)
    torch.testing.assert_close(gradient, torch.tensor([[-3 / 22, 3 / 22], [0.0, 0.0]]))


@pytest.mark.parametrize("chunk", [1 << 22, 30])
@pytest.mark.parametrize("balance", ["none", "delta", "delta_divide", "primary"])
@pytest.mark.parametrize(("spread", "shift"), [(0.5, 0), (3, 0), (3, 1e4), (1e4, 0)])
@pytest.mark.parametrize("counts", [[3, 40], [9, 1, 1, 300, 20]])
def test_equals_the_definition(counts, spread, shift, balance, chunk, monkeypatch) -> None:
    monkeypatch.setattr(ap, "_COMPARISONS_CHUNK", chunk)  # 30 numbers are a single positive in each chunk
    scores, labels = batch(11, len(counts), spread, shift)
    by_class = [weights_of(counts, 0.99)[y] for y in labels.tolist()]
    weights = by_class if balance == "primary" else [1.0] * 11
    power = {"delta": 1, "delta_divide": -1}.get(balance, 0)
    expected, slopes = by_pairs(scores, labels, weights, [0.8 * value**power for value in by_class])
    loss = APLoss(torch.tensor(counts), delta=0.8, balance=balance, beta=0.99)
    value, gradient = value_and_gradient(loss, scores, labels)
    assert value == pytest.approx(expected, rel=1e-9)
    torch.testing.assert_close(gradient, slopes, rtol=1e-9, atol=1e-11)


def test_all_ways_of_balancing_are_one_on_balanced_counts() -> None:
    scores, labels = batch(9, 4, 1)
    expected, slopes = value_and_gradient(APLoss(torch.full((4,), 37)), scores, labels)
    for balance in ("delta", "delta_divide", "primary"):
        value, gradient = value_and_gradient(APLoss(torch.full((4,), 37), balance=balance), scores, labels)
        assert value == pytest.approx(expected, rel=1e-12)
        torch.testing.assert_close(gradient, slopes)


def test_a_tail_class_gets_the_larger_threshold() -> None:
    # The right scores lead by 1.5, and the weights are about 0.002 and 2: the tail's step alone reaches that far.
    scores, labels = torch.tensor([[1.5, 0.0], [0.0, 1.5]]), torch.tensor([0, 1])
    _, gradient = value_and_gradient(APLoss(torch.tensor([1000, 1]), balance="delta"), scores, labels)
    assert gradient[0, 0] == 0  # a sample of the head
    assert gradient[1, 1] < 0  # one of the tail: its score still goes up


@pytest.mark.parametrize("balance", ["delta", "delta_divide", "primary"])
def test_progressive_weights_grow_from_none_to_full(balance) -> None:
    counts, (scores, labels) = torch.tensor(COUNTS), batch(9, 4, 1)
    loss = APLoss(counts, balance=balance, progressive=True)
    full = APLoss(counts, balance=balance)(scores, labels)
    none = APLoss(counts)(scores, labels)
    assert abs(full - none) > 1e-3
    torch.testing.assert_close(loss(scores, labels), none)
    loss.set_epoch(1, 4)
    mixed = [0.75 + 0.25 * weights_of(COUNTS, 0.9999)[y] for y in labels.tolist()]
    ones, power = [1.0] * 9, {"delta": 1, "delta_divide": -1}.get(balance, 0)
    expected, _ = by_pairs(scores, labels, mixed if balance == "primary" else ones, [w**power for w in mixed])
    assert loss(scores, labels).item() == pytest.approx(expected, rel=1e-9)
    loss.set_epoch(4, 4)
    torch.testing.assert_close(loss(scores, labels), full)


def test_numbering_of_classes_changes_nothing(same_when_renamed) -> None:
    same_when_renamed(lambda counts: APLoss(counts, balance="delta"))


def test_gradient_scales_and_can_be_asked_for_twice() -> None:
    scores, labels = batch(9, 4, 1)
    loss = APLoss(torch.tensor(COUNTS))
    _, expected = value_and_gradient(loss, scores, labels)
    leaf = scores.clone().requires_grad_()
    value = loss(leaf, labels)
    (3 * value).backward(retain_graph=True)
    torch.testing.assert_close(leaf.grad, 3 * expected)
    value.backward()
    torch.testing.assert_close(leaf.grad, 4 * expected)
    leaf.grad = None
    (loss(leaf, labels) + 0.5 * loss(leaf, labels.flip(0))).backward()  # as mixup does
    _, flipped = value_and_gradient(loss, scores, labels.flip(0))
    torch.testing.assert_close(leaf.grad, expected + 0.5 * flipped)


def test_input_stays_and_without_gradient_the_value_is_the_same() -> None:
    scores, labels = batch(9, 4, 1)
    copy, loss = scores.clone(), APLoss(torch.tensor(COUNTS))
    value, _ = value_and_gradient(loss, scores, labels)
    with torch.no_grad():
        assert loss(scores, labels).item() == value
    assert torch.equal(scores, copy)


@pytest.mark.parametrize("autocast", [False, True])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
def test_types_of_value_and_gradient(dtype: torch.dtype, autocast: bool) -> None:
    # 1,000 classes with equal scores: 999 negatives at H(0) = 1/2 make an error of 499.5 / 500.5. Each negative's share
    # of it is 0.5 / 500.5. bfloat16 counts to 256.
    scores = torch.zeros(1, 1000, dtype=dtype, requires_grad=True)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        value = APLoss(torch.ones(1000))(scores, torch.tensor([3]))
    value.backward()
    assert value.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    assert value.item() == pytest.approx(499.5 / 500.5, rel=1e-6)
    assert scores.grad is not None
    assert scores.grad.dtype == dtype
    torch.testing.assert_close(scores.grad[0, 0], torch.tensor(0.5 / 500.5, dtype=dtype))
    torch.testing.assert_close(scores.grad[0, 3], torch.tensor(-499.5 / 500.5, dtype=dtype))


def test_perfect_ranking_costs_nothing_and_the_worst_nearly_one() -> None:
    # Both positives are below all 18 negatives: errors 18/19 and 18/20, for the second positive is below the first.
    labels = torch.tensor([0, 1])
    scores = torch.full((2, 10), 1e4)
    scores[0, 0], scores[1, 1] = -10, -1e4
    value, gradient = value_and_gradient(APLoss(torch.ones(10)), scores, labels)
    assert value == pytest.approx((18 / 19 + 18 / 20) / 2)
    assert gradient.isfinite().all()
    value, gradient = value_and_gradient(APLoss(torch.ones(10)), -scores, labels)
    assert value == 0
    assert gradient.abs().max() == 0


@pytest.mark.parametrize("index", [(0, 0), (0, 1)])
def test_a_score_that_is_no_number_is_not_hidden(index: tuple[int, int]) -> None:
    scores = torch.zeros(2, 3)
    scores[index] = float("nan")
    assert APLoss(torch.ones(3))(scores, torch.tensor([0, 1])).isnan()


MEMORY = """
import resource, torch
from stage1.losses.ap import APLoss
loss = APLoss(torch.arange(1, 8143), balance="delta")
scores = torch.randn(256, 8142, generator=torch.Generator().manual_seed(0)).requires_grad_()
loss(scores[:2], torch.arange(2)).backward()  # what torch loads at the first use is not the loss's
start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
loss(scores, torch.arange(256)).backward()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kilobytes on Linux only")
def test_memory_of_a_large_batch_of_many_classes() -> None:
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1024**2  # 1 GB; a table of 256 x 2 million comparisons alone would be 2 GB


def test_there_is_no_loss_per_sample() -> None:
    loss = APLoss(torch.tensor(COUNTS))
    with pytest.raises(ConfigError, match="ap ranks all scores of a batch together and has no loss per sample"):
        loss.values(*batch(9, 4, 1))
    with pytest.raises(ConfigError, match="deferred re-weighting needs a loss per sample"):
        drw(loss)


def test_a_class_without_images_matters_to_the_balance_alone() -> None:
    APLoss(torch.tensor([3, 0]))
    for balance in ("delta", "delta_divide", "primary"):
        with pytest.raises(DataError, match=r"no training image for classes \[1\] of 2"):
            APLoss(torch.tensor([3, 0]), balance=balance)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delta": 0}, "delta must be above 0, got 0; 1 is usual"),
        ({"balance": "all"}, "balance must be one of none, delta, delta_divide, primary, got 'all'"),
        ({"beta": 1.5}, "beta must be between 0 and 1, got 1.5"),
    ],
)
def test_options_outside_are_refused(options: dict[str, float | str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        APLoss(torch.tensor([3, 1]), **options)


def test_wants_logits_and_keeps_no_state() -> None:
    loss = APLoss(torch.tensor([3, 1])).to("meta")
    assert (loss.classifier, loss.needs_features, loss.reweightable) == ("linear", False, False)
    assert loss.balances.device.type == "meta"
    assert loss.state_dict() == {}
