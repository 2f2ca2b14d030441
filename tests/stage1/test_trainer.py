import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from decouple.datasets.data import ArrayPixels, Data
from stage1.batches import Batches
from stage1.normalization import Normalization
from stage1.trainer import NonFiniteLossError, Training, finish_epoch, predict, train_epoch

Make = Callable[..., Training]

pytestmark = pytest.mark.usefixtures("small_backbone")


def _ignore(images: int, loss: float, accuracy: float) -> None:
    pass


def _go_on() -> bool:
    return False


def test_an_epoch_of_instance_sampling_visits_each_training_image_once(make_tiny: Make, tiny_data: Data) -> None:
    training = make_tiny(augment="none")
    numbered = np.zeros((48, 8, 8, 3), np.uint8)
    numbered[:] = np.arange(48, dtype=np.uint8)[:, None, None, None]
    data = dataclasses.replace(tiny_data, pixels=ArrayPixels(numbered))
    training.batches = Batches(data, Normalization((0.0,) * 3, (1 / 255,) * 3), torch.device("cpu"))
    batch_images: list[list[int]] = []
    training.network.register_forward_pre_hook(
        lambda _, arguments: batch_images.append(arguments[0][:, 0, 0, 0].round().int().tolist())
    )
    orders = []
    for _ in range(2):
        batch_images.clear()
        assert train_epoch(training, _ignore, _go_on)
        assert [len(batch) for batch in batch_images] == [8, 8, 7, 7]
        orders.append([image for batch in batch_images for image in batch])
        training.epoch, training.step = training.epoch + 1, 0
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(30))
    assert orders[0] != orders[1]


def test_augmentation_and_dropout_are_drawn_anew_in_every_step(make_tiny: Make, tiny_data: Data) -> None:
    training = make_tiny()
    one_image = np.repeat(tiny_data.pixels.read(np.zeros(1, np.int64)), 48, axis=0)  # only its crops differ
    data = dataclasses.replace(tiny_data, pixels=ArrayPixels(one_image))
    assert isinstance(training.batches, Batches)
    training.batches = dataclasses.replace(training.batches, data=data)
    inputs: list[bytes] = []
    states: list[bytes] = []  # of the generator that dropout draws from

    def note(_: nn.Module, arguments: tuple[Tensor]) -> None:
        inputs.append(arguments[0][:7].numpy().tobytes())
        states.append(torch.get_rng_state().numpy().tobytes())

    training.network.register_forward_pre_hook(note)
    for _ in range(2):
        train_epoch(training, _ignore, _go_on)
        training.epoch, training.step = training.epoch + 1, 0
    assert len(set(inputs)) == len(set(states)) == 8


def test_totals_are_those_of_the_whole_training_set(make_tiny: Make, mean_backbone: None) -> None:
    # A learning rate too small to change a float32 leaves one network for the whole epoch.
    training = make_tiny(augment="none", lr=1e-30, weight_decay=0.0)
    reported: list[tuple[int, float, float]] = []
    assert train_epoch(training, lambda *numbers: reported.append(numbers), _go_on)
    data, scale = training.batches.data, training.batches.normalization
    colours = data.pixels.read(np.arange(30)).mean(axis=(1, 2)) / 255
    features = torch.from_numpy((colours - scale.mean) / scale.std)
    classifier = training.network.classifier.as_tensors()
    assert classifier.bias is not None
    logits = features @ classifier.weight.double().T + classifier.bias.double()
    labels = torch.from_numpy(data.labels[:30])
    loss = -(logits.softmax(dim=1)[torch.arange(30), labels]).log().mean().item()
    correct = int((logits.argmax(dim=1) == labels).sum())
    assert training.totals.tolist() == pytest.approx([30 * loss, correct, 30], rel=1e-5)
    assert len(reported) == 1
    assert reported[0] == pytest.approx((30, loss, 100 * correct / 30), rel=1e-5)
    finish_epoch(_with_time(training))
    assert training.history[0]["train_loss"] == pytest.approx(loss, rel=1e-5)
    assert training.history[0]["train_top1"] == pytest.approx(100 * correct / 30)
    assert training.totals.tolist() == [0, 0, 0]


def _with_time(training: Training) -> Training:
    training.seconds = 1.5
    return training


def test_the_epoch_gets_a_row_of_the_history(make_tiny: Make) -> None:
    training = make_tiny(epochs=3, schedule="multistep", milestones=(1,), lr=0.2)
    for _ in range(2):
        assert train_epoch(training, _ignore, _go_on)
        finish_epoch(_with_time(training))
    assert [row["epoch"] for row in training.history] == [1, 2]
    assert [row["lr"] for row in training.history] == pytest.approx([0.2, 0.02])
    assert training.history[0]["images_per_second"] == 20  # 30 in 1.5 s
    assert (training.epoch, training.step, training.seconds, training.finished) == (2, 0, 0, False)


def test_the_rate_in_the_history_is_known_without_a_step(make_tiny: Make) -> None:
    # As after a stop behind the last step of an epoch: the new process does no step of it.
    training = make_tiny(schedule="multistep", milestones=(1,), lr=0.2)
    assert train_epoch(training, _ignore, _go_on)
    training.optimizer.param_groups[0]["lr"] = 123.0
    finish_epoch(_with_time(training))
    assert training.history[0]["lr"] == 0.2


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_no_number_stops_training(make_tiny: Make, value: float) -> None:
    training = make_tiny()
    with torch.no_grad():
        next(training.network.classifier.parameters()).fill_(value)
    with pytest.raises(NonFiniteLossError, match=r"the training loss became nan in epoch 1; a lower lr"):
        train_epoch(training, _ignore, _go_on)


def test_a_loss_that_is_no_number_is_found_before_the_epoch_ends(make_tiny: Make) -> None:
    training = make_tiny(batch_size=2)  # 15 steps, and the totals are read after 8
    with torch.no_grad():
        next(training.network.classifier.parameters()).fill_(math.nan)
    with pytest.raises(NonFiniteLossError):
        train_epoch(training, _ignore, _go_on)
    assert training.step == 8


def test_validation_figures_by_hand(make_tiny: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    # Class 0: 2 of 3 right; class 1 is absent; class 2: 1 of 1 right.
    probabilities = torch.tensor([[0.5, 0.2, 0.3], [0.5, 0.2, 0.3], [0.25, 0.5, 0.25], [0.1, 0.1, 0.8]])
    answer = (probabilities.log(), torch.tensor([0, 0, 0, 2]), torch.tensor([1.0, 2.0, 6.0, 5.0]))
    monkeypatch.setattr("stage1.trainer.predict", lambda *_: answer)
    training = make_tiny()
    train_epoch(training, _ignore, _go_on)
    assert finish_epoch(_with_time(training))
    row = training.history[0]
    assert row["val_top1"] == pytest.approx(75)
    assert row["val_balanced"] == pytest.approx(100 * (2 / 3 + 1) / 2)
    # The few images of class 0, 10 of class 1 and 5 of class 2 make all three few: (1 + 2 + 6) / 3 and 5, so 4.
    assert (row["val_norm_many"], row["val_norm_medium"]) == (None, None)
    assert row["val_norm_few"] == pytest.approx(4)
    assert row["val_loss"] == pytest.approx((2 * math.log(2) + math.log(4) + math.log(1.25)) / 4)


def test_the_best_epoch_is_the_last_of_the_highest(make_tiny: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    # Right predictions of 2: 1, 2, 2, 1. Epoch 3 is as good as epoch 2 and has learned for longer.
    labels = torch.tensor([0, 1])
    answers = iter([[0, 0], [0, 1], [0, 1], [1, 1]])
    monkeypatch.setattr(
        "stage1.trainer.predict", lambda *_: (F.one_hot(torch.tensor(next(answers)), 3).float(), labels, torch.ones(2))
    )
    training = make_tiny(epochs=4)
    best = []
    for _ in range(4):
        train_epoch(training, _ignore, _go_on)
        best.append(finish_epoch(_with_time(training)))
    assert best == [True, True, True, False]
    assert (training.best_epoch, training.best_balanced) == (3, 100)
    assert training.finished


@pytest.mark.parametrize("split", ["absent", "empty"])
def test_without_validation_images_no_epoch_is_best(make_tiny: Make, tiny_data: Data, split: str) -> None:
    training = make_tiny()
    splits = {name: indices for name, indices in tiny_data.splits.items() if name != "val"}
    if split == "empty":
        splits["val"] = np.empty(0, np.int64)
    assert isinstance(training.batches, Batches)
    training.batches = dataclasses.replace(training.batches, data=dataclasses.replace(tiny_data, splits=splits))
    train_epoch(training, _ignore, _go_on)
    assert not finish_epoch(_with_time(training))
    assert training.history[0]["val_balanced"] is None
    assert training.best_epoch == 0


def test_the_learning_rate_is_set_at_every_step(make_tiny: Make) -> None:
    training = make_tiny(lr=0.08, warmup_epochs=1, schedule="constant")
    rates: list[float] = []

    def note() -> bool:
        rates.append(training.optimizer.param_groups[0]["lr"])
        return False

    train_epoch(training, _ignore, note)
    assert rates == pytest.approx([0.02, 0.04, 0.06, 0.08])


def test_a_step_is_that_of_sgd(make_tiny: Make, mean_backbone: None) -> None:
    # The first step: w - lr (gradient + weight_decay w). The gradient of z = W f + b under cross-entropy is
    # the mean of (softmax(z) - onehot(y)) f, taken here over the first batch in float64.
    training = make_tiny(augment="none", lr=0.5, weight_decay=0.25, schedule="constant")
    before = training.network.classifier.as_tensors()
    batch: list[Tensor] = []
    training.network.register_forward_pre_hook(lambda _, arguments: batch.append(arguments[0]))
    training.sampler.set_epoch(0)
    labels = torch.from_numpy(training.batches.data.labels)[training.sampler.draw()[:8]]
    assert not train_epoch(training, _ignore, lambda: True)
    features = batch[0].double().mean(dim=(2, 3))
    assert before.bias is not None
    logits = features @ before.weight.double().T + before.bias.double()
    slope = (logits.softmax(dim=1) - F.one_hot(labels, 3)) / 8
    after = training.network.classifier.as_tensors()
    expected = before.weight.double() - 0.5 * (slope.T @ features + 0.25 * before.weight.double())
    torch.testing.assert_close(after.weight.double(), expected, atol=1e-6, rtol=1e-5)
    assert after.bias is not None
    expected = before.bias.double() - 0.5 * (slope.sum(dim=0) + 0.25 * before.bias.double())
    torch.testing.assert_close(after.bias.double(), expected, atol=1e-6, rtol=1e-5)


def test_every_weight_is_trained_and_again_after_an_evaluation(make_tiny: Make) -> None:
    training = make_tiny(epochs=3)
    for _ in range(3):
        before = {name: parameter.detach().clone() for name, parameter in training.network.named_parameters()}
        train_epoch(training, _ignore, _go_on)
        assert training.network.training
        unchanged = [
            name for name, parameter in training.network.named_parameters() if torch.equal(parameter, before[name])
        ]
        # in front of a batch norm a bias has no effect, and only rounding and decay move it
        assert [name for name in unchanged if name != "backbone.conv.bias"] == []
        finish_epoch(_with_time(training))


def test_a_stop_keeps_the_place(make_tiny: Make) -> None:
    training = make_tiny()
    answers = iter([False, True])
    assert not train_epoch(training, _ignore, lambda: next(answers))
    assert (training.epoch, training.step) == (0, 2)
    assert training.totals[2] == 16
    assert train_epoch(training, _ignore, _go_on)
    assert training.step == training.steps_per_epoch == 4
    assert training.totals[2] == 30


def test_weights_that_the_last_step_spoilt_are_noticed(make_tiny: Make) -> None:
    training = make_tiny(lr=1e30, warmup_epochs=0, batch_size=30)  # one step: its loss is finite, its weights are not
    assert train_epoch(training, _ignore, _go_on)
    with pytest.raises(NonFiniteLossError, match=r"became not a finite number in epoch 1; a lower lr"):
        finish_epoch(_with_time(training))
    assert training.history == []


def test_a_weight_that_is_not_finite_is_noticed(make_tiny: Make) -> None:
    training = make_tiny()
    assert train_epoch(training, _ignore, _go_on)
    with torch.no_grad():
        training.network.classifier.weight[0, 0] = math.nan
    with pytest.raises(NonFiniteLossError, match="a weight became not a finite number"):
        finish_epoch(_with_time(training))


def test_scores_that_are_not_finite_are_noticed(make_tiny: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    training = make_tiny()
    assert train_epoch(training, _ignore, _go_on)
    scores = torch.tensor([[0.0, math.inf, 0.0]]), torch.tensor([0]), torch.tensor([1.0])
    monkeypatch.setattr("stage1.trainer.predict", lambda *_: scores)
    with pytest.raises(NonFiniteLossError, match="a validation score became not a finite number in epoch 1"):
        finish_epoch(_with_time(training))


def test_predictions_are_those_of_evaluation_mode(make_tiny: Make) -> None:
    training = make_tiny()
    train_epoch(training, _ignore, _go_on)
    order = np.array([40, 31, 5])
    logits, labels, _ = predict(training.network, training.batches, order)
    ((images, _),) = training.batches.clean(order, 3)
    training.network.eval()
    assert torch.equal(logits, training.network(images)[0].detach())
    assert not logits.requires_grad
    assert labels.tolist() == training.batches.data.labels[order].tolist()
