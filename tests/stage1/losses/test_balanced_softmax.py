import math

import pytest
import torch

from decouple.errors import DataError
from stage1.losses.balanced_softmax import BalancedSoftmaxLoss
from stage1.losses.cross_entropy import CrossEntropyLoss


def test_equal_logits_cost_the_log_of_the_class_share() -> None:
    # Counts (3, 1) and equal logits make the softmax (3/4, 1/4), so label 1 costs -ln(1/4) = ln 4.
    value = BalancedSoftmaxLoss(torch.tensor([3, 1]))(torch.zeros(1, 2), torch.tensor([1]))
    torch.testing.assert_close(value, torch.tensor(math.log(4)))


def test_logits_can_make_up_for_the_counts() -> None:
    # n exp(z) = (3 * 1, 1 * 3): both classes are equally likely, and each label costs ln 2.
    logits = torch.tensor([[0.0, math.log(3)]])
    for label in (0, 1):
        value = BalancedSoftmaxLoss(torch.tensor([3, 1]))(logits, torch.tensor([label]))
        torch.testing.assert_close(value, torch.tensor(math.log(2)))


def test_equals_the_formula_in_float64_on_unsorted_counts() -> None:
    generator, counts = torch.Generator().manual_seed(0), [7, 1, 500, 2, 50]
    logits = torch.randn(9, 5, generator=generator, dtype=torch.float64) * 4
    labels = torch.randint(5, (9,), generator=generator)
    expected = sum(
        -math.log(counts[y] * math.exp(row[y]) / sum(n * math.exp(z) for n, z in zip(counts, row, strict=True)))
        for row, y in zip(logits.tolist(), labels.tolist(), strict=True)
    )
    value = BalancedSoftmaxLoss(torch.tensor(counts))(logits, labels)
    assert float(value) == pytest.approx(expected / 9, rel=1e-6)  # the counts' logarithms are float32


def test_balanced_counts_give_cross_entropy() -> None:
    generator = torch.Generator().manual_seed(2)
    logits, labels = torch.randn(8, 4, generator=generator), torch.randint(4, (8,), generator=generator)
    counts = torch.full((4,), 37)
    torch.testing.assert_close(BalancedSoftmaxLoss(counts)(logits, labels), CrossEntropyLoss(counts)(logits, labels))


def test_finite_at_huge_logits() -> None:
    # The wrong class leads by 20,000 nats and ln 5 of the counts; float32 exp overflows beyond 88.
    logits = torch.tensor([[1e4, -1e4]], requires_grad=True)
    value = BalancedSoftmaxLoss(torch.tensor([5, 1]))(logits, torch.tensor([1]))
    value.backward()
    assert value.item() == pytest.approx(2e4 + math.log(5), rel=1e-6)
    assert logits.grad is not None
    assert logits.grad.tolist() == [[1.0, -1.0]]


@pytest.mark.parametrize("autocast", [False, True])
def test_half_precision_logits_are_summed_in_float32(autocast: bool) -> None:
    # 999 classes of 1 image and one of 1,001: the large one holds half of the 2,000 images and costs ln(2000 / 1001).
    counts = torch.ones(1000)
    counts[0] = 1001
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        value = BalancedSoftmaxLoss(counts)(torch.zeros(1, 1000, dtype=torch.bfloat16), torch.tensor([0]))
    assert value.dtype == torch.float32
    assert value.item() == pytest.approx(math.log(2000 / 1001), rel=1e-5)


def test_gradient_is_exact() -> None:
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64, requires_grad=True)
    loss, labels = BalancedSoftmaxLoss(torch.tensor([30, 1, 200])), torch.tensor([0, 2, 2, 1])
    assert torch.autograd.gradcheck(lambda z: loss(z, labels), (logits,))


def test_an_empty_class_is_named() -> None:
    with pytest.raises(DataError, match=r"no training image for classes \[1, 3\] of 4"):
        BalancedSoftmaxLoss(torch.tensor([3, 0, 1, 0]))


def test_counts_must_be_one_dimensional() -> None:
    with pytest.raises(DataError, match=r"must have shape \(C,\) .* got \(1, 2\)"):
        BalancedSoftmaxLoss(torch.tensor([[3, 1]]))


def test_counts_follow_the_module_and_are_no_weights() -> None:
    loss = BalancedSoftmaxLoss(torch.tensor([3, 1])).to("meta")
    assert loss.log_counts.device.type == "meta"
    assert list(loss.parameters()) == []
    assert loss.state_dict() == {}
