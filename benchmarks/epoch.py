"""An epoch of stage one, validation included, against a plain loop over PIL images.

ResNet-32 on 12,406 images of 10 classes with a long tail (a fifth of them with --quick), batches of 128, and as many
validation images in proportion as CIFAR-10 has test images. Both start from the same weights and train an epoch in
turn; the accuracies are those after the last one. The plain loop: DataLoader without workers, eager float32, channels
first, SGD parameter by parameter, the loss read at every step.
"""

import time
from collections.abc import Callable
from functools import partial

import torch

from benchmarks.cifar_size import QUICK, cifar_config, glyph_data
from benchmarks.learning import require_learning
from benchmarks.measure import from_pairs
from benchmarks.plain_training import plain_epoch, plain_training
from benchmarks.table import Row, ratio_row, run_alone
from decouple.datasets.data import Data
from decouple.precision import has_bf16
from stage1.prepare import make_training
from stage1.trainer import Training, finish_epoch, train_epoch

BARS = {"fp32": 1.05, "bf16": 1.5}
EPOCHS, QUICK_EPOCHS = 5, 3


def rows(quick: bool) -> list[Row]:
    """Measure in float32, and in bfloat16 where the processor multiplies it."""
    data, epochs = glyph_data(QUICK if quick else 1.0), QUICK_EPOCHS if quick else EPOCHS
    precisions = ["fp32", *(["bf16"] if has_bf16(torch.device("cpu")) else [])]
    trainings = {name: _training(data, epochs, name) for name in precisions}
    plain = plain_training(_training(data, epochs, "fp32"))
    ways: dict[str, Callable[[], float]] = {"plain": partial(plain_epoch, plain)}
    ways |= {name: partial(own_epoch, training) for name, training in trainings.items()}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    accuracies: dict[str, float] = {}
    for _ in range(epochs):
        for name, run in ways.items():
            started = time.perf_counter()
            accuracies[name] = run()
            seconds[name].append(time.perf_counter() - started)
    return [_row(name, epochs, seconds, accuracies, trainings[name]) for name in precisions]


def own_epoch(training: Training) -> float:
    """Train for an epoch as `decouple stage1` does, then validate; return balanced accuracy in percent."""
    started = time.perf_counter()
    train_epoch(training, lambda *_: None, lambda: False)
    training.seconds = time.perf_counter() - started
    finish_epoch(training)
    return float(training.history[-1]["val_balanced"] or 0.0)


def _training(data: Data, epochs: int, precision: str) -> Training:
    """Return a training with a constant low learning rate: without warm-up the usual one learns nothing at first."""
    settings = {"epochs": epochs, "precision": precision, "lr": 0.02, "schedule": "constant", "warmup_epochs": 0}
    return make_training(cifar_config(**settings, device="cpu"), data)


def _row(
    name: str, epochs: int, seconds: dict[str, list[float]], accuracies: dict[str, float], training: Training
) -> Row:
    require_learning(accuracies["plain"], accuracies[name], 100 / len(training.batches.data.class_names))
    return ratio_row(
        f"epoch of ResNet-32, {name}",
        from_pairs(list(zip(seconds["plain"], seconds[name], strict=True))),
        BARS[name],
        **{
            "images/s": training.history[-1]["images_per_second"],
            f"plain balanced % after {epochs}": accuracies["plain"],
            "ours": accuracies[name],
        },
    )


if __name__ == "__main__":
    run_alone(__doc__, rows)
