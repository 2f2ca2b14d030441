"""Loss, sampler and batch augmentation in the training loop: their epochs, and their inputs."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from stage1.mixup.mixed_batch import MixedBatch
from stage1.trainer import Training, finish_epoch, predict, train_epoch

Make = Callable[..., Training]

pytestmark = pytest.mark.usefixtures("small_backbone")


def _finish(training: Training) -> None:
    training.seconds = 1.0
    finish_epoch(training)


def test_loss_and_sampler_are_told_the_epoch(make_tiny: Make) -> None:
    training = make_tiny(
        epochs=4, drw=True, drw_options={"start": 0.5}, sampler="deferred", sampler_options={"start": 0.75, "q": -30,
        "then": "power"},
    )  # fmt: skip
    weighted, rare = [], []
    for _ in range(4):
        drawn: list[int] = []
        hook = training.loss.register_forward_pre_hook(
            lambda _, arguments, labels=drawn: labels.extend(arguments[1].tolist())
        )
        train_epoch(training, lambda *_: None, lambda: False)
        hook.remove()
        weighted.append(training.loss.class_weights is not None)
        rare.append(set(drawn) == {2})  # q -30 draws the smallest class alone
        _finish(training)
    assert weighted == [False, False, True, True]
    assert rare == [False, False, False, True]


class _Halves:
    """Each image is mixed with the next one of its batch, half and half."""

    def __call__(self, images: Tensor, labels: Tensor, rng: np.random.Generator) -> MixedBatch:
        self.drawn = rng.random()
        return MixedBatch((images + images.roll(1, 0)) / 2, labels, labels.roll(1), torch.tensor(0.5))


def test_a_mixed_batch_is_what_the_network_and_the_loss_see(make_tiny: Make, mean_backbone: None) -> None:
    training = make_tiny(augment="none", lr=1e-30, weight_decay=0.0, batch_size=30)
    training.batch_augmentation = _Halves()  # type: ignore[assignment]
    train_epoch(training, lambda *_: None, lambda: False)
    training.sampler.set_epoch(0)
    order = training.sampler.draw().numpy()
    ((images, labels),) = training.batches.clean(order, 30)
    logits, _ = training.network((images + images.roll(1, 0)) / 2)
    expected = (F.cross_entropy(logits, labels) + F.cross_entropy(logits, labels.roll(1))) / 2
    predicted = logits.argmax(dim=1)
    correct = ((predicted == labels).sum() + (predicted == labels.roll(1)).sum()) / 2
    assert training.totals.tolist() == pytest.approx([30 * expected.item(), correct.item(), 30], rel=1e-5)


def test_every_step_mixes_anew_and_a_seed_decides(make_tiny: Make) -> None:
    def drawn(seed: int) -> list[float]:
        training, draws = make_tiny(seed=seed), []
        training.batch_augmentation = batch_augmentation = _Halves()  # type: ignore[assignment]
        for _ in range(2):
            train_epoch(training, lambda *_: None, lambda: bool(draws.append(batch_augmentation.drawn)))  # type: ignore[func-returns-value]
            _finish(training)
        return draws

    first = drawn(1)
    assert len(set(first)) == 8
    assert drawn(1) == first
    assert drawn(2) != first


def test_a_cosine_loss_reads_bare_cosines(make_tiny: Make) -> None:
    training = make_tiny(loss="gcl", loss_options={"scale": 20})
    read: list[Tensor] = []
    training.loss.register_forward_pre_hook(lambda _, arguments: read.append(arguments[0].detach()))
    train_epoch(training, lambda *_: None, lambda: False)
    assert max(float(cosines.abs().max()) for cosines in read) <= 1 + 1e-6
    logits, *_ = predict(training.network, training.batches, np.arange(30))
    assert logits.abs().max() > 1  # predictions and their probabilities have the scale
    assert training.network.classifier.as_tensors().scale == 20
