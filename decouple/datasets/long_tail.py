"""Cut balanced images to a long tail: the number of images per class, and their selection."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    """A profile and the order of the classes in it."""

    profile: str  # exp, step, pareto or balanced
    ratio: float
    order: NDArray[np.int64]  # (C,) classes from the largest to the smallest
    seed: int  # of the selection of images

    def counts(self, max_count: int) -> NDArray[np.int64]:
        """Return the images per class, shape (C,), indexed by class; 0 where the profile gives less than one."""
        # A profile needs at least `ratio` images in the largest class. Below that it is computed for a multiple k of
        # them and divided, which for integers gives the same: floor(floor(k * x) / k) = floor(x).
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
    """Return the long tail that the settings choose, or None if the images are not cut.

    Raises:
        ConfigError: an option of a profile is given, but there is no profile.
    """
    profile: str = config.profile
    if profile == "auto":
        is_cut = config.data in BENCHMARKS or config.ratio is not None
        profile = "exp" if is_cut and not config.counts else "none"
    if profile == "none":
        _refuse_without_profile(config)
        return None
    return LongTail(profile, config.ratio or DEFAULT_RATIO, _class_order(config, num_classes), config.subset_seed)


def choose_test_tail(config: DataConfig, num_classes: int) -> LongTail | None:
    """Return the long tail of the long-tailed test set, or None if none is asked for.

    Its profile is that of the training images, or exp where these are balanced or not cut; its ratio is `test_ratio`.

    Raises:
        ConfigError: no ratio is given, and the training images have none.
    """
    if not config.longtailed_test:
        return None
    train = choose_long_tail(config, num_classes)
    if train is not None and train.profile != "balanced":
        return replace(train, ratio=config.test_ratio or train.ratio)
    if config.test_ratio is None:
        raise ConfigError(
            "`longtailed_test` has no meaning without a long-tailed profile; add one, such as `profile=exp`, or give "
            "the ratio of the test set, such as `test_ratio=100`"
        )
    return LongTail("exp", config.test_ratio, _class_order(config, num_classes), config.subset_seed)


def _class_order(config: DataConfig, num_classes: int) -> NDArray[np.int64]:
    if config.shuffles_classes:
        return make_rng(config.subset_seed, "class order").permutation(num_classes)
    return np.arange(num_classes)


def cut_train(
    tail: LongTail,
    labels: NDArray[np.int64],
    indices: Indices,
    class_names: Sequence[str],
    *,
    max_count: int | None,
) -> Indices:
    """Return the training images of the long tail, ascending.

    The selection from a class depends only on the seed, the class and its images; a smaller one is part of a larger.

    Args:
        tail: the profile.
        labels: of all images, (N,).
        indices: the training images.
        class_names: C names, for errors.
        max_count: images of the largest class; None for as many as all classes allow.

    Raises:
        DataError: a class has fewer images than the profile gives it, or the profile gives it none.
    """
    available = np.bincount(labels[indices], minlength=len(class_names))
    counts = tail.counts(tail.largest_fit(available) if max_count is None else max_count)
    _check_counts(counts, available, class_names, tail.ratio)
    classes = shuffled_classes(labels, indices, len(class_names), seed=tail.seed, purpose="subset")
    return first_of_each(classes, counts)


def cut_to_counts(
    counts: Sequence[int], labels: NDArray[np.int64], indices: Indices, class_names: Sequence[str], *, seed: int
) -> Indices:
    """Return ``counts[c]`` training images of every class c, ascending, selected as by `cut_train`.

    Raises:
        ConfigError: there is not one number for each class.
        DataError: a class has fewer images.
    """
    if len(counts) != len(class_names):
        raise ConfigError(f"`counts` has {len(counts)} numbers for {len(class_names)} classes; give one for each class")
    available = np.bincount(labels[indices], minlength=len(class_names))
    for name, count, limit in zip(class_names, counts, available.tolist(), strict=True):
        if count > limit:
            raise DataError(f"class '{name}' has {limit} training images, not {count}; lower its number in `counts`")
    classes = shuffled_classes(labels, indices, len(class_names), seed=seed, purpose="subset")
    return first_of_each(classes, np.array(counts, np.int64))


def cut_test(tail: LongTail, labels: NDArray[np.int64], indices: Indices, *, max_count: int | None = None) -> Indices:
    """Return the test images of a profile, ascending, at least one of each class that has any.

    Args:
        tail: the profile.
        labels: of all images, (N,).
        indices: the test images.
        max_count: images of the largest class; None for as many as all classes allow.

    Raises:
        DataError: a class has fewer images than the profile gives it for `max_count`.
    """
    num_classes = len(tail.order)
    available = np.bincount(labels[indices], minlength=num_classes)
    allowed = np.where(available > 0, available, available.max())
    wanted = tail.counts(tail.largest_fit(allowed) if max_count is None else max_count)
    short = np.flatnonzero(wanted > allowed)
    if len(short):
        raise DataError(
            f"class {short[0]} needs {wanted[short[0]]} test images and has {allowed[short[0]]}; lower `test_max_count`"
        )
    counts = np.clip(wanted, 1, available.clip(1))
    return first_of_each(shuffled_classes(labels, indices, num_classes, seed=tail.seed, purpose="test subset"), counts)


def _refuse_without_profile(config: DataConfig) -> None:
    ineffective = {
        "ratio": config.ratio is not None,
        "max_count": config.max_count is not None and config.data != "glyphs",  # glyphs draws that many
        "longtailed_test": config.longtailed_test and config.test_ratio is None,
    }
    for name, is_set in ineffective.items():
        if is_set:
            raise ConfigError(f"`{name}` has no meaning without a long-tailed profile; add one, such as `profile=exp`")


def _check_counts(
    counts: NDArray[np.int64], available: NDArray[np.int64], class_names: Sequence[str], ratio: float
) -> None:
    short = np.flatnonzero(counts > available)
    if len(short):
        first = short[0]
        raise DataError(
            f"class '{class_names[first]}' needs {counts[first]} training images and has {available[first]}; "
            "lower `max_count`, or leave it out to use as many as there are"
        )
    empty = np.flatnonzero(counts < 1)
    if len(empty):
        raise DataError(
            f"class '{class_names[empty[0]]}' would keep no training image at ratio {ratio:g} with {counts.max()} in "
            f"the largest class; lower `ratio` to {counts.max()} or less"
        )
