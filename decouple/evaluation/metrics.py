"""Every metric of a classifier on one split, from its scores and the labels."""

from typing import NotRequired, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decouple.checks import require_shape, require_whole
from decouple.class_counts import Groups, as_counts, class_groups
from decouple.errors import DataError
from decouple.evaluation.arrays import FLOATING, INTEGER, Array, as_array, require_range
from decouple.evaluation.calibration import expected_calibration_error
from decouple.evaluation.class_totals import ClassTotals, class_precisions, class_totals
from decouple.evaluation.predictions import read_predictions
from decouple.evaluation.ranking import one_vs_rest_auc
from decouple.evaluation.statistics import bootstrap_intervals

GROUP_SCHEMES = ("many_medium_few", "thirds", "halves")
MAX_CONFUSION_CLASSES = 1000  # C x C Python integers: 10^6 fit a JSON file, the 6.6 * 10^7 of iNaturalist do not


class Intervals(TypedDict):
    """95 % class-stratified bootstrap intervals ``[low, high]`` in percent; None for an empty group."""

    top1: list[float]
    balanced: list[float]
    many_medium_few: dict[str, list[float] | None]
    thirds: dict[str, list[float] | None]
    halves: dict[str, list[float] | None]


class Metrics(TypedDict):
    """The result of `evaluate`, ready for JSON: percent unless said otherwise, None where undefined, never NaN.

    A class is present if the split has an image of it; means over classes are over the present ones.
    """

    images: int
    top1: float
    top5: float | None  # None when there are at most 5 classes
    balanced: float  # mean of per_class
    per_class: list[float | None]  # accuracy (recall) of each class, None when absent
    absent_classes: list[int]
    groups: dict[str, dict[str, float | None]]  # scheme -> group -> mean of its per_class, None without present class
    macro_f1: float  # mean over present classes
    weighted_f1: float  # the same, weighted by the class's images in the split
    g_mean: float  # geometric mean of per_class, 0 when one of them is
    ece: float
    nll: float  # nats
    auc: float | None  # in [0, 1], one-vs-rest, macro; None when no class has both positives and negatives
    confusion: list[list[int]] | None  # images by [true class][predicted class]; None above 1,000 classes
    intervals: Intervals
    per_class_precision: NotRequired[list[float | None]]  # None when never predicted; runs of old versions lack both
    class_totals: NotRequired[ClassTotals]  # what other groups are computed from


def evaluate(scores: Array, labels: Array, class_counts: ArrayLike, *, seed: int = 0) -> Metrics:
    """Return every metric of one split; the same input gives the same output to the last bit.

    Of equal scores the lower class index wins, in the top 1 and the top 5. An absent class has no recall and no F1 of
    its own; an image wrongly predicted as one counts against its true class. Scores are read a chunk at a time, so
    beside them memory grows with N and with C, not with their product.

    Args:
        scores: logits (log-probabilities up to a constant per row), shape (N, C), N at least 1 and C at least 2; a
            tensor or an array of floats.
        labels: true classes in 0..C-1, shape (N,); a tensor or an array of integers.
        class_counts: training images per class, shape (C,); they define the groups. A list will do.
        seed: of the bootstrap resamples.

    Raises:
        DataError: types or shapes do not fit, a label is out of range, the split is empty, a score is not finite.
        ConfigError: seed is not a whole number.

    Example:
        >>> scores = np.array([[2.0, 1.0], [2.0, 1.0], [0.0, 3.0]])
        >>> metrics = evaluate(scores, np.array([0, 1, 1]), class_counts=[500, 10])
        >>> metrics["per_class"], metrics["balanced"], metrics["groups"]["many_medium_few"]
        ([100.0, 50.0], 75.0, {'many': 100.0, 'medium': None, 'few': 50.0})
    """
    scores, labels = as_array("scores", scores, FLOATING), as_array("labels", labels, INTEGER)
    counts = as_counts(class_counts)
    _require_fitting(scores, labels, counts)
    require_whole("seed", seed)
    labels = labels.astype(np.int64, copy=False)  # label * C below would overflow a narrow type
    num_classes = scores.shape[1]
    predictions = read_predictions(scores, labels)
    correct = predictions.label_rank == 0
    totals = class_totals(labels, predictions, num_classes)
    images, hits = np.array(totals["images"]), np.array(totals["correct"])
    present = np.flatnonzero(images)
    recalls = hits[present] / images[present]
    f1 = 2 * hits[present] / (images + np.array(totals["predicted"]))[present]
    groups = _present_groups(counts, images)
    return {
        "images": len(labels),
        "top1": _percent(correct.sum(), len(labels)),
        "top5": _percent((predictions.label_rank < 5).sum(), len(labels)) if num_classes > 5 else None,
        "balanced": _percent(recalls.sum(), len(present)),
        "per_class": [_percent(k, n) if n else None for k, n in zip(hits, images, strict=True)],
        "absent_classes": np.flatnonzero(images == 0).tolist(),
        "groups": _group_accuracies(hits, images, groups),
        "macro_f1": _percent(f1.sum(), len(present)),
        "weighted_f1": _percent((f1 * images[present]).sum(), len(labels)),
        "g_mean": 100 * _geometric_mean(recalls),
        "ece": 100 * expected_calibration_error(np.exp(-predictions.log_sum), correct),
        "nll": float(predictions.nll.mean()),
        "auc": one_vs_rest_auc(scores, predictions.top_logit, predictions.log_sum, labels),
        "confusion": _confusion(labels, predictions.predicted, num_classes),
        "intervals": _intervals(hits, images, groups, seed),
        "per_class_precision": class_precisions(totals),
        "class_totals": totals,
    }


def _require_fitting(scores: NDArray[np.floating], labels: NDArray[np.integer], counts: NDArray[np.number]) -> None:
    require_shape("scores", scores, ("N", "C"))
    if scores.shape[1] < 2:
        raise DataError(f"`scores` must have 2 classes or more, got shape {scores.shape}")
    require_shape("labels", labels, (len(scores),))
    require_shape("class_counts", counts, (scores.shape[1],))
    if not len(labels):
        raise DataError("there is no image to evaluate; the split is empty")
    require_range("labels", labels, 0, scores.shape[1] - 1)


def _percent(value: float, total: float) -> float:
    return float(100 * value / total)


def _geometric_mean(recalls: NDArray[np.float64]) -> float:
    return float(np.exp(np.log(recalls).mean())) if recalls.all() else 0.0


def _confusion(labels: NDArray[np.int64], predicted: NDArray[np.int64], num_classes: int) -> list[list[int]] | None:
    if num_classes > MAX_CONFUSION_CLASSES:
        return None
    cells = np.bincount(labels * num_classes + predicted, minlength=num_classes**2)
    table: list[list[int]] = cells.reshape(num_classes, num_classes).tolist()
    return table


def _present_groups(counts: NDArray[np.number], images: NDArray[np.int64]) -> dict[str, Groups]:
    """Return scheme -> group -> its classes that have an image in the split."""
    return {
        scheme: {name: classes[images[classes] > 0] for name, classes in class_groups(counts, scheme).items()}
        for scheme in GROUP_SCHEMES
    }


def _group_accuracies(
    hits: NDArray[np.int64], images: NDArray[np.int64], groups: dict[str, Groups]
) -> dict[str, dict[str, float | None]]:
    return {
        scheme: {
            name: _percent((hits[members] / images[members]).sum(), len(members)) if len(members) else None
            for name, members in by_name.items()
        }
        for scheme, by_name in groups.items()
    }


def _intervals(hits: NDArray[np.int64], images: NDArray[np.int64], groups: dict[str, Groups], seed: int) -> Intervals:
    filled = [members for by_name in groups.values() for members in by_name.values() if len(members)]
    means = [_mean_recall_weights(members, images) for members in (np.flatnonzero(images), *filled)]
    weights = 100 * np.stack([np.full(len(images), 1 / images.sum()), *means])
    top1, balanced, *others = bootstrap_intervals(hits, images, weights, seed=seed).tolist()
    remaining = iter(others)  # in the order of `filled`
    by_scheme = {
        scheme: {name: next(remaining) if len(members) else None for name, members in by_name.items()}
        for scheme, by_name in groups.items()
    }
    return {
        "top1": top1,
        "balanced": balanced,
        "many_medium_few": by_scheme["many_medium_few"],
        "thirds": by_scheme["thirds"],
        "halves": by_scheme["halves"],
    }


def _mean_recall_weights(members: NDArray[np.int64], images: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the row (C,) whose product with the hits per class is the mean recall of the classes `members`."""
    row = np.zeros(len(images))
    row[members] = 1 / (len(members) * images[members])
    return row
