"""An epoch of stage one that records the feature norm of each class, against the same epoch without the record.

ResNet-32 on 12,406 images of 10 classes (a twentieth of them with --quick), batches of 128. With validation the norms
come from its features; without, each step adds those of its batch. Both trainings of a pair start from the same weights
and end with the same bits, since the record changes nothing. The last rows are the parts at the size of iNaturalist
2018: 8,142 classes, features of width 2,048.
"""

import dataclasses
from collections.abc import Callable
from functools import partial

import torch

from benchmarks.cifar_size import cifar_config, glyph_data
from benchmarks.measure import compare, fastest_of
from benchmarks.table import Row, ratio_row, run_alone
from decouple.datasets.data import VAL, Data
from decouple.evaluation.feature_norms import class_feature_norms
from stage1.feature_norms import ClassNormRecord
from stage1.prepare import make_training
from stage1.trainer import Training, finish_epoch, train_epoch

PAIRS = 5
QUICK = 0.05  # share of the images
BAR = 0.98  # at most 2 % of an epoch
CLASSES, WIDTH, BATCH, VALIDATION = 8142, 2048, 128, 24426  # three validation images of each class of iNaturalist 2018
CALLS = 200


class NoRecord(ClassNormRecord):
    """A record that records nothing."""

    def add(self, features: torch.Tensor, labels: torch.Tensor, share: torch.Tensor | None = None) -> None:
        """Do nothing."""

    def end_epoch(self, class_norms: torch.Tensor | None = None) -> None:
        """Do nothing."""


def rows(quick: bool) -> list[Row]:
    """Measure epochs with and without validation, and the parts of the record at many classes."""
    data = glyph_data(QUICK if quick else 1.0)
    without = {name: indices for name, indices in data.splits.items() if name != VAL}
    return [
        _epochs("epoch with validation", data),
        _epochs("epoch without validation", dataclasses.replace(data, splits=without)),
        *_parts(),
    ]


def _epochs(what: str, data: Data) -> Row:
    recorded, plain = (make_training(cifar_config(epochs=PAIRS + 1, device="cpu"), data) for _ in range(2))
    plain.class_norms = NoRecord.empty(len(data.class_names), torch.device("cpu"))
    comparison = compare(partial(_epoch, plain), partial(_epoch, recorded), pairs=PAIRS)
    first, second = (training.network.state_dict() for training in (plain, recorded))
    if not all(torch.equal(first[name], second[name]) for name in first):
        raise RuntimeError("the record changed the weights")
    if not bool(recorded.class_norms.epochs.isfinite().all()):
        raise RuntimeError("a class has no norm")
    return ratio_row(f"{what}, record on", comparison, BAR)


def _epoch(training: Training) -> None:
    train_epoch(training, lambda *_: None, lambda: False)
    training.seconds = 1.0
    finish_epoch(training)


def _parts() -> list[Row]:
    generator = torch.Generator().manual_seed(0)
    norms, classes = torch.rand(VALIDATION, generator=generator), torch.arange(VALIDATION) % CLASSES
    parts: dict[str, Callable[[], object]] = {
        f"a step of {BATCH}, 10 classes, width 64": _step(10, 64, generator),
        f"a step of {BATCH}, {CLASSES:,} classes, width {WIDTH:,}": _step(CLASSES, WIDTH, generator),
        f"means of {VALIDATION:,} validation images, {CLASSES:,} classes": partial(
            class_feature_norms, norms, classes, CLASSES
        ),
    }
    return [{"what": what, "microseconds": 1e6 * fastest_of(call, CALLS)} for what, call in parts.items()]


def _step(num_classes: int, width: int, generator: torch.Generator) -> Callable[[], object]:
    """Return what a step adds to the record of a training without validation."""
    features = torch.rand(BATCH, width, generator=generator)
    labels = torch.randint(num_classes, (BATCH,), generator=generator)
    return partial(ClassNormRecord.empty(num_classes, torch.device("cpu")).add, features, labels)


if __name__ == "__main__":
    run_alone(__doc__, rows)
