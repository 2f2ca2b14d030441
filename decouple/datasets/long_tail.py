"""Cut balanced images to a long tail: which class gets how many, and which images stay."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.class_counts import longtail_counts
from decouple.datasets.class_draws import first_of_each, shuffled_classes
from decouple.datasets.data import Indices
from decouple.datasets.settings import BENCHMARKS, DataConfig
from decouple.errors import ConfigError, DataError
from decouple.seeding import make_rng

DEFAULT_RATIO = 50.0  # images in the largest class / images in the smallest


@dataclass(frozen=True)
class LongTail:
    """A profile, and which class takes which place in it."""

    profile: str  # exp, step, pareto or balanced
    ratio: float
    order: NDArray[np.int64]  # (C,) classes from the largest to the smallest
    seed: int  # of the images that stay

    def counts(self, max_count: int) -> NDArray[np.int64]:
        """Return the images per class, shape (C,), indexed by class; 0 where the profile asks for less than one."""
        # A profile is defined from ratio images on; below that it is taken from a multiple of itself, which for
        # integers gives the same: floor(floor(k * x) / k) = floor(x).
        multiple = 1 if max_count >= self.ratio else int(np.ceil(self.ratio))
        counts = np.empty(len(self.order), np.int64)
        counts[self.order] = (
            longtail_counts(self.profile, len(self.order), max_count * multiple, self.ratio) // multiple
        )
        return counts

    def largest_fit(self, available: NDArray[np.int64]) -> int:
        """Return the largest max_count for which no class needs more than `available`, shape (C,), each at least 1."""
        fits, too_many = 0, int(available.max()) + 1
        while too_many - fits > 1:
            middle = (fits + too_many) // 2
            if np.all(self.counts(middle) <= available):
                fits = middle
            else:
                too_many = middle
        return fits


def choose_long_tail(config: DataConfig, num_classes: int) -> LongTail | None:
    """Return the long tail that the settings ask for, or None when images stay as they are.

    Raises:
        ConfigError: an option is given that says something about a profile, but there is none.
    """
    profile: str = config.profile
    if profile == "auto":
        profile = "exp" if config.data in BENCHMARKS or config.ratio is not None else "none"
    if profile == "none":
        _refuse_without_profile(config)
        return None
    order = np.arange(num_classes)
    if config.class_order == "shuffled":
        order = make_rng(config.subset_seed, "class order").permutation(num_classes)
    return LongTail(profile, config.ratio or DEFAULT_RATIO, order, config.subset_seed)


def cut_train(
    tail: LongTail,
    labels: NDArray[np.int64],
    indices: Indices,
    class_names: Sequence[str],
    *,
    max_count: int | None,
) -> Indices:
    """Return the training images that stay, ascending.

    Which images of a class stay depends on the seed, the class and its images alone, and fewer are a part of more.

    Args:
        tail: the profile.
        labels: of all images, (N,).
        indices: the training images.
        class_names: C names, for errors.
        max_count: images of the largest class; None for as many as every class allows.
    Raises:
        DataError: a class has fewer images than it should keep, or should keep none.
    """
    available = np.bincount(labels[indices], minlength=len(class_names))
    counts = tail.counts(tail.largest_fit(available) if max_count is None else max_count)
    _check_counts(counts, available, class_names, tail.ratio)
    classes = shuffled_classes(labels, indices, len(class_names), seed=tail.seed, purpose="subset")
    return first_of_each(classes, counts)


def cut_test(tail: LongTail, labels: NDArray[np.int64], indices: Indices) -> Indices:
    """Return the test images that stay under the same profile: as many as every class allows, and one at least.

    A class without any test image stays without.
    """
    num_classes = len(tail.order)
    available = np.bincount(labels[indices], minlength=num_classes)
    allowed = np.where(available > 0, available, available.max())
    counts = np.clip(tail.counts(tail.largest_fit(allowed)), 1, available.clip(1))
    return first_of_each(shuffled_classes(labels, indices, num_classes, seed=tail.seed, purpose="test subset"), counts)


def _refuse_without_profile(config: DataConfig) -> None:
    means_nothing = {
        "--ratio": config.ratio is not None,
        "--max-count": config.max_count is not None and config.data != "glyphs",  # glyphs draws as many as it is told
        "--longtailed-test": config.longtailed_test,
    }
    for flag, given in means_nothing.items():
        if given:
            raise ConfigError(
                f"{flag} means nothing without a long-tailed profile; add --profile exp, step, pareto or balanced"
            )


def _check_counts(
    counts: NDArray[np.int64], available: NDArray[np.int64], class_names: Sequence[str], ratio: float
) -> None:
    short = np.flatnonzero(counts > available)
    if len(short):
        first = short[0]
        raise DataError(
            f"class '{class_names[first]}' needs {counts[first]} training images and has {available[first]}; "
            "lower --max-count, or leave it out to use as many as there are"
        )
    empty = np.flatnonzero(counts < 1)
    if len(empty):
        raise DataError(
            f"class '{class_names[empty[0]]}' would keep no training image at ratio {ratio:g} with {counts.max()} in "
            f"the largest class; lower --ratio to {counts.max()} or less"
        )
