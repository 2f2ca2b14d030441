"""Metrics of groups of classes, from the totals of the classes alone: any grouping, long after the evaluation."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decouple.class_counts import Groups, class_groups
from decouple.errors import DataError
from decouple.evaluation.class_totals import ClassTotals, predicted_within
from decouple.evaluation.metrics import Metrics
from decouple.evaluation.statistics import bootstrap_intervals
from decouple.group_schemes import GroupScheme

Interval = list[float]


class GroupMetrics(TypedDict):
    """Metrics of one group in percent, the loss in nats; None where no class of the group has an image.

    The F1 of a class counts the images of every class that were predicted as it. `within` counts those of the group
    alone: the group as a test set of its own, as some published tables evaluate it.
    """

    classes: int
    images: int
    recall: float | None  # mean of the recalls of its classes: the accuracy of the group everywhere else
    recall_interval: Interval | None
    micro: float | None  # share of its images that are classified correctly
    micro_interval: Interval | None
    macro_f1: float | None
    weighted_f1: float | None  # by images
    precision: float | None  # mean over its classes that were predicted at least once
    within_macro_f1: float | None  # None too where the predictions by class are not known
    within_weighted_f1: float | None
    nll: float | None  # mean over its images


def metrics_by_group(
    metrics: Metrics, class_counts: ArrayLike, scheme: GroupScheme, *, seed: int = 0
) -> dict[str, GroupMetrics]:
    """Return the metrics of each group of a scheme.

    Args:
        metrics: result of `decouple.metrics.evaluate` on a split.
        class_counts: training images per class, shape (C,).
        scheme: see `decouple.class_counts.class_groups`.
        seed: of the bootstrap resamples; that of `evaluate` gives the intervals that are in `metrics`.

    Raises:
        DataError: the metrics are of a version that did not store the totals of the classes.
        ConfigError: the scheme does not fit the classes.

    Example:
        >>> from decouple.metrics import evaluate
        >>> scores = np.array([[2.0, 1.0, 0.0], [2.0, 1.0, 0.0], [0.0, 3.0, 0.0], [0.0, 3.0, 0.0], [0.0, 1.0, 3.0]])
        >>> metrics = evaluate(scores, np.array([0, 1, 1, 1, 2]), class_counts=[500, 50, 5])
        >>> head = metrics_by_group(metrics, [500, 50, 5], [2, 1])["group 1"]
        >>> f"{head['recall']:.2f} {head['micro']:.2f}"  # (100 + 66.67) / 2, and 3 of 4 images
        '83.33 75.00'
    """
    if "class_totals" not in metrics:
        raise DataError("the metrics hold no totals of the classes; evaluate the run again for other groups")
    groups, confusion = class_groups(class_counts, scheme), metrics["confusion"]
    within = None if confusion is None else predicted_within(confusion, groups)
    return group_metrics(metrics["class_totals"], groups, within=within, seed=seed)


def group_metrics(
    totals: ClassTotals, groups: Groups, *, within: Sequence[int] | None = None, seed: int = 0
) -> dict[str, GroupMetrics]:
    """Return the metrics of each group of classes.

    Args:
        totals: of the classes on a split.
        groups: classes of each group, which may overlap.
        within: see `decouple.evaluation.class_totals.predicted_within`; None: not known.
        seed: of the bootstrap resamples.

    Example:
        >>> totals: ClassTotals = {"images": [4, 2], "correct": [4, 1], "predicted": [5, 1], "nll": [0.1, 0.7]}
        >>> both = group_metrics(totals, {"all": np.array([0, 1])})["all"]
        >>> f"{both['recall']:.2f} {both['micro']:.2f} {both['macro_f1']:.2f} {both['nll']:.2f}"  # F1: 8/9 and 2/3
        '75.00 83.33 77.78 0.30'
    """
    images = np.array(totals["images"])
    present = {name: members[images[members] > 0] for name, members in groups.items()}
    filled = {name: members for name, members in present.items() if len(members)}
    intervals = _intervals(totals, list(filled.values()), seed)
    spans = dict(zip(filled, intervals, strict=True))
    return {name: _of_group(totals, members, within, spans.get(name)) for name, members in present.items()}


def _of_group(
    totals: ClassTotals, members: NDArray[np.int64], within: Sequence[int] | None, spans: list[Interval] | None
) -> GroupMetrics:
    if spans is None:
        return _empty_group()
    images, correct = np.array(totals["images"])[members], np.array(totals["correct"])[members]
    losses = np.array(totals["nll"], dtype=np.float64)[members]
    predicted = np.array(totals["predicted"])[members]
    macro_f1, weighted_f1 = _f1(images, correct, predicted)
    own = (None, None) if within is None else _f1(images, correct, np.array(within)[members])
    return {
        "classes": len(members),
        "images": int(images.sum()),
        "recall": float(100 * (correct / images).mean()),
        "recall_interval": spans[0],
        "micro": float(100 * correct.sum() / images.sum()),
        "micro_interval": spans[1],
        "macro_f1": macro_f1,
        "weighted_f1": weighted_f1,
        "precision": _precision(correct, predicted),
        "within_macro_f1": own[0],
        "within_weighted_f1": own[1],
        "nll": float((losses * images).sum() / images.sum()),
    }


def _empty_group() -> GroupMetrics:
    return {
        "classes": 0,
        "images": 0,
        "recall": None,
        "recall_interval": None,
        "micro": None,
        "micro_interval": None,
        "macro_f1": None,
        "weighted_f1": None,
        "precision": None,
        "within_macro_f1": None,
        "within_weighted_f1": None,
        "nll": None,
    }


def _f1(images: NDArray[np.int64], correct: NDArray[np.int64], predicted: NDArray[np.int64]) -> tuple[float, float]:
    """Return macro-F1 and F1 weighted by images of present classes, in percent."""
    f1 = 2 * correct / (images + predicted)
    return float(100 * f1.mean()), float(100 * (f1 * images).sum() / images.sum())


def _precision(correct: NDArray[np.int64], predicted: NDArray[np.int64]) -> float | None:
    known = predicted > 0
    return float(100 * (correct[known] / predicted[known]).mean()) if known.any() else None


def _intervals(totals: ClassTotals, members: list[NDArray[np.int64]], seed: int) -> list[list[Interval]]:
    """Return for each group the intervals of its mean recall and of its micro accuracy."""
    if not members:
        return []
    images, correct = np.array(totals["images"]), np.array(totals["correct"])
    weights = np.zeros((2 * len(members), len(images)))
    for row, labels in enumerate(members):
        weights[2 * row, labels] = 100 / (len(labels) * images[labels])
        weights[2 * row + 1, labels] = 100 / images[labels].sum()
    spans: list[Interval] = bootstrap_intervals(correct, images, weights, seed=seed).tolist()
    return [[spans[row], spans[row + 1]] for row in range(0, len(spans), 2)]
