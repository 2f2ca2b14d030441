"""The training loop."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.datasets.data import VAL, Indices
from decouple.errors import DecoupleError
from decouple.evaluation.recall import balanced_accuracy, class_recalls
from decouple.seeding import derive_seed, make_rng
from decouple.torch_rng import isolated_rng
from samplers.class_first import ClassFirstSampler
from stage1.augment import Augmentation
from stage1.batches import Batches
from stage1.compiled import Forward
from stage1.losses.loss import Loss
from stage1.mixup import Mixing
from stage1.network import Network
from stage1.schedule import learning_rate
from stage1.settings import Stage1Config

READ_EVERY, READ_EVERY_ON_GPU = 8, 64  # steps; to read the totals is to wait for the device
EVALUATION_BATCH = 256  # images; fixed, so that features and predictions are the same bits in every command


@dataclass
class Training:
    """A training and how far it has come; all that `checkpoint` saves is in here."""

    config: Stage1Config
    network: Network
    forward: Forward  # of the network, compiled perhaps: what a step runs
    loss: Loss
    mixing: Mixing | None
    optimizer: torch.optim.Optimizer
    batches: Batches
    sampler: ClassFirstSampler
    train: Indices  # the images that the sampler's draws number
    augmentation: Augmentation
    totals: Tensor  # of the epoch so far: summed loss, right predictions, images
    epoch: int = 0  # epochs that are finished
    step: int = 0  # steps of the epoch in progress that are done
    seconds: float = 0.0  # that they took
    history: list[dict[str, float | None]] = field(default_factory=list)
    best_epoch: int = 0  # 1 is the first; 0: none yet
    best_balanced: float = -1.0  # validation balanced accuracy of that epoch, percent

    @property
    def steps_per_epoch(self) -> int:
        """Optimiser steps in an epoch."""
        return -(-len(self.sampler) // self.config.batch_size)

    @property
    def finished(self) -> bool:
        """Whether all epochs are done."""
        return self.epoch >= self.config.epochs


class NonFiniteLossError(DecoupleError):
    """The training loss, or what training made of the weights, became infinite or not a number."""


Report = Callable[[int, float, float], None]  # images, mean loss and accuracy (percent) of the epoch so far


def train_epoch(training: Training, report: Report, stop: Callable[[], bool]) -> bool:
    """Do the steps of the current epoch that are not done yet; return False where `stop` ended it early.

    Raises:
        NoFiniteLoss: the loss is not a finite number.
    """
    config, network, optimizer = training.config, training.network, training.optimizer
    training.sampler.set_epoch(training.epoch)
    training.loss.set_epoch(training.epoch, config.epochs)
    order = training.train[training.sampler.draw().numpy()]
    stream = (config.seed, training.epoch)
    every = READ_EVERY_ON_GPU if training.totals.is_cuda else READ_EVERY
    network.train()
    training.loss.train()
    with isolated_rng(training.batches.device) as seed:
        for images, labels in training.batches.augmented(
            order, config.batch_size, training.augmentation, stream, training.step
        ):
            step = training.epoch * training.steps_per_epoch + training.step
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(config, step, training.steps_per_epoch)
            seed(derive_seed(config.seed, "dropout", step))  # dropout and noise draw from torch's generators
            loss, right = _forward(training, images, labels, step)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            training.totals += torch.stack([loss.detach() * len(labels), right, torch.full_like(right, len(labels))])
            training.step += 1
            if training.step % every == 0 or training.step == training.steps_per_epoch:
                report(*_read_totals(training))
            if stop():
                return False
    return True


def _forward(training: Training, images: Tensor, labels: Tensor, step: int) -> tuple[Tensor, Tensor]:
    """Return the loss of a batch, and how many of its predictions are right."""
    loss, mixed = training.loss, None
    if training.mixing is not None:
        mixed = training.mixing(images, labels, make_rng(training.config.seed, "mixing", step))
        images = mixed.images
    logits, features = training.forward(images, loss.classifier)
    predicted = logits.detach().argmax(dim=1)
    if mixed is None:
        return loss(logits, labels, features), (predicted == labels).sum()
    return mixed.loss(loss, logits, features), mixed.right(predicted)


def finish_epoch(training: Training) -> bool:
    """Evaluate on validation, add the epoch to the history, and return whether it is the best one so far.

    Raises:
        NoFiniteLoss: the loss, a weight or a validation score is not a finite number.
    """
    seen, train_loss, train_top1 = _read_totals(training)
    _require_finite_weights(training)
    steps = training.steps_per_epoch
    row: dict[str, float | None] = {
        "epoch": training.epoch + 1,
        "lr": learning_rate(training.config, (training.epoch + 1) * steps - 1, steps),  # of the last step
        "train_loss": train_loss,
        "train_top1": train_top1,
        **_validate(training),
        "seconds": round(training.seconds, 3),
        "images_per_second": round(seen / training.seconds, 1),
    }
    training.history.append(row)
    training.epoch, training.step, training.seconds = training.epoch + 1, 0, 0.0
    training.totals.zero_()
    reached = row["val_balanced"]
    balanced = None if reached is None else round(reached, 9)  # the last bit of a mean says nothing
    if balanced is None or not balanced >= training.best_balanced:  # of equal epochs the later; NaN is never above
        return False
    training.best_epoch, training.best_balanced = training.epoch, balanced
    return True


def _read_totals(training: Training) -> tuple[int, float, float]:
    """Return images, mean loss and accuracy (percent) of the epoch so far."""
    summed, correct, seen = training.totals.tolist()
    if not np.isfinite(summed):
        raise NonFiniteLossError(_diverged(training, "the training loss", summed))
    return int(seen), summed / seen, 100 * correct / seen


def _require_finite_weights(training: Training) -> None:
    """Check what the last step left: its own loss was still that of the weights before it."""
    state = training.network.state_dict().values()
    if not all(bool(tensor.isfinite().all()) for tensor in state if tensor.is_floating_point()):
        raise NonFiniteLossError(_diverged(training, "a weight", "not a finite number"))


def _diverged(training: Training, what: str, value: object) -> str:
    return f"{what} became {value} in epoch {training.epoch + 1}; a lower --lr or a few --warmup-epochs help"


def _validate(training: Training) -> dict[str, float | None]:
    held_out = training.batches.data.splits.get(VAL)
    if held_out is None or not len(held_out):  # none where each class has a single image
        return {"val_loss": None, "val_top1": None, "val_balanced": None}
    logits, labels = predict(training.network, training.batches, held_out)
    if not bool(logits.isfinite().all()):
        raise NonFiniteLossError(_diverged(training, "a validation score", "not a finite number"))
    predicted = logits.argmax(dim=1)
    return {
        "val_loss": float(F.cross_entropy(logits, labels)),
        "val_top1": 100 * float((predicted == labels).double().mean()),
        "val_balanced": float(balanced_accuracy(class_recalls(predicted, labels, logits.shape[1]))),
    }


@torch.no_grad()
def predict(network: Network, batches: Batches, indices: Indices) -> tuple[Tensor, Tensor]:
    """Return logits (N, C) float32 and labels (N,) of images without augmentation, on the CPU."""
    network.eval()
    found = [(network(images)[0].float(), labels) for images, labels in batches.clean(indices, EVALUATION_BATCH)]
    return torch.cat([logits for logits, _ in found]).cpu(), torch.cat([labels for _, labels in found]).cpu()
