"""The training loop."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.datasets.data import VAL, Indices
from decouple.errors import DecoupleError
from decouple.evaluation.feature_norms import class_feature_norms
from decouple.evaluation.recall import balanced_accuracy, class_recalls
from decouple.seeding import derive_seed, make_rng
from decouple.torch_rng import isolated_rng
from samplers.class_first import ClassFirstSampler
from stage1.augment import Augmentation
from stage1.batches import BatchSource
from stage1.compiled import Forward
from stage1.feature_norms import GROUPS, ClassNormRecord, group_feature_norms
from stage1.losses.loss import Loss
from stage1.mixup import BatchAugmentation
from stage1.mixup.mixed_batch import MixedBatch
from stage1.network import Network
from stage1.schedule import learning_rate
from stage1.settings import Stage1Config
from stage1.sharpness import sharpness_aware_gradients

READ_EVERY, READ_EVERY_ON_GPU = 8, 64  # steps; reading the totals waits for the device
EVALUATION_BATCH = 256  # images; fixed, so that features and predictions are the same bits in every command


@dataclass
class Training:
    """The state of a training; `stage1.checkpoint` saves and restores it."""

    config: Stage1Config
    network: Network
    forward: Forward  # the network, or its compiled form: what a step runs
    loss: Loss
    batch_augmentation: BatchAugmentation | None
    optimizer: torch.optim.Optimizer
    batches: BatchSource
    sampler: ClassFirstSampler
    train: Indices  # training images of the data set; the sampler draws positions in it
    augmentation: Augmentation
    totals: Tensor  # of the epoch so far: summed loss, correct predictions, images
    class_norms: ClassNormRecord  # feature norm of each class, epoch by epoch
    epoch: int = 0  # epochs that are finished
    step: int = 0  # steps done in the current epoch
    seconds: float = 0.0  # duration of these steps
    history: list[dict[str, float | None]] = field(default_factory=list)
    best_epoch: int = 0  # 1 is the first; 0: none yet
    best_balanced: float = -1.0  # validation balanced accuracy of the best epoch, percent

    @property
    def steps_per_epoch(self) -> int:
        """Optimiser steps in an epoch."""
        return -(-len(self.sampler) // self.config.batch_size)

    @property
    def held_out(self) -> Indices | None:
        """Validation images; None without any, as where each class has a single image."""
        indices = self.batches.data.splits.get(VAL)
        return None if indices is None or not len(indices) else indices

    @property
    def finished(self) -> bool:
        """Whether all epochs are done."""
        return self.epoch >= self.config.epochs


class NonFiniteLossError(DecoupleError):
    """The training loss, a weight or a validation score became infinite or not a number."""


Report = Callable[[int, float, float], None]  # images, mean loss and accuracy (percent) of the epoch so far


def train_epoch(training: Training, report: Report, stop: Callable[[], bool]) -> bool:
    """Run the remaining steps of the current epoch; return False if `stop` ended it early.

    Raises:
        NonFiniteLossError: the loss is not a finite number.
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
            loss, correct = _forward(training, images, labels, step)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            if config.sam > 0:
                seed(derive_seed(config.seed, "dropout", step))  # the same dropout and noise at the other weights
                _sharpen(training, images, labels, step)
            optimizer.step()
            training.totals += torch.stack(
                [loss.detach() * len(labels), correct, torch.full_like(correct, len(labels))]
            )
            training.step += 1
            if training.step % every == 0 or training.step == training.steps_per_epoch:
                report(*_read_totals(training))
            if stop():
                return False
    return True


def _sharpen(training: Training, images: Tensor, labels: Tensor, step: int) -> None:
    """Replace the gradients of a batch by those of sharpness-aware minimisation."""

    def backward() -> None:
        training.optimizer.zero_grad()
        _forward(training, images, labels, step)[0].backward()  # type: ignore[no-untyped-call]

    modules = (training.network, training.loss)
    buffers = [*(buffer for module in modules for buffer in module.buffers()), training.class_norms.sums]
    sharpness_aware_gradients(training.network.parameters(), buffers, training.config.sam, backward)


def _forward(training: Training, images: Tensor, labels: Tensor, step: int) -> tuple[Tensor, Tensor]:
    """Return the loss of a batch, and the number of its correct predictions."""
    loss, mixed = training.loss, None
    if training.batch_augmentation is not None:
        mixed = training.batch_augmentation(images, labels, make_rng(training.config.seed, "mixing", step))
        images = mixed.images
    logits, features = training.forward(images, loss.classifier)
    predicted = logits.detach().argmax(dim=1)
    if training.held_out is None:
        _add_norms(training.class_norms, features, labels, mixed)
    if mixed is None:
        return loss(logits, labels, features), (predicted == labels).sum()
    return mixed.loss(loss, logits, features), mixed.correct(predicted)


def _add_norms(record: ClassNormRecord, features: Tensor, labels: Tensor, mixed: MixedBatch | None) -> None:
    """Add the feature norms of a step; a mixed image belongs to its two classes by their shares."""
    if mixed is None:
        record.add(features, labels)
    else:
        record.add(features, mixed.first, mixed.lam)
        record.add(features, mixed.second, 1 - mixed.lam)


def finish_epoch(training: Training) -> bool:
    """Evaluate on validation, add the epoch to the history, and return whether it is the best one so far.

    Raises:
        NonFiniteLossError: the loss, a weight or a validation score is not a finite number.
    """
    images, train_loss, train_top1 = _read_totals(training)
    _require_finite_weights(training)
    steps = training.steps_per_epoch
    row: dict[str, float | None] = {
        "epoch": training.epoch + 1,
        "lr": learning_rate(training.config, (training.epoch + 1) * steps - 1, steps),  # of the last step
        "train_loss": train_loss,
        "train_top1": train_top1,
        **_validate(training),
        "seconds": round(training.seconds, 3),
        "images_per_second": round(images / training.seconds, 1),
    }
    training.history.append(row)
    training.epoch, training.step, training.seconds = training.epoch + 1, 0, 0.0
    training.totals.zero_()
    accuracy = row["val_balanced"]
    balanced = None if accuracy is None else round(accuracy, 9)  # the last bits of a mean are rounding errors
    if balanced is None or not balanced >= training.best_balanced:  # the later of equal epochs; NaN is never chosen
        return False
    training.best_epoch, training.best_balanced = training.epoch, balanced
    return True


def _read_totals(training: Training) -> tuple[int, float, float]:
    """Return images, mean loss and accuracy (percent) of the epoch so far."""
    summed, correct, images = training.totals.tolist()
    if not np.isfinite(summed):
        raise NonFiniteLossError(_diverged(training, "the training loss", summed))
    return int(images), summed / images, 100 * correct / images


def _require_finite_weights(training: Training) -> None:
    """Check the weights after the last step, whose loss was computed with the weights before it."""
    state = training.network.state_dict().values()
    if not all(bool(tensor.isfinite().all()) for tensor in state if tensor.is_floating_point()):
        raise NonFiniteLossError(_diverged(training, "a weight", "not a finite number"))


def _diverged(training: Training, what: str, value: object) -> str:
    return f"{what} became {value} in epoch {training.epoch + 1}; a lower `lr` or a few `warmup_epochs` help"


def _validate(training: Training) -> dict[str, float | None]:
    """Return the scores on validation images, None without any, and end the epoch of the record of norms."""
    held_out = training.held_out
    if held_out is None:
        training.class_norms.end_epoch()
        return dict.fromkeys(("val_loss", "val_top1", "val_balanced", *(f"val_norm_{group}" for group in GROUPS)))
    logits, labels, norms = predict(training.network, training.batches, held_out)
    if not bool(logits.isfinite().all()):
        raise NonFiniteLossError(_diverged(training, "a validation score", "not a finite number"))
    predicted = logits.argmax(dim=1)
    class_norms = class_feature_norms(norms, labels, logits.shape[1])
    training.class_norms.end_epoch(class_norms)
    group_norms = group_feature_norms(class_norms, training.batches.data.group_counts)
    return {
        "val_loss": float(F.cross_entropy(logits, labels)),
        "val_top1": 100 * float((predicted == labels).double().mean()),
        "val_balanced": float(balanced_accuracy(class_recalls(predicted, labels, logits.shape[1]))),
        **{f"val_norm_{group}": mean for group, mean in group_norms.items()},
    }


@torch.no_grad()
def predict(network: Network, batches: BatchSource, indices: Indices) -> tuple[Tensor, Tensor, Tensor]:
    """Return logits (N, C) float32, labels (N,) and norms (N,) of features, without augmentation, on the CPU."""
    network.eval()
    all_logits, all_labels, all_norms = [], [], []
    for images, labels in batches.clean(indices, EVALUATION_BATCH):
        logits, features = network(images)
        all_logits.append(logits.float())
        all_labels.append(labels)
        all_norms.append(features.float().norm(dim=1))
    return torch.cat(all_logits).cpu(), torch.cat(all_labels).cpu(), torch.cat(all_norms).cpu()
