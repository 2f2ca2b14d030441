"""The limits of this machine, and the share of them that the main loops reach.

The limits are measured, not taken from a data sheet: the fastest matrix product and the fastest convolution of
ResNet-32, each by itself on data that fit into the cache, and copying of memory. The shares count only the products of
a loop, without batch norm, activations, the optimiser and the drawing of images, so that 100 % cannot be reached.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F

from benchmarks.cifar_size import QUICK, cifar_config, glyph_data
from benchmarks.epoch import own_epoch
from benchmarks.measure import fastest_of, seconds_of
from benchmarks.table import Row, run_alone
from decouple.classifier import Classifier
from decouple.datasets.data import VAL
from decouple.files.features import Features
from stage1.extract import extract
from stage1.prepare import make_training
from stage1.trainer import train_epoch
from stage2.methods.crt import ClassifierRetraining

FORWARD, TRAINING = 0.1377e9, 0.4123e9  # operations of ResNet-32 on an image of 32 x 32, and with the backward pass
CONVOLUTIONS = ((16, 32), (32, 16), (64, 8))  # channels and side of its three stages
SIDE = 4096  # of the matrices
CLASSES, WIDTH, BATCH = 8_142, 2_048, 512  # of crt
COPIED = 2**28  # bytes


def rows(quick: bool) -> list[Row]:
    """Measure the limits, and then the loops."""
    repeats = 3 if quick else 9
    measured = [_copying(repeats)]
    products = {}
    for dtype, name in ((torch.float32, "float32"), (torch.bfloat16, "bfloat16")):
        products[name] = _product(dtype, repeats)
        convolution = max(_convolution(dtype, *shape, repeats) for shape in CONVOLUTIONS)
        measured += [
            {"what": f"matrix product, {name}", "GFLOP/s": products[name]},
            {"what": f"convolution of ResNet-32, {name}", "GFLOP/s": convolution},
        ]
        products[f"{name} convolution"] = convolution
    return measured + _loops(products)


def _copying(repeats: int) -> Row:
    source, target = (torch.ones(COPIED, dtype=torch.uint8) for _ in range(2))
    seconds = _best(lambda: target.copy_(source), repeats)
    return {"what": "copying of memory, read and written", "GB/s": 2 * COPIED / seconds / 1e9}


def _product(dtype: torch.dtype, repeats: int) -> float:
    first, second = (torch.randn(SIDE, SIDE).to(dtype) for _ in range(2))
    return 2 * SIDE**3 / _best(lambda: first @ second, repeats) / 1e9


def _convolution(dtype: torch.dtype, channels: int, side: int, repeats: int) -> float:
    images = torch.randn(64, channels, side, side).to(dtype).contiguous(memory_format=torch.channels_last)
    weight = torch.randn(channels, channels, 3, 3).to(dtype).contiguous(memory_format=torch.channels_last)
    operations = 2 * 9 * channels**2 * side**2 * len(images)
    return operations / _best(lambda: F.conv2d(images, weight, padding=1), 10 * repeats) / 1e9


def _loops(limits: dict[str, float]) -> list[Row]:
    """Return the shares of the limits that training, extraction and crt reach, in the precision chosen here."""
    data = glyph_data(QUICK)
    training = make_training(cifar_config(epochs=3, device="cpu"), data)
    name = "bfloat16" if training.network.bf16 else "float32"
    own_epoch(training)
    seconds = seconds_of(lambda: train_epoch(training, lambda *_: None, lambda: False))
    trained = len(training.train) / seconds
    images = data.splits[VAL]
    extracted = len(images) / _best(lambda: extract(training.network, training.batches, images), 3)
    drawn = _crt_rows_per_second()
    of_convolution, of_product = limits[f"{name} convolution"], limits[name]
    return [
        _share(f"training of ResNet-32, {name}", trained, TRAINING, of_convolution),
        _share(f"extraction with ResNet-32, {name}", extracted, FORWARD, of_convolution),
        _share(f"crt, {WIDTH:,} x {CLASSES:,}, {name}", drawn, 4.0 * WIDTH * CLASSES, of_product),
    ]


def _crt_rows_per_second() -> float:
    images = 16 * BATCH  # slightly more than classes
    features = Features(torch.rand(images, WIDTH), torch.arange(images) % CLASSES)
    method, classifier = (
        ClassifierRetraining(epochs=1, batch_size=BATCH),
        Classifier("linear", torch.zeros(CLASSES, WIDTH)),
    )
    return images / _best(lambda: method.fit(classifier, {"train": features}), 2)


def _share(what: str, per_second: float, operations: float, limit: float) -> Row:
    """Return the row of a loop; `operations` are those of the products for one image or row of features."""
    reached = per_second * operations / 1e9
    return {"what": what, "a second": per_second, "GFLOP/s": reached, "% of the limit": 100 * reached / limit}


def _best(call: Callable[[], object], repeats: int) -> float:
    """Return the seconds of the fastest of some calls, after one that is not counted."""
    call()
    return fastest_of(call, repeats)


if __name__ == "__main__":
    run_alone(__doc__, rows)
