"""The live panel of a page: what a classifier does under another tau or another class prior, from its scores alone.

`templates/panel.js` computes the same in the page, from the numbers of `decouple.pages.panel_data`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.checks import require_number

Numbers = NDArray[np.float64]
MAX_TAU = 2.0  # of the slider, from 0
TAU_STOPS, PRIOR_STOPS = (0.0, 0.5, 1.0, 1.5, 2.0), (1.0, 0.5, 0.0, -0.5, -1.0)  # where the rest of a row is stored


@dataclass(frozen=True, kw_only=True)
class PanelPosition:
    """The positions of the controls.

    Raises:
        ConfigError: a value is outside its range.
    """

    tau: float = 0.0  # logit adjustment, 0 to 2
    prior: float = 1.0  # exponent of the training shares in the deployment prior: 1 train, 0 uniform, -1 reversed
    follow: bool = False  # decide for the deployment prior; tau is then of no effect
    threshold: float = 0.0  # an image whose highest probability is below it gets no class

    def __post_init__(self) -> None:
        require_number("tau", self.tau, at_least=0, at_most=MAX_TAU)
        require_number("prior", self.prior, at_least=-1, at_most=1)
        require_number("threshold", self.threshold, at_least=0, at_most=1)


@dataclass(frozen=True, eq=False)
class PanelOutcome:
    """What the panel shows, in percent; NaN where there is no image.

    Attributes:
        recalls: of each class, (C,).
        deployed: accuracy where the classes occur as in the deployment prior, ``sum_j q_j recall_j``.
        balanced: mean of the recalls.
        groups: group -> mean of its recalls.
        answered: share of images that get a class, where they occur as in the deployment prior.
        answered_accuracy: accuracy of those, there.
        predicted: class of each image, (N,); of an image without one the class that it would get.
        confidence: highest probability, (N,).
    """

    recalls: Numbers
    deployed: float
    balanced: float
    groups: dict[str, float]
    answered: float
    answered_accuracy: float
    predicted: NDArray[np.int64]
    confidence: Numbers


def decision_shift(position: PanelPosition, shares: Numbers, assumed: Numbers) -> Numbers:
    """Return what is added to the log-probabilities of a classifier, (C,).

    That is ``-tau ln pi``, or, where decisions follow the deployment prior q, ``s ln pi - ln p0`` with s its exponent:
    ``ln q - ln p0`` up to a constant.

    Args:
        position: of the controls.
        shares: pi, of the training images, (C,), above 0.
        assumed: p0, the prior that the probabilities assume, (C,), above 0.

    Example:
        >>> decision_shift(PanelPosition(tau=1.0), np.array([0.5, 0.5]), np.array([0.5, 0.5])).round(3)
        array([0.693, 0.693])
    """
    if position.follow:
        return position.prior * np.log(shares) - np.log(assumed)
    return -position.tau * np.log(shares)


def exact_outcome(
    log_probabilities: Numbers,
    labels: NDArray[np.int64],
    shares: Numbers,
    assumed: Numbers,
    groups: dict[str, tuple[int, ...]],
    position: PanelPosition,
) -> PanelOutcome:
    """Return what the panel shows, computed from all scores.

    Args:
        log_probabilities: calibrated, (N, C).
        labels: true classes, (N,).
        shares: pi, of the training images, (C,), above 0.
        assumed: p0, (C,), above 0.
        groups: group -> its classes.
        position: of the controls.

    Example:
        >>> scores, half = np.log([[0.8, 0.2], [0.6, 0.4]]), np.array([0.5, 0.5])
        >>> position = PanelPosition(tau=1.0, prior=0.0, threshold=0.75)
        >>> outcome = exact_outcome(scores, np.array([0, 1]), np.array([0.8, 0.2]), half, {"few": (1,)}, position)
        >>> outcome.recalls, outcome.balanced, outcome.groups  # 0.8 / 0.8 = 0.2 / 0.2: the first wins; 0.75 < 2
        (array([100., 100.]), 100.0, {'few': 100.0})
    """
    scores = log_probabilities + decision_shift(position, shares, assumed)
    predicted = scores.argmax(axis=1)
    top = scores.max(axis=1)
    confidence = 1 / np.exp(scores - top[:, None]).sum(axis=1)
    return summarise(predicted, confidence, labels, shares, groups, position)


def summarise(
    predicted: NDArray[np.int64],
    confidence: Numbers,
    labels: NDArray[np.int64],
    shares: Numbers,
    groups: dict[str, tuple[int, ...]],
    position: PanelPosition,
) -> PanelOutcome:
    """Return what the panel shows of predictions; arguments as those of `exact_outcome`."""
    num_classes, correct, answered = len(shares), predicted == labels, confidence >= position.threshold
    images, hits, answers, answered_hits = (
        np.bincount(labels[mask], minlength=num_classes)
        for mask in (np.ones(len(labels), bool), correct, answered, correct & answered)
    )
    present = images > 0
    with np.errstate(invalid="ignore"):
        recalls = 100 * hits / images
    weights = np.where(present, shares**position.prior, 0)
    weights = weights / weights.sum()
    per_image = np.divide(weights, images, out=np.zeros(num_classes), where=present)
    answered_share = float(per_image @ answers)
    members = {name: [label for label in classes if present[label]] for name, classes in groups.items()}
    return PanelOutcome(
        recalls=recalls,
        deployed=float(100 * per_image @ hits),
        balanced=float(recalls[present].mean()),
        groups={name: float(recalls[classes].mean()) for name, classes in members.items() if classes},
        answered=100 * answered_share,
        answered_accuracy=100 * float(per_image @ answered_hits) / answered_share if answered_share else float("nan"),
        predicted=predicted,
        confidence=confidence,
    )
