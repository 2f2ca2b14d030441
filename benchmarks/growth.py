"""How time and memory grow as images N, classes C and width D double, with fitted exponents.

One core, and a process for each size: seconds of the faster of two runs, and peak MB beyond the input. An exponent is
the slope of the logarithm of the cost against that of the size, by least squares; 1 is linear. Memory below 10 MB has
no exponent, since that is the noise of the allocator.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from benchmarks.exponents import exponent
from benchmarks.measure import fastest_of, peak_memory
from benchmarks.samplers import make_labels
from benchmarks.table import Row, run_alone
from decouple.classifier import Classifier
from decouple.evaluation.metrics import evaluate
from decouple.files.features import Features
from samplers.class_first import ClassFirstSampler
from stage2.methods.crt import ClassifierRetraining
from stage2.methods.ncm import class_means
from stage2.methods.tau import tau_recalls

TAUS = tuple(0.1 * step for step in range(21))
MIN_MB = 10.0
REPEATS = 2  # the faster one counts


@dataclass(frozen=True)
class Size:
    """The size of a synthetic problem."""

    images: int
    classes: int
    width: int = 1


@dataclass(frozen=True)
class Case:
    """An operation, the size from which its sizes double, and the sizes that it depends on."""

    name: str
    prepare: Callable[[Size], Any]
    run: Callable[[Any], object]
    smallest: Size
    axes: tuple[str, ...]


def rows(quick: bool) -> list[Row]:
    """Measure every operation along every size that it depends on: 2 doublings, or 4."""
    return [_row(case, axis, 2 if quick else 4) for case in CASES for axis in case.axes]


def _row(case: Case, axis: str, doublings: int) -> Row:
    first = getattr(case.smallest, axis)
    sizes = [first * 2**step for step in range(doublings + 1)]
    measured = [peak_memory(case.prepare, case.run, replace(case.smallest, **{axis: size})) for size in sizes]
    memory, seconds = [pair[0] for pair in measured], [pair[1] for pair in measured]
    return {
        "what": case.name,
        "doubled": axis,
        "from": sizes[0],
        "to": sizes[-1],
        "ours (s)": seconds[0],
        "s at the end": seconds[-1],
        "exponent of time": exponent(sizes, seconds),
        "MB": memory[0],
        "MB at the end": memory[-1],
        "exponent of memory": exponent(sizes, memory) if min(memory) >= MIN_MB else None,
        "bar": None,
    }


def _features(size: Size) -> tuple[Features, Size]:
    torch.set_num_threads(1)
    rng = torch.Generator().manual_seed(0)
    labels = torch.arange(size.images) % size.classes
    return Features(torch.rand(size.images, size.width, generator=rng), labels), size


def _labels(size: Size) -> Any:
    torch.set_num_threads(1)
    return make_labels(size.images, size.classes)


def _scores(size: Size) -> Any:
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    scores = rng.random((size.images, size.classes), dtype=np.float32)
    return scores, np.arange(size.images) % size.classes, np.full(size.classes, 50)


def _draw(labels: Any) -> float:
    return fastest_of(lambda: ClassFirstSampler(labels, "class").draw(), REPEATS)


def _means(problem: tuple[Features, Size]) -> float:
    return fastest_of(lambda: class_means(problem[0], problem[1].classes), REPEATS)


def _crt(problem: tuple[Features, Size]) -> float:
    measured, size = problem
    classifier = Classifier("linear", torch.zeros(size.classes, size.width))
    return fastest_of(
        lambda: ClassifierRetraining(epochs=1, batch_size=512).fit(classifier, {"train": measured}), REPEATS
    )


def _tau(problem: tuple[Features, Size]) -> float:
    measured, size = problem
    classifier = Classifier("linear", torch.randn(size.classes, size.width, generator=torch.Generator().manual_seed(1)))
    return fastest_of(lambda: tau_recalls(classifier, measured, TAUS, False), REPEATS)


def _evaluate(problem: Any) -> float:
    return fastest_of(lambda: evaluate(*problem), REPEATS)


CASES = (
    Case("class-balanced sampler: make, draw N", _labels, _draw, Size(2**20, 2**10), ("images", "classes")),
    Case("class means", _features, _means, Size(2**15, 2**8, 2**8), ("images", "classes", "width")),
    Case("crt epoch", _features, _crt, Size(2**14, 2**8, 2**8), ("images", "classes", "width")),
    Case("tau curve of 21 values", _features, _tau, Size(2**12, 2**8, 2**8), ("images", "classes", "width")),
    Case("every metric with intervals", _scores, _evaluate, Size(2**13, 2**8), ("images", "classes")),
)


if __name__ == "__main__":
    run_alone(__doc__, rows)
