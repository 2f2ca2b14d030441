"""Images per class: long-tail profiles that set the counts, and class groups that follow from them."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decouple.checks import require_number, require_whole
from decouple.errors import ConfigError, DataError
from decouple.group_schemes import FEW_THRESHOLD, MANY_THRESHOLD, GroupScheme, group_names
from decouple.lookup import look_up

Counts = NDArray[np.int64]
Groups = dict[str, NDArray[np.int64]]


def longtail_counts(profile: str, num_classes: int, max_count: int, ratio: float) -> Counts:
    """Return the images per class of a long-tailed training set, largest class first, shape (C,).

    With j from 0 to C-1:

    - "exp": ``floor(max_count * ratio^(-j / (C-1)))``; Cui et al., CVPR 2019, arXiv:1901.05555.
    - "step": max_count for the first ceil(C/2) classes, ``floor(max_count / ratio)`` for the others.
    - "pareto": ``floor(max_count * (j+1)^-a)``, a such that the last class has ``floor(max_count / ratio)``.
    - "balanced": max_count for all; the ratio is not used.

    Args:
        profile: one of the names above.
        num_classes: C, at least 2.
        max_count: images of the largest class.
        ratio: images of the largest class over images of the smallest, at least 1 (an "imbalance factor" of 0.01 in
            other texts is a ratio of 100).

    Raises:
        ConfigError: no such profile, a value is not a number, or the ratio is below 1.
        DataError: fewer than 2 classes, or the smallest class would have no image.

    Example:
        >>> longtail_counts("exp", 5, 1000, 100)
        array([1000,  316,  100,   31,   10])
        >>> longtail_counts("step", 5, 1000, 100)
        array([1000, 1000, 1000,   10,   10])
        >>> longtail_counts("pareto", 5, 1000, 100)
        array([1000,  137,   43,   18,   10])
        >>> longtail_counts("balanced", 5, 1000, 100)
        array([1000, 1000, 1000, 1000, 1000])
    """
    formula = look_up(_PROFILES, profile, "profile")
    require_number("ratio", ratio, at_least=1, usual="it is the largest class over the smallest")
    require_whole("num_classes", num_classes)
    require_whole("max_count", max_count)
    if num_classes < 2:
        raise DataError(f"a long-tailed profile needs at least 2 classes, got {num_classes}")
    if max_count < 1:
        raise DataError(f"`max_count` must be 1 or more, got {max_count}; class 0 would have no image")
    if profile != "balanced" and _floor(max_count / ratio) < 1:
        raise DataError(
            f"class {num_classes - 1} would have {max_count}/{ratio:g} images, fewer than 1; "
            f"lower the ratio to {max_count} or less"
        )
    return formula(num_classes, max_count, ratio)


def class_groups(class_counts: ArrayLike, scheme: GroupScheme) -> Groups:
    """Return group name -> indices of its classes, ascending, int64; a group without classes is an empty array.

    - "many_medium_few": "many" has more than 100 images per class, "medium" 20 to 100, "few" fewer than 20.
    - "thirds": "head", "middle", "tail" as `numpy.array_split` cuts the classes sorted by count, so the first groups
      take the remainder (10 classes: 4, 3, 3). The largest class comes first; of equal classes, the lower index.
    - "halves": "head" and "tail", cut the same way.
    - explicit sizes, e.g. ``[33, 33, 34]``: the same order cut there, named "head", "middle", "tail" if there are
      three, else "group 1", "group 2", ...
    - bounds, e.g. ``{"many": 50, "few": 10}``: "many", "medium", "few" with other numbers than 100 and 20.

    Args:
        class_counts: training images per class, shape (C,), each 0 or more.
        scheme: a name above, the sizes, which sum to C, or the two bounds.

    Raises:
        ConfigError: no such scheme, or the sizes are negative or do not sum to C.
        DataError: class_counts is not one-dimensional, is empty, or holds a negative or something else than numbers.

    Example:
        >>> class_groups([500, 50, 5, 120], "many_medium_few")
        {'many': array([0, 3]), 'medium': array([1]), 'few': array([2])}
        >>> class_groups([500, 50, 5, 120], "thirds")
        {'head': array([0, 3]), 'middle': array([1]), 'tail': array([2])}
        >>> class_groups([500, 50, 5, 120], "halves")
        {'head': array([0, 3]), 'tail': array([1, 2])}
        >>> class_groups([500, 50, 5, 120], [1, 3])
        {'group 1': array([0]), 'group 2': array([1, 2, 3])}
        >>> class_groups([500, 50, 5, 120], {"many": 400, "few": 50})
        {'many': array([0]), 'medium': array([1, 3]), 'few': array([2])}
    """
    counts = as_counts(class_counts)
    if isinstance(scheme, str):
        return look_up(_SCHEMES, scheme, "group scheme")(counts)
    if isinstance(scheme, Mapping):
        return _between(counts, scheme["many"], scheme["few"])
    sizes = [int(size) for size in scheme]
    if min(sizes, default=-1) < 0 or sum(sizes) != len(counts):
        raise ConfigError(f"group sizes must be 0 or more and sum to the {len(counts)} classes, got {sizes}")
    return _cut(counts, dict(zip(group_names(sizes), sizes, strict=True)))


def largest_first(class_counts: ArrayLike) -> NDArray[np.intp]:
    """Return the classes by falling number of images, of equal ones the lower index first, shape (C,).

    Example:
        >>> largest_first([5, 9, 5])
        array([1, 0, 2])
    """
    counts = np.asarray(class_counts).astype(np.int64)  # negated unsigned counts would wrap around
    return np.argsort(-counts, kind="stable")


def group_of_class(groups: Mapping[str, ArrayLike]) -> dict[int, str]:
    """Return the group of each class from the classes of each group.

    Example:
        >>> group_of_class({"many": [1], "few": [0, 2]})
        {1: 'many', 0: 'few', 2: 'few'}
    """
    return {label: name for name, members in groups.items() for label in np.asarray(members, dtype=np.int64).tolist()}


def as_counts(class_counts: ArrayLike) -> NDArray[np.number]:
    """Return training images per class as an array (C,), C at least 1; a list or a tensor will do.

    Raises:
        DataError: it is not one-dimensional, is empty, or holds a negative or something else than numbers.

    Example:
        >>> as_counts([300, -1])
        Traceback (most recent call last):
        decouple.errors.DataError: class_counts must be numbers of 0 or more, got -1 for class 1
    """
    to_cpu = getattr(class_counts, "cpu", None)  # of a tensor, which NumPy cannot read on another device
    try:
        counts = np.asarray(class_counts if to_cpu is None else to_cpu())
    except ValueError:  # rows of several lengths
        raise DataError("`class_counts` must be (C,) numbers of 0 or more, got a nested list") from None
    if counts.ndim != 1 or counts.size == 0 or counts.dtype.kind not in "iuf":
        raise DataError(f"`class_counts` must be (C,) numbers of 0 or more, got {counts.dtype} {counts.shape}")
    valid = counts >= 0  # False for NaN too
    if not valid.all():
        label = int(valid.argmin())
        raise DataError(f"`class_counts` must be numbers of 0 or more, got {counts[label]:g} for class {label}")
    return counts


def _floor(value: ArrayLike) -> Counts:
    """Return floor as exact arithmetic would: 500 / 100 computed as 4.999999999999999 is 5, not 4."""
    exact = np.asarray(value, dtype=np.float64)
    nearest = np.rint(exact)
    rounded = np.where(np.isclose(exact, nearest, rtol=1e-12, atol=1e-9), nearest, np.floor(exact))
    return rounded.astype(np.int64)


def _exp(num_classes: int, max_count: int, ratio: float) -> Counts:
    return _floor(max_count * (1 / ratio) ** (np.arange(num_classes) / (num_classes - 1)))


def _step(num_classes: int, max_count: int, ratio: float) -> Counts:
    in_head = np.arange(num_classes) < -(-num_classes // 2)
    return np.where(in_head, max_count, _floor(max_count / ratio)).astype(np.int64)


def _pareto(num_classes: int, max_count: int, ratio: float) -> Counts:
    exponent = np.log(max_count / _floor(max_count / ratio)) / np.log(num_classes)
    return _floor(max_count * np.arange(1, num_classes + 1) ** -exponent)


def _balanced(num_classes: int, max_count: int, ratio: float) -> Counts:
    return np.full(num_classes, max_count, dtype=np.int64)


def _many_medium_few(counts: NDArray[np.number]) -> Groups:
    return _between(counts, MANY_THRESHOLD, FEW_THRESHOLD)


def _between(counts: NDArray[np.number], many_above: int, few_below: int) -> Groups:
    many, few = counts > many_above, counts < few_below
    return {"many": np.flatnonzero(many), "medium": np.flatnonzero(~many & ~few), "few": np.flatnonzero(few)}


def _thirds(counts: NDArray[np.number]) -> Groups:
    return _split(counts, ["head", "middle", "tail"])


def _halves(counts: NDArray[np.number]) -> Groups:
    return _split(counts, ["head", "tail"])


def _split(counts: NDArray[np.number], names: list[str]) -> Groups:
    size, remainder = divmod(len(counts), len(names))
    return _cut(counts, {name: size + (i < remainder) for i, name in enumerate(names)})


def _cut(counts: NDArray[np.number], sizes: dict[str, int]) -> Groups:
    """Return the classes, largest first, cut into consecutive groups of `sizes`."""
    groups = np.split(largest_first(counts), np.cumsum(list(sizes.values()))[:-1])
    return {name: np.sort(members) for name, members in zip(sizes, groups, strict=True)}


_PROFILES: dict[str, Callable[[int, int, float], Counts]] = {
    "exp": _exp,
    "step": _step,
    "pareto": _pareto,
    "balanced": _balanced,
}
_SCHEMES: dict[str, Callable[[NDArray[np.number]], Groups]] = {
    "many_medium_few": _many_medium_few,
    "thirds": _thirds,
    "halves": _halves,
}
