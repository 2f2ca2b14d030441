"""What holds for every loss of the table, and for deferred re-weighting around it."""

import itertools

import pytest
import torch
from torch import Tensor

from decouple.errors import DataError
from stage1.losses import LOSSES, drw
from stage1.losses.loss import Loss

COUNTLESS = {"ce", "cosface", "arcface", "ap"}  # as made by default, they ask nothing of the counts
CASES = [
    pytest.param(name, wrapped, id=f"{name}+drw" if wrapped else name)
    for name, loss in LOSSES.items()
    for wrapped in (False, True)
    if loss.reweightable or not wrapped
]
every_loss = pytest.mark.parametrize(("name", "wrapped"), CASES)
COUNTS = [20, 300, 1, 5, 90]
SIZES = {"unsorted": COUNTS, "balanced": [50] * 4, "two_classes": [1, 9], "two_balanced": [6, 6], "ones": [1, 1, 1]}
LATE = 0.9  # all that begins late has begun


def make(name: str, wrapped: bool, counts: list[int] = COUNTS, progress: float = LATE, **options: float) -> Loss:
    """Return a loss that has seen one batch, with more samples of some classes than of others."""
    loss = LOSSES[name](torch.tensor(counts), **options)
    if wrapped:
        loss = drw(loss)
    loss.set_epoch(round(progress * 10), 10)
    labels = torch.tensor(counts).argsort(stable=True).repeat_interleave(torch.arange(1, len(counts) + 1))
    loss(torch.zeros(len(labels), len(counts)), labels, torch.ones(len(labels), 3))
    return loss


def batch(loss: Loss, size: int = 8, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor]:
    """Return logits (cosines where the loss wants them), labels of all classes, and features."""
    classes, generator = len(loss.class_counts), torch.Generator().manual_seed(size)
    logits = (torch.rand(size, classes, generator=generator) * 2 - 1) * (0.9 if loss.classifier == "cosine" else 4)
    return logits.to(dtype), torch.arange(size) % classes, torch.randn(size, 3, generator=generator).to(dtype)


@every_loss
@pytest.mark.parametrize("progress", [0, LATE])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("training", [True, False])
def test_value_and_gradient_are_finite_at_the_ends_of_the_range(name, wrapped, progress, dtype, training) -> None:
    # Every pattern of signs of three logits, and all labels for each: the label far ahead, far behind, and level.
    loss = make(name, wrapped, [20, 300, 1], progress).train(training)
    for size in (1.0, 1e4) if loss.classifier == "cosine" else (1e4,):
        signs = torch.tensor(list(itertools.product([-size, 0, size], repeat=3))).repeat(3, 1)
        logits = signs.to(dtype).requires_grad_()
        features = torch.randn(81, 3, generator=torch.Generator().manual_seed(0)).to(dtype).requires_grad_()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == torch.bfloat16):
            values = loss.values(logits, torch.arange(3).repeat_interleave(27), features) if loss.reweightable else None
            value = loss(logits, torch.arange(3).repeat_interleave(27), features)
        value.backward()
        assert value.dtype == torch.float32
        assert value.isfinite()
        assert values is None or values.isfinite().all()
        assert logits.grad is not None
        assert logits.grad.isfinite().all()
        assert features.grad is None or features.grad.isfinite().all()


@every_loss
def test_bfloat16_logits_are_computed_on_in_float32(name, wrapped) -> None:
    loss = make(name, wrapped).eval()
    logits, labels, features = batch(loss, dtype=torch.bfloat16)
    expected = loss(logits.float(), labels, features.float())
    for autocast in (False, True):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
            value = loss(logits, labels, features)
        assert value.dtype == torch.float32
        assert torch.equal(value, expected)


@every_loss
def test_float64_stays_and_differs_by_rounding_alone(name, wrapped) -> None:
    loss = make(name, wrapped).eval()
    logits, labels, features = batch(loss)
    value = loss(logits.double(), labels, features.double())
    assert value.dtype == torch.float64
    assert loss(logits, labels, features).item() == pytest.approx(value.item(), rel=1e-5)


@every_loss
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_inputs_are_not_changed(name, wrapped, training, dtype) -> None:
    loss = make(name, wrapped).train(training)
    inputs = batch(loss, dtype=dtype)
    copies, versions = [tensor.clone() for tensor in inputs], [tensor._version for tensor in inputs]
    logits, labels, features = inputs
    loss(logits.requires_grad_(), labels, features.requires_grad_()).backward()
    assert all(torch.equal(tensor, copy) for tensor, copy in zip(inputs, copies, strict=True))
    assert [tensor._version for tensor in inputs] == versions


@every_loss
@pytest.mark.parametrize("counts", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("progress", [0, LATE])
def test_any_counts_give_a_finite_scalar_that_trains(name, wrapped, counts, progress) -> None:
    loss = make(name, wrapped, counts, progress)
    logits, labels, features = batch(loss, 3 * len(counts))
    value = loss(logits.requires_grad_(), labels, features)
    value.backward()
    assert value.shape == ()
    assert value.isfinite()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()
    assert logits.grad.abs().sum() > 0


@every_loss
@pytest.mark.parametrize("progress", [0, LATE])
def test_the_names_of_the_classes_do_not_matter(name, wrapped, progress) -> None:
    order = torch.tensor([3, 0, 4, 2, 1])
    loss = make(name, wrapped, COUNTS, progress).eval()
    logits, labels, features = batch(loss, dtype=torch.float64)
    renamed = make(name, wrapped, torch.tensor(COUNTS)[order].tolist(), progress).eval()
    value = renamed(logits[:, order], order.argsort()[labels], features)
    torch.testing.assert_close(value, loss(logits, labels, features), rtol=1e-10, atol=0)


@every_loss
def test_which_class_is_large_matters_to_all_but_those_that_do_not_count(name, wrapped) -> None:
    # The counts of two classes change places: a loss that ignored its counts would not notice.
    first, second = make(name, wrapped).eval(), make(name, wrapped, [300, 20, 1, 5, 90]).eval()
    logits, labels, features = batch(first, dtype=torch.float64)
    same = torch.allclose(first(logits, labels, features), second(logits, labels, features), rtol=1e-9)
    blind = {"ce", "focal", "cosface", "arcface", "ap"}
    at_rest = {"equalization", "gcl", "dro_lt"}  # in evaluation mode without noise; before the second epoch
    assert same is (not wrapped and name in blind | at_rest)


@every_loss
def test_tensors_are_buffers_that_move_and_nothing_is_trained(name, wrapped) -> None:
    loss = make(name, wrapped).to("meta")
    assert list(loss.parameters()) == []
    assert set(loss.state_dict()) <= {
        "observed_counts",
        "loss.observed_counts",
        "centroids",
        "sums",
        "counts",
        "observed_epoch",
    }  # of seesaw and dro_lt; all else is made anew from the counts
    assert {tensor.device.type for tensor in loss.buffers()} == {"meta"}
    assert not [key for key, tensor in vars(loss).items() if isinstance(tensor, Tensor)]
    assert {tensor.dtype for tensor in loss.buffers()} <= {torch.float64, torch.bool}


@every_loss
@pytest.mark.parametrize("progress", [0, LATE])
def test_gradient_is_exact(name, wrapped, progress) -> None:
    if name == "ap":
        pytest.skip("its gradient is the published one, not the derivative of its value")
    constant = {"seesaw": {"q": 0.0}}  # the paper holds this factor constant, though it depends on the logits
    loss = make(name, wrapped, COUNTS, progress, **constant.get(name, {})).eval()
    logits, labels, features = batch(loss, 5, dtype=torch.float64)
    assert torch.autograd.gradcheck(
        lambda z, f: loss(z, labels, f), (logits.requires_grad_(), features.requires_grad_(loss.needs_features))
    )


@every_loss
def test_an_empty_class_is_named(name, wrapped) -> None:
    counts = [20, 0, 300, 0]
    if name in COUNTLESS and not wrapped:
        assert make(name, wrapped, counts)(torch.zeros(1, 4), torch.tensor([0])).isfinite()
        return
    with pytest.raises(DataError, match=r"no training image for classes \[1, 3\] of 4"):
        make(name, wrapped, counts)


@every_loss
@pytest.mark.parametrize("size", [1, 6])
def test_labels_of_one_class_only(name, wrapped, size) -> None:
    # Their class weight, be it large or small, is in the numerator and the denominator alike.
    for label in range(len(COUNTS)):
        loss = make(name, wrapped).eval()
        logits, _, features = batch(loss, size)
        labels = torch.full((size,), label)
        value = loss(logits, labels, features)
        assert value.isfinite()
        if loss.reweightable:
            torch.testing.assert_close(value, loss.values(logits, labels, features).mean())


@every_loss
def test_a_sample_is_not_influenced_by_its_neighbours(name, wrapped) -> None:
    loss = make(name, wrapped).eval()
    if not loss.reweightable:
        pytest.skip("no sum over samples")
    logits, labels, features = batch(loss, dtype=torch.float64)
    values = loss.values(logits, labels, features)
    assert values.shape == labels.shape
    for i in range(len(labels)):
        alone = loss(logits[i : i + 1], labels[i : i + 1], features[i : i + 1])
        torch.testing.assert_close(alone, values[i], rtol=1e-10, atol=1e-12)
