"""ROC curves, one class against the rest: of a class, and their mean over the classes of a group."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
GRID = np.linspace(0, 1, 201)  # false-positive rates of every curve


class RocCurve(NamedTuple):
    """The mean curve of a group.

    Attributes:
        false_positives: rates, share of the images of other classes, (201,).
        true_positives: mean rates, share of the images of the class, (201,).
        auc: mean area under the curves of the classes, in [0, 1], exact with ties.
        classes: how many have both images of their own and others.
    """

    false_positives: Floats
    true_positives: Floats
    auc: float
    classes: int


def group_roc(scores: Floats, labels: NDArray[np.int64], members: Sequence[int]) -> RocCurve | None:
    """Return the mean ROC curve over the classes of a group, None where no class has positives and negatives.

    A class is scored by its own column alone, so columns are read one at a time and not copied together. Source:
    Fawcett, Pattern Recognition Letters 27, 2006.

    Args:
        scores: probabilities, or any scores that order the images of a class as they do, (N, C).
        labels: true classes, (N,).
        members: classes of the group.

    Example:
        >>> scores = np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8]])
        >>> curve = group_roc(scores, np.array([0, 0, 1, 1]), [0])  # one of 4 pairs is in the wrong order
        >>> curve.auc, curve.true_positives[[0, -1]].tolist()
        (0.75, [0.5, 1.0])
    """
    from sklearn.metrics import roc_auc_score

    present = [label for label in members if 0 < np.count_nonzero(labels == label) < len(labels)]
    if not present:
        return None
    curves = [class_roc(scores[:, label], labels == label) for label in present]
    areas = [roc_auc_score(labels == label, scores[:, label]) for label in present]
    return RocCurve(GRID, np.mean(curves, axis=0), float(np.mean(areas)), len(present))


def class_roc(scores: Floats, positive: NDArray[np.bool_]) -> Floats:
    """Return the true-positive rate at 201 equally spaced false-positive rates, (201,).

    The first is what is reached without a false positive.

    Args:
        scores: of the class, (N,).
        positive: whether the image is of the class, (N,).

    Example:
        >>> rates = class_roc(np.array([0.9, 0.8, 0.1]), np.array([True, False, False]))
        >>> rates[[0, -1]].tolist()
        [1.0, 1.0]
    """
    from sklearn.metrics import roc_curve

    false, true, _ = roc_curve(positive, scores, drop_intermediate=False)
    return np.asarray(np.interp(GRID, false, true))
