"""Class-balanced draws, against torch's WeightedRandomSampler; seconds and memory of every sampler.

One core. The labels have a long tail: class j of 0..C-1 has a share ~ 1 / (j + 1) and at least one image, in random
order.
"""

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import WeightedRandomSampler

from benchmarks.measure import compare, peak_memory, seconds_of
from benchmarks.table import Row, ratio_row, run_alone
from samplers import SAMPLERS
from samplers.class_first import ClassFirstSampler

Labels = NDArray[np.int64]

SIZES = [(437_513, 8_142, 9), (10_000_000, 10_000, 2)]  # images, classes, pairs of runs; the first is iNaturalist 2018
LARGE = (10_000_000, 10_000, 1_000_000)  # images, classes, draws
QUICK_SIZES, QUICK_LARGE = [(437_513, 8_142, 3), (10_000_000, 10_000, 1)], (2_000_000, 10_000, 200_000)
PAST_TORCH = (2**24 + 1, 10_000)  # images, classes: torch.multinomial, and with it its sampler, ends at 2^24
QUICK_NAMES = ["instance", "class", "deferred", "oversample"]  # one for each way of drawing, and the one with two
MANY = 1_000_000  # images from which the baseline takes seconds: no first run, and only as many rows as pairs
EPOCHS = 5
BAR = 4.0


def rows(quick: bool) -> list[Row]:
    """Measure draws against torch's sampler, and then the cost of each sampler."""
    torch.set_num_threads(1)
    table = [*_comparisons(QUICK_SIZES if quick else SIZES), _past_torch(*PAST_TORCH)]
    return table + _costs(QUICK_NAMES if quick else list(SAMPLERS), *(QUICK_LARGE if quick else LARGE))


def make_labels(num_images: int, num_classes: int) -> Labels:
    """Return labels of a long tail, unsorted, (N,) int64."""
    shares = 1 / np.arange(1, num_classes + 1)
    counts = np.maximum(1, shares / shares.sum() * num_images).astype(np.int64)
    counts[0] += num_images - counts.sum()
    return np.random.default_rng(0).permutation(np.repeat(np.arange(num_classes), counts))


def exhaust(indices: Iterable[int]) -> None:
    """Take every item of an iterable, as fast as Python can."""
    deque(indices, maxlen=0)


def _comparisons(sizes: list[tuple[int, int, int]]) -> list[Row]:
    """Return rows of one epoch of N draws, classes equally likely."""
    table = []
    for num_images, num_classes, pairs in sizes:
        labels = make_labels(num_images, num_classes)
        weights = torch.from_numpy(1 / np.bincount(labels)[labels])
        baseline = partial(exhaust, WeightedRandomSampler(weights, num_images))  # type: ignore[arg-type]
        ways: list[tuple[str, Callable[[], object], float | None]] = []
        for name, options, bar in (("class", {}, BAR), ("class, replacement False", {"replacement": False}, None)):
            sampler = ClassFirstSampler(labels, "class", **options)
            ways += [(f"{name}: draw()", sampler.draw, bar), (f"{name}: iteration", partial(exhaust, sampler), None)]
        for name, ours, bar in ways[: len(ways) if num_images < MANY else pairs]:
            timed = compare(baseline, ours, pairs=pairs, warm_up=num_images < MANY)
            table.append(ratio_row(f"{name}, {num_images:,} images, {num_classes:,} classes", timed, bar))
    return table


def _past_torch(num_images: int, num_classes: int) -> Row:
    """Return the row of an epoch from more images than torch takes; its ratio is that of actual to expected draws."""
    labels = make_labels(num_images, num_classes)
    drawn: list[int] = []
    seconds = seconds_of(lambda: drawn.append(len(ClassFirstSampler(labels, "class").draw())))
    what = f"class: made and drawn from {num_images:,} images, more than torch's sampler takes"
    return {"what": what, "ours (s)": seconds, "ratio": drawn[0] / num_images, "bar": 1.0}


def _costs(names: list[str], num_images: int, num_classes: int, num_draws: int) -> list[Row]:
    """Return rows of each sampler in a fresh process: seconds to make it, of an epoch, and MB beyond the labels."""
    variants: list[tuple[str, dict[str, bool]]] = [(name, {}) for name in names]
    variants.insert(variants.index(("class", {})) + 1, ("class", {"replacement": False}))
    table = []
    for name, options in variants:
        megabytes, times = peak_memory(
            make_labels, partial(_time_sampler, name, num_draws, options), num_images, num_classes
        )
        variant = ", ".join([name, *(f"{option} {value}" for option, value in options.items())])
        set_up, draw, iteration = times
        table.append(
            {
                "what": f"{variant}: {num_draws:,} draws of {num_images:,} images",
                "ours (s)": set_up + draw,
                "set-up": set_up,
                "draw()": draw,
                "iteration instead": iteration,
                "MB": megabytes,
                "bar": None,
            }
        )
    return table


def _time_sampler(name: str, num_draws: int, options: dict[str, bool], labels: Labels) -> tuple[float, float, float]:
    """Return seconds of the set-up, and of the slower of the first and the last epoch: to draw, and to iterate."""
    instances: list[ClassFirstSampler] = []
    if name == "undersample":  # it refuses to repeat an image; the long tail of LARGE has enough
        counts = np.bincount(labels)
        num_draws = min(num_draws, len(counts) * int(counts.min()))
    set_up = seconds_of(lambda: instances.append(SAMPLERS[name](labels, num_draws=num_draws, epochs=EPOCHS, **options)))
    sampler = instances[0]
    draws, iterations = [], []
    for epoch in (0, EPOCHS - 1):
        sampler.set_epoch(epoch)
        draws.append(seconds_of(sampler.draw))
        iterations.append(seconds_of(partial(exhaust, sampler)))
    return set_up, max(draws), max(iterations)


if __name__ == "__main__":
    run_alone(__doc__, rows)
