import math

import pytest
import torch

from stage1.losses.cross_entropy import CrossEntropyLoss


def test_value_by_hand() -> None:
    # softmax(ln 3, 0) = (3/4, 1/4): label 0 costs ln(4/3), label 1 costs ln 4; their mean is ln(16/3) / 2.
    logits = torch.tensor([[math.log(3), 0.0], [math.log(3), 0.0]])
    value = CrossEntropyLoss(torch.tensor([1, 1]))(logits, torch.tensor([0, 1]))
    torch.testing.assert_close(value, torch.tensor(math.log(16 / 3) / 2))


def test_equals_the_formula_in_float64() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(9, 5, generator=generator, dtype=torch.float64) * 4
    labels = torch.randint(5, (9,), generator=generator)
    expected = sum(
        math.log(sum(math.exp(z) for z in row)) - row[y]
        for row, y in zip(logits.tolist(), labels.tolist(), strict=True)
    )
    value = CrossEntropyLoss(torch.tensor([7, 1, 3, 2, 5]))(logits, labels)
    assert float(value) == pytest.approx(expected / 9, rel=1e-12)


def test_class_counts_change_nothing() -> None:
    logits, labels = torch.tensor([[0.3, -1.0, 2.0]]), torch.tensor([1])
    first, second = (CrossEntropyLoss(torch.tensor(counts))(logits, labels) for counts in ([1, 1, 1], [500, 20, 1]))
    assert torch.equal(first, second)


def test_finite_at_huge_logits() -> None:
    # The wrong class leads by 20,000 nats, which is the whole loss; float32 exp overflows beyond 88.
    logits = torch.tensor([[1e4, -1e4]], requires_grad=True)
    value = CrossEntropyLoss(torch.tensor([1, 1]))(logits, torch.tensor([1]))
    value.backward()
    assert value.item() == 2e4
    assert logits.grad is not None
    assert logits.grad.tolist() == [[1.0, -1.0]]


@pytest.mark.parametrize("autocast", [False, True])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_logits_are_summed_in_float32(dtype: torch.dtype, autocast: bool) -> None:
    # 1,000 equal logits cost ln 1000 = 6.9078; bfloat16, with 8 bits of precision, would give 6.90625.
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        value = CrossEntropyLoss(torch.ones(1000))(torch.zeros(1, 1000, dtype=dtype), torch.tensor([3]))
    assert value.dtype == torch.float32
    assert value.item() == pytest.approx(math.log(1000), rel=1e-6)


def test_gradient_is_exact() -> None:
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64, requires_grad=True)
    loss, labels = CrossEntropyLoss(torch.tensor([3, 1, 2])), torch.tensor([0, 2, 2, 1])
    assert torch.autograd.gradcheck(lambda z: loss(z, labels), (logits,))
