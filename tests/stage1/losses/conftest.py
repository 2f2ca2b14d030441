"""What the tests of losses share: comparing one with a formula in plain Python, and naming the classes anew."""

from collections.abc import Callable

import pytest
import torch

from stage1.losses.loss import Loss

Formula = Callable[[list[float], int, list[float]], float]  # logits or cosines, label, features -> loss of one sample
Agrees = Callable[[Loss, Formula], None]
Rows = list[list[float]]
BatchFormula = Callable[[Rows, list[int], list[int], Rows], float]  # logits, labels, counts, features -> loss of all
BatchAgrees = Callable[[Callable[[torch.Tensor], Loss], BatchFormula], None]
Renames = Callable[[Callable[[torch.Tensor], Loss]], None]


def _batch(classes: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return 12 rows of numbers in [-1, 1], labels of every class, and features."""
    generator = torch.Generator().manual_seed(classes)
    numbers = torch.rand(12, classes, generator=generator, dtype=torch.float64) * 2 - 1
    labels = torch.arange(12) % classes
    return numbers, labels, torch.randn(12, 3, generator=generator, dtype=torch.float64)


def _slopes(function: Callable[[list[float]], float], point: list[float]) -> list[float]:
    step = 1e-6
    slopes = []
    for index in range(len(point)):
        ahead, behind = list(point), list(point)
        ahead[index] += step
        behind[index] -= step
        slopes.append((function(ahead) - function(behind)) / (2 * step))
    return slopes


@pytest.fixture
def agrees() -> Agrees:
    """Check the mean over a batch, and its gradient by finite differences, against a formula for one sample."""

    def check(loss: Loss, formula: Formula) -> None:
        logits, labels, features = _batch(len(loss.class_counts))
        rows = list(zip(logits.tolist(), labels.tolist(), features.tolist(), strict=True))
        value = loss(logits.requires_grad_(), labels, features.requires_grad_())
        value.backward()
        assert value.dtype == torch.float64
        assert value.item() == pytest.approx(sum(formula(z, y, f) for z, y, f in rows) / len(rows), rel=1e-12)
        expected = [_slopes(lambda point, y=y, f=f: formula(point, y, f), z) for z, y, f in rows]  # type: ignore[misc]
        torch.testing.assert_close(logits.grad, torch.tensor(expected).double() / len(rows), rtol=1e-5, atol=1e-7)
        if loss.needs_features:
            expected = [_slopes(lambda point, z=z, y=y: formula(z, y, point), f) for z, y, f in rows]  # type: ignore[misc]
            torch.testing.assert_close(features.grad, torch.tensor(expected).double() / len(rows), rtol=1e-5, atol=1e-7)

    return check


UNSORTED = {2: [3, 80], 5: [7, 1, 500, 2, 50], 12: [9, 1, 30, 400, 2, 2, 60, 1, 5, 800, 17, 100]}


@pytest.fixture(params=UNSORTED, ids=lambda classes: f"C{classes}")
def batch_agrees(request: pytest.FixtureRequest) -> BatchAgrees:
    """Check the loss of a batch, and its gradient by finite differences, against a formula for the batch."""

    def check(make: Callable[[torch.Tensor], Loss], formula: BatchFormula) -> None:
        counts = UNSORTED[request.param]
        numbers, labels, features = _batch(len(counts))
        logits = (4 * numbers).requires_grad_()

        def expected(flat: list[float]) -> float:
            rows = [flat[start : start + len(counts)] for start in range(0, len(flat), len(counts))]
            return formula(rows, labels.tolist(), counts, features.tolist())

        value = make(torch.tensor(counts))(logits, labels, features)
        value.backward()
        flat = logits.flatten().tolist()
        assert value.item() == pytest.approx(expected(flat), rel=1e-10)
        slopes = torch.tensor(_slopes(expected, flat)).double().view_as(logits)
        torch.testing.assert_close(logits.grad, slopes, rtol=1e-5, atol=1e-7)

    return check


@pytest.fixture
def same_when_renamed() -> Renames:
    """Check that the loss made from given counts is the same after the classes have been numbered anew."""

    def check(make: Callable[[torch.Tensor], Loss]) -> None:
        counts, order = torch.tensor([7, 1, 500, 20, 20]), torch.tensor([3, 0, 4, 2, 1])
        logits, labels, features = _batch(5)
        first = make(counts)(logits, labels, features)
        second = make(counts[order])(logits[:, order], order.argsort()[labels], features)
        torch.testing.assert_close(first, second, rtol=1e-12, atol=0)

    return check
