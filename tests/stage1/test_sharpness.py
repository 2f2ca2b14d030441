"""Sharpness-aware minimisation against a computation of its two steps with autograd's own functions."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from decouple.seeding import derive_seed, make_rng
from stage1.schedule import learning_rate
from stage1.sharpness import sharpness_aware_gradients
from stage1.trainer import Training, train_epoch

Make = Callable[..., Training]

pytestmark = pytest.mark.usefixtures("small_backbone")


def _ignore(*_: object) -> None:
    pass


def _stop_after_first(training: Training) -> Callable[[], bool]:
    return lambda: training.step == 1


def _loss(training: Training, images: Tensor, labels: Tensor) -> Tensor:
    torch.manual_seed(derive_seed(training.config.seed, "dropout", 0))
    mixed = None
    if training.batch_augmentation is not None:
        mixed = training.batch_augmentation(images, labels, make_rng(training.config.seed, "mixing", 0))
        images = mixed.images
    logits, features = training.network(images, training.loss.classifier)
    return training.loss(logits, labels, features) if mixed is None else mixed.loss(training.loss, logits, features)


def _two_steps(training: Training, rho: float) -> list[Tensor]:
    """Return the gradients of SAM for the first batch, from copies of the network at either point."""
    training.sampler.set_epoch(0)
    order = training.train[training.sampler.draw().numpy()]
    images, labels = next(
        iter(training.batches.augmented(order, training.config.batch_size, training.augmentation, (0, 0), 0))
    )
    training.loss.set_epoch(0, training.config.epochs)
    network = training.network.train()
    first = torch.autograd.grad(_loss(training, images, labels), list(network.parameters()))
    norm = sum(float((gradient.double() ** 2).sum()) for gradient in first) ** 0.5
    with torch.no_grad():
        for parameter, gradient in zip(network.parameters(), first, strict=True):
            parameter.add_(rho * gradient / norm)
    return list(torch.autograd.grad(_loss(training, images, labels), list(network.parameters())))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"mix": "mixup"},
        {"loss": "gcl"},
        {"drw": True, "drw_options": {"start": 0.0}},
        {"mix": "cutmix", "loss": "ldam"},
    ],
)
def test_the_first_step_is_that_of_the_two_passes(make_tiny: Make, settings: dict[str, Any]) -> None:
    options: dict[str, Any] = {"seed": 0, "momentum": 0, "weight_decay": 0.01, "warmup_epochs": 0, **settings}
    training, other = make_tiny(sam=0.1, **options), make_tiny(**options)
    before = copy.deepcopy(list(training.network.parameters()))
    expected = _two_steps(other, 0.1)
    train_epoch(training, _ignore, _stop_after_first(training))
    rate = learning_rate(training.config, 0, training.steps_per_epoch)
    for parameter, start, gradient in zip(training.network.parameters(), before, expected, strict=True):
        torch.testing.assert_close(parameter, start - rate * (gradient + 0.01 * start), rtol=1e-4, atol=1e-6)


def test_statistics_counts_and_totals_are_those_of_the_first_pass(make_tiny: Make) -> None:
    with_sam, without = make_tiny(sam=0.5, loss="seesaw"), make_tiny(loss="seesaw")
    for training in (with_sam, without):
        train_epoch(training, _ignore, _stop_after_first(training))
    assert torch.equal(with_sam.totals, without.totals)
    for module in ("network", "loss"):
        buffers = [dict(getattr(training, module).named_buffers()) for training in (with_sam, without)]
        assert all(torch.equal(buffers[0][name], buffers[1][name]) for name in buffers[1])
    assert not torch.equal(with_sam.network.classifier.weight, without.network.classifier.weight)


def test_feature_norms_are_counted_once_without_validation(make_tiny: Make, tiny_data: Any) -> None:
    trainings = make_tiny(sam=0.5), make_tiny()
    for training in trainings:
        training.batches.data.splits.pop("val", None)
        train_epoch(training, _ignore, _stop_after_first(training))
    assert torch.equal(trainings[0].class_norms.sums, trainings[1].class_norms.sums)
    assert trainings[0].class_norms.sums[1].sum() == 8


def test_a_gradient_of_zero_moves_nothing() -> None:
    weight = torch.ones(3, requires_grad=True)
    weight.grad = torch.zeros(3)

    def backward() -> None:
        assert torch.equal(weight, torch.ones(3))
        weight.grad = torch.full((3,), 2.0)

    sharpness_aware_gradients([weight], [], 0.1, backward)
    assert weight.grad is not None
    assert weight.grad.tolist() == [2, 2, 2]


def test_weights_move_by_rho_along_the_gradient_of_all_parameters_together() -> None:
    # Gradients 3 and 4 have the norm 5: of rho 0.5 the weights move by 0.3 and 0.4.
    first, second = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    frozen = torch.zeros(1)
    first.grad, second.grad = torch.tensor([3.0]), torch.tensor([4.0])
    points: list[float] = []
    sharpness_aware_gradients([first, second, frozen], [], 0.5, lambda: points.extend([first.item(), second.item()]))
    assert points == pytest.approx([0.3, 0.4])
    assert (first.item(), second.item()) == (0, 0)
