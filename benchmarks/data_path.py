"""Batches of augmented images from memory, against PIL images one by one through torch's DataLoader.

An epoch of 12,406 images (a fifth with --quick) of 32 x 32 pixels in batches of 128: padded by 4, cropped at random,
flipped at random, normalized; on one thread and on two. Separate rows show the same batches through torch's own
DataLoader.
"""

from collections import deque
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader

from benchmarks.cifar_size import QUICK, noise_data, resident_batches
from benchmarks.machine import num_cores
from benchmarks.measure import compare
from benchmarks.plain_images import normalized, plain_loader, transform_one
from benchmarks.table import Row, ratio_row, run_alone
from decouple.datasets.data import TRAIN
from decouple.seeding import make_rng
from stage1.augment import Augmentation, draw_params
from stage1.batches import Batches
from stage1.dataset import ImageDataset

USUAL = Augmentation(padding=4, hflip=True)
BATCH = 128
BAR, LOADER_BAR = 20.0, 12.0
LARGEST_ERROR = 1e-6  # of a normalized pixel


def rows(quick: bool) -> list[Row]:
    """Measure with one and with two threads."""
    batches = resident_batches(noise_data(QUICK if quick else 1.0), torch.device("cpu"))
    error = largest_error(batches)
    measured: list[Row] = []
    for threads in (1, 2):
        if threads <= num_cores():
            torch.set_num_threads(threads)
            measured += _rows_of(batches, threads, 3 if quick else 7, error)
    return measured


def largest_error(batches: Batches, count: int = 256) -> float:
    """Return the largest difference of a pixel between our batches and images that are transformed one by one.

    Raises:
        RuntimeError: it is larger than rounding explains.
    """
    order = batches.data.splits[TRAIN][:count]
    params = draw_params(len(order), USUAL, make_rng(0, "augmentation", 0, 0))  # as batch 0 of stream (0, 0) draws them
    params_per_image = zip(params.top.tolist(), params.left.tolist(), params.flipped.tolist(), strict=True)
    pixels = batches.data.pixels.read(order)
    references = [
        transform_one(image, USUAL.padding, *image_params)
        for image, image_params in zip(pixels, params_per_image, strict=True)
    ]
    ((ours, _),) = batches.augmented(order, len(order), USUAL, (0, 0))
    error = float((ours - normalized(torch.stack(references), batches.normalization)).abs().max())
    if error > LARGEST_ERROR:
        raise RuntimeError(f"batches differ by {error:.2g} from images that are transformed one by one")
    return error


def _rows_of(batches: Batches, threads: int, pairs: int, error: float) -> list[Row]:
    train = batches.data.splits[TRAIN]
    plain = partial(_exhaust, plain_loader(batches, train, USUAL, shuffle=True))
    loader = DataLoader(ImageDataset(batches, train, USUAL), BATCH, shuffle=True, collate_fn=tuple)
    loaders = [
        ("in-memory batches", BAR, partial(_epoch, batches, train)),
        ("DataLoader with __getitems__", LOADER_BAR, partial(_exhaust, loader)),
    ]
    measured = []
    for name, bar, ours in loaders:
        timed = compare(plain, ours, pairs=pairs)
        speed = {"images/s": len(train) / timed.ours, "largest error": error}
        measured.append(ratio_row(f"{name}, {threads} thread{'s' * (threads > 1)}", timed, bar, **speed))
    return measured


def _epoch(batches: Batches, train: NDArray[np.int64]) -> None:
    _exhaust(batches.augmented(np.random.default_rng(0).permutation(train), BATCH, USUAL, (0, 0)))


def _exhaust(loader: object) -> None:
    deque(loader, maxlen=0)  # type: ignore[call-overload]


if __name__ == "__main__":
    run_alone(__doc__, rows)
