"""The draws that samplers are made of: from a numpy generator to image indices, with no Python object per image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_CHUNK = 1 << 16  # draws made at once: the temporaries stay in the cache, which is 1.3 times as fast at 10^7 draws
_CELLS_PER_CLASS = 8  # of the guide table, or more: fewer than 1 draw in 8 falls in a cell that two classes share

Ints = NDArray[np.int64]
Order = NDArray[np.int32 | np.int64]


@dataclass(frozen=True)
class ClassIndex:
    """The images of each class, side by side.

    Attributes:
        order: image indices, class by class and ascending inside one, (N,) int32, int64 from N 2^31.
        starts: where each class begins in `order`, (C,) int64.
        counts: images per class, (C,) int64.
    """

    order: Order
    starts: Ints
    counts: Ints


def index_classes(labels: NDArray[np.integer]) -> ClassIndex:
    """Return where the images of each class are; labels (N,), N at least 1, each 0 or more, C is the largest plus 1."""
    order, bounds = _group(labels, int(labels.max()) + 1)
    return ClassIndex(order, bounds[:-1], np.diff(bounds))


def draw_permutations(num_images: int, num_draws: int, rng: np.random.Generator) -> Ints:
    """Return `num_draws` image indices: every image once in random order, then every image once again, and so on."""
    if 2 * num_draws <= num_images:
        return _draw_distinct(np.zeros(num_draws, dtype=np.int64), np.full(num_draws, num_images), rng)
    if num_draws <= num_images:
        return rng.permutation(num_images)[:num_draws]
    rounds = -(-num_draws // num_images)
    return np.concatenate([rng.permutation(num_images) for _ in range(rounds)])[:num_draws]


def draw_class_first(
    index: ClassIndex, probabilities: NDArray[np.float64], num_draws: int, rng: np.random.Generator
) -> Ints:
    """Return `num_draws` image indices: a class by `probabilities` (C,), then one of its images, with replacement.

    The class is the inverse of the cumulative distribution, exact to the float64 bit. A guide table gives it in one
    look-up for most draws and a binary search for the rest; Chen and Asau, AIIE Transactions 6, 1974.
    """
    cumulative = np.cumsum(probabilities)
    cumulative /= cumulative[-1]  # so that it ends in 1, above every draw
    cells = 1 << (_CELLS_PER_CLASS * len(cumulative)).bit_length()  # a power of two: draw * cells is exact
    guide = np.searchsorted(cumulative, np.arange(cells) / cells, side="right")
    drawn = np.empty(num_draws, dtype=np.int64)
    for start in range(0, num_draws, _CHUNK):
        part = drawn[start : start + _CHUNK]
        classes = _invert(cumulative, guide, rng.random(len(part)))
        offsets = (rng.random(len(part)) * index.counts.take(classes)).astype(np.int64)
        part[:] = index.order.take(index.starts.take(classes) + offsets)  # 1.6 times as fast as index.order[...]
    return drawn


def draw_cycled(index: ClassIndex, num_draws: int, rng: np.random.Generator) -> Ints:
    """Return `num_draws` image indices: classes in turn and the images of each class in turn, in random order.

    Classes come in cycles, each a fresh permutation of all C, so no class comes more than once more than another. The
    images of a class come in permutations too, a fresh one whenever all are used up. Every permutation is equally
    likely. Takes O(num_draws + C) time and memory: a class that shows less than half of its images is never permuted.
    """
    num_classes = len(index.counts)
    cycles = np.tile(np.arange(num_classes), (-(-num_draws // num_classes), 1))
    classes = rng.permuted(cycles, axis=1, out=cycles).ravel()[:num_draws]
    slots, bounds = _group(classes, num_classes)  # the draws that show class 0 in their order, those of class 1, ...
    draws = np.diff(bounds)
    most = 2 * draws > index.counts
    shows_most = np.repeat(most, draws)
    positions = np.empty(num_draws, dtype=np.int64)  # in index.order, class by class
    positions[shows_most] = _draw_in_turn(index.starts[most], index.counts[most], draws[most], rng)
    few, few_draws = ~most, draws[~most]
    positions[~shows_most] = _draw_distinct(
        np.repeat(index.starts[few], few_draws), np.repeat(index.counts[few], few_draws), rng
    )
    drawn = np.empty(num_draws, dtype=np.int64)
    drawn[slots] = index.order[positions]
    return drawn


def _draw_in_turn(starts: Ints, counts: Ints, draws: Ints, rng: np.random.Generator) -> Ints:
    """Return `draws[j]` numbers of ``starts[j] .. starts[j] + counts[j] - 1`` in turn, j by j; all arguments (C,).

    A random order of everything holds a random order of each permutation's part, independent of the other parts. So
    the parts are shuffled all at once, and then put side by side again.
    """
    rounds = -(-draws // counts)
    sizes = np.repeat(counts, rounds)  # one per permutation, and it is shorter than 2 * draws if draws > counts / 2
    parts = np.repeat(np.arange(len(sizes)), sizes)
    shuffled = rng.permutation(len(parts))
    order, bounds = _group(parts[shuffled], len(sizes))
    positions = shuffled[order] + np.repeat(np.repeat(starts, rounds) - bounds[:-1], sizes)
    lengths = rounds * counts
    ends = np.cumsum(lengths)
    turn = np.arange(len(parts)) - np.repeat(ends - lengths, lengths)
    drawn: Ints = positions[turn < np.repeat(draws, lengths)]
    return drawn


def _draw_distinct(starts: Ints, sizes: Ints, rng: np.random.Generator) -> Ints:
    """Return for each slot i a number of ``starts[i] .. starts[i] + sizes[i] - 1``, no number twice.

    Slots of the same start share the size, and are at most half as many. All open slots draw; the first of those that
    drew the same free number keeps it; the others draw again, until none is left. Which slots keep what they drew
    depends only on which draws are equal, so renaming the numbers renames the outcome: all outcomes are equally likely.
    """
    numbers = np.empty(len(starts), dtype=np.int64)
    taken: list[Ints] = []  # per round, ascending
    left = np.arange(len(starts))
    while len(left):
        packed, bits = _sort_packed(starts[left] + rng.integers(sizes[left]))
        drawn, places = packed >> bits, packed & ((1 << bits) - 1)
        kept = np.ones(len(drawn), dtype=np.bool_)
        kept[1:] = drawn[1:] != drawn[:-1]
        for earlier in taken:
            nearest = np.minimum(np.searchsorted(earlier, drawn), len(earlier) - 1)
            kept &= earlier[nearest] != drawn
        if kept.any():
            taken.append(drawn[kept])
        numbers[left[places[kept]]] = drawn[kept]
        left = left[np.sort(places[~kept])]  # in the order of the slots, not of the numbers that they drew
    return numbers


def _group(labels: NDArray[np.integer], num_classes: int) -> tuple[Order, Ints]:
    """Return the places of label 0, of label 1, ..., each ascending, (N,), and where each label begins, (C + 1,)."""
    packed, bits = _sort_packed(labels)
    order: Order = np.empty(len(labels), dtype=np.int32 if bits < 32 else np.int64)
    for start in range(0, len(order), _CHUNK):
        order[start : start + _CHUNK] = packed[start : start + _CHUNK] & ((1 << bits) - 1)
    return order, np.searchsorted(packed, np.arange(num_classes + 1) << bits)


def _sort_packed(values: NDArray[np.integer]) -> tuple[Ints, int]:
    """Return ``value << bits | place`` in ascending order, and bits; values (N,), from 0, below 2^(63 - bits).

    A stable argsort. numpy sorts plain int64 by vector instructions, 4 times as fast as it sorts indices by a key.
    """
    bits = len(values).bit_length()
    packed = np.empty(len(values), dtype=np.int64)
    for start in range(0, len(values), _CHUNK):
        part = packed[start : start + _CHUNK]
        part[:] = values[start : start + _CHUNK]
        part <<= bits
        part |= np.arange(start, start + len(part))
    packed.sort()
    return packed, bits


def _invert(cumulative: NDArray[np.float64], guide: Ints, uniform: NDArray[np.float64]) -> Ints:
    """Return ``searchsorted(cumulative, uniform, side="right")``; guide holds the answer for each cell's left edge."""
    classes = guide.take((uniform * len(guide)).astype(np.int64))
    short = np.flatnonzero(
        cumulative.take(classes) <= uniform
    )  # the next class begins inside the cell, at or before it
    classes[short] += 1
    short = short[cumulative[classes[short]] <= uniform[short]]  # one class on is enough for most
    classes[short] = np.searchsorted(cumulative, uniform[short], side="right")
    return classes
