"""Samplers against torch's WeightedRandomSampler: ``python -m benchmarks.samplers [--quick]``; one core.

Images follow a long tail: class j of 0..C-1 has a share ~ 1 / (j + 1), at least one image, in random order.
"""

import argparse
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import WeightedRandomSampler

from benchmarks.measure import Comparison, compare, peak_memory, seconds_of
from samplers import SAMPLERS
from samplers.class_first import ClassFirstSampler

Labels = NDArray[np.int64]

SIZES = [(437_513, 8_142, 9), (10_000_000, 10_000, 2)]  # images, classes, pairs of runs; the first is iNaturalist 2018
LARGE = (10_000_000, 10_000, 1_000_000)  # images, classes, draws
QUICK_SIZES, QUICK_LARGE = [(437_513, 8_142, 3)], (2_000_000, 10_000, 200_000)
QUICK_NAMES = ["instance", "class", "deferred", "oversample"]  # one for each way of drawing, and the one with two
MANY = 1_000_000  # images from which the baseline takes seconds: no first run, and one row less
EPOCHS = 5


def main() -> None:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer images, names and repeats; under half a minute")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    _print_comparisons(QUICK_SIZES if quick else SIZES)
    _print_costs(QUICK_NAMES if quick else list(SAMPLERS), *(QUICK_LARGE if quick else LARGE))


def make_labels(num_images: int, num_classes: int) -> Labels:
    """Return labels of a long tail, unsorted, (N,) int64."""
    shares = 1 / np.arange(1, num_classes + 1)
    counts = np.maximum(1, shares / shares.sum() * num_images).astype(np.int64)
    counts[0] += num_images - counts.sum()
    return np.random.default_rng(0).permutation(np.repeat(np.arange(num_classes), counts))


def exhaust(indices: Iterable[int]) -> None:
    """Take every item of an iterable, as fast as Python can."""
    deque(indices, maxlen=0)


def _print_comparisons(sizes: list[tuple[int, int, int]]) -> None:
    print("One epoch of N draws, classes equally likely; median seconds, and ratio (smallest-largest of a pair)\n")
    print("| N | C | WeightedRandomSampler | ours | seconds | times as fast |")
    print("|---|---|---|---|---|---|")
    for num_images, num_classes, pairs in sizes:
        labels = make_labels(num_images, num_classes)
        weights = torch.from_numpy(1 / np.bincount(labels)[labels])
        baseline = partial(exhaust, WeightedRandomSampler(weights, num_images))  # type: ignore[arg-type]
        ways: list[tuple[str, Callable[[], object]]] = []
        for words, options in (("class", {}), ("class, replacement False", {"replacement": False})):
            sampler = ClassFirstSampler(labels, "class", **options)
            ways += [(f"{words}: draw()", sampler.draw), (f"{words}: iteration", partial(exhaust, sampler))]
        for words, ours in ways if num_images < MANY else ways[:-1]:
            found = compare(baseline, ours, pairs=pairs, warm_up=num_images < MANY)
            print(
                f"| {num_images:,} | {num_classes:,} | {found.baseline:.3f} | {words} | {_row_of(found)} |", flush=True
            )


def _row_of(found: Comparison) -> str:
    return f"{found.ours:.4f} | {found.ratio:.1f} ({found.spread[0]:.1f}-{found.spread[1]:.1f})"


def _print_costs(names: list[str], num_images: int, num_classes: int, num_draws: int) -> None:
    print(f"\n{num_draws:,} draws of {num_images:,} images in {num_classes:,} classes, each in a fresh process:")
    print("seconds to make the sampler, of an epoch, and of both; MB at most beyond the labels\n")
    print("| sampler | set-up | draw() | sum | iteration instead | MB |")
    print("|---|---|---|---|---|---|")
    variants: list[tuple[str, dict[str, bool]]] = [(name, {}) for name in names]
    variants.insert(variants.index(("class", {})) + 1, ("class", {"replacement": False}))
    for name, options in variants:
        megabytes, times = peak_memory(
            make_labels, partial(_time_sampler, name, num_draws, options), num_images, num_classes
        )
        words = ", ".join([name, *(f"{option} {value}" for option, value in options.items())])
        set_up, draw, iteration = times
        print(
            f"| {words} | {set_up:.3f} | {draw:.3f} | {set_up + draw:.3f} | {iteration:.3f} | {megabytes:.0f} |",
            flush=True,
        )


def _time_sampler(name: str, num_draws: int, options: dict[str, bool], labels: Labels) -> tuple[float, float, float]:
    """Return seconds of the set-up, and of the dearer of the first and the last epoch: to draw, and to iterate."""
    made: list[ClassFirstSampler] = []
    if name == "undersample":  # it refuses to repeat an image; the long tail of LARGE has enough
        counts = np.bincount(labels)
        num_draws = min(num_draws, len(counts) * int(counts.min()))
    set_up = seconds_of(lambda: made.append(SAMPLERS[name](labels, num_draws=num_draws, epochs=EPOCHS, **options)))
    sampler = made[0]
    draws, iterations = [], []
    for epoch in (0, EPOCHS - 1):
        sampler.set_epoch(epoch)
        draws.append(seconds_of(sampler.draw))
        iterations.append(seconds_of(partial(exhaust, sampler)))
    return set_up, max(draws), max(iterations)


if __name__ == "__main__":
    main()
