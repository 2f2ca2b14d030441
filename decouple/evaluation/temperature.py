"""Temperature scaling: one number, fitted on validation images, that makes probabilities calibrated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from decouple.checks import require_shape
from decouple.class_counts import as_counts, class_groups
from decouple.errors import DataError
from decouple.evaluation.arrays import INTEGER, Array, as_array
from decouple.evaluation.log_probabilities import MAX_TEMPERATURE, MIN_TEMPERATURE, as_labels, as_logits
from decouple.evaluation.priors import as_prior
from decouple.evaluation.temperature_search import minimise_nll

MIN_GROUP_IMAGES = 30  # a group with fewer validation images takes the common temperature


@dataclass(frozen=True)
class Temperature:
    """A fitted temperature T; probabilities are ``softmax(logits / T)``.

    Attributes:
        value: T, between 0.001 and 1e6.
        images: validation images that it was fitted on.
        nll_before: their weighted mean negative log-likelihood at T = 1, nats.
        nll_after: the same at T.
        at_bound: whether the optimum lies at or beyond an end of the range: every image is classified correctly (T
            towards 0), or the logits say nothing about the labels (T towards infinity).
    """

    value: float
    images: int
    nll_before: float
    nll_after: float
    at_bound: bool

    @property
    def applied(self) -> float:
        """T, but 1 where T goes to 0 since all images are correct: they do not say how often the classifier errs."""
        return 1.0 if self.at_bound and self.value < 1 else self.value


@dataclass(frozen=True)
class GroupTemperatures:
    """Temperatures of many, medium and few; the group of an image is that of its predicted class.

    Attributes:
        common: temperature of all images.
        groups: group -> its own temperature, for groups with enough validation images.
        images: group -> validation images whose predicted class is in the group.
        common_groups: groups with too few validation images, which take the common temperature.
        by_class: T to apply to an image by its predicted class, length C; see `Temperature.applied`.
    """

    common: Temperature
    groups: dict[str, Temperature]
    images: dict[str, int]
    common_groups: tuple[str, ...]
    by_class: tuple[float, ...]

    def of_images(self, predicted: Array) -> NDArray[np.float64]:
        """Return the temperature of each image from its predicted class, shape (N,) -> (N,).

        Raises:
            DataError: the classes are not (N,) integers in 0..C-1.
        """
        classes: NDArray[np.integer] = as_array("predicted", predicted, INTEGER)
        require_shape("predicted", classes, ("N",))
        if not len(classes):
            return np.empty(0)
        temperatures: NDArray[np.float64] = np.asarray(self.by_class)
        return temperatures[as_labels(classes, len(classes), len(self.by_class))]


def fit_temperature(logits: Array, labels: Array, *, target_prior: ArrayLike | None = None) -> Temperature:
    """Return the temperature that minimises the negative log-likelihood of validation images.

    T does not change which class is predicted. Source: Guo et al., ICML 2017, arXiv:1706.04599.

    Args:
        logits: shape (N, C), floats.
        labels: true classes in 0..C-1, shape (N,), integers.
        target_prior: class shares or counts of the images that the temperature is for, shape (C,): an image of class j
            weighs ``target_prior_j / n_j``, with n_j the validation images of its class. A class without validation
            images cannot take part. None: all images weigh the same.

    Raises:
        DataError: shapes, types or values do not fit, or no validation image has a class of the target prior.

    Example:
        >>> logits = np.array([[2.0, 0.0]] * 4)  # says 88 %, while 3 of 4 are correct
        >>> fitted = fit_temperature(logits, np.array([0, 0, 0, 1]))
        >>> round(fitted.value, 4)  # 2 / T = ln(0.75 / 0.25), so T = 2 / ln 3
        1.8205
    """
    scores = as_logits(logits)
    classes = as_labels(labels, *scores.shape)
    return _fit(scores, classes, prior_weights(classes, scores.shape[1], target_prior))


def fit_group_temperatures(
    logits: Array, labels: Array, class_counts: ArrayLike, *, target_prior: ArrayLike | None = None
) -> GroupTemperatures:
    """Return one temperature each for many, medium and few, where a group has 30 validation images or more.

    At prediction time only the predicted class is known. So the images of a group are those whose predicted class
    (largest logit, lower index first) is in it, when fitting as well. T does not change which class is predicted.

    Args:
        logits: as in `fit_temperature`.
        labels: as in `fit_temperature`.
        class_counts: training images per class, shape (C,); they define the groups.
        target_prior: as in `fit_temperature`.

    Raises:
        DataError: as `fit_temperature`; or class_counts are not (C,) numbers of 0 or more.
    """
    scores = as_logits(logits)
    num_classes = scores.shape[1]
    classes = as_labels(labels, len(scores), num_classes)
    counts = as_counts(class_counts)
    require_shape("class_counts", counts, (num_classes,))
    weights = prior_weights(classes, num_classes, target_prior)
    common = _fit(scores, classes, weights)
    by_class = np.full(num_classes, common.applied)
    predicted = scores.argmax(axis=1)
    groups, images = {}, {}
    for name, members in class_groups(counts, "many_medium_few").items():
        in_group = weights * np.isin(predicted, members)
        images[name] = int(np.count_nonzero(in_group))
        if images[name] >= MIN_GROUP_IMAGES:
            groups[name] = _fit(scores, classes, in_group / in_group.sum())
            by_class[members] = groups[name].applied
    common_groups = tuple(name for name in images if name not in groups)
    return GroupTemperatures(common, groups, images, common_groups, tuple(by_class.tolist()))


def prior_weights(labels: NDArray[np.int64], num_classes: int, target_prior: ArrayLike | None) -> NDArray[np.float64]:
    """Return the weight of each image, shape (N,), sum 1: the classes then weigh as in `target_prior` (C,).

    Raises:
        DataError: the prior is not (C,) numbers of 0 or more, or no image has a class with a share above 0.

    Example:
        >>> prior_weights(np.array([0, 0, 0, 1]), 2, [1, 1])
        array([0.16666667, 0.16666667, 0.16666667, 0.5       ])
    """
    if target_prior is None:
        return np.full(len(labels), 1 / len(labels))
    shares = as_prior("target_prior", target_prior, num_classes)
    weights: NDArray[np.float64] = (shares / np.maximum(np.bincount(labels, minlength=num_classes), 1))[labels]
    if not weights.any():
        raise DataError("no validation image has a class whose share in `target_prior` is above 0")
    weights /= weights.sum()
    return weights


def _fit(logits: NDArray[np.floating], labels: NDArray[np.int64], weights: NDArray[np.float64]) -> Temperature:
    value, nll_after, nll_before = minimise_nll(logits, labels, weights)
    return Temperature(
        value=value,
        images=int(np.count_nonzero(weights)),
        nll_before=nll_before,
        nll_after=nll_after,
        at_bound=value in (MIN_TEMPERATURE, MAX_TEMPERATURE),
    )
