"""From calibrated probabilities to decisions: classes under a deployment prior, abstention, prediction sets."""

import dataclasses
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from decouple.checks import require_choice, require_number
from decouple.errors import DataError
from decouple.evaluation.prediction_sets import SetRule, SetScore, calibrate_sets
from decouple.evaluation.priors import as_prior, under_prior
from stage2.calibrated import CalibratedClassifier

TOP = 5  # classes that are listed for an image

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Decisions:
    """What is decided for B images; K is 5, or C if that is less.

    Attributes:
        classes: the K most probable classes, most probable first, of equal ones the lower index, (B, K).
        probabilities: theirs, (B, K).
        margins: probability of the first class less that of the second, (B,); 1 with a single class.
        abstained: whether the first class is less probable than the limit, (B,).
        members: whether each class is in the prediction set, (B, C); None where no sets are made.
    """

    classes: NDArray[np.int64]
    probabilities: Floats
    margins: Floats
    abstained: NDArray[np.bool_]
    members: NDArray[np.bool_] | None


@dataclass(frozen=True)
class SetOptions:
    """The prediction sets to be made, see `decouple.evaluation.prediction_sets.calibrate_sets`.

    Raises:
        ConfigError: the coverage is not between 0 and 1, or there is no such score.
    """

    coverage: float
    score: str = "probability"

    def __post_init__(self) -> None:
        require_number("sets", self.coverage, above=0, below=1, usual="0.9 is usual")
        require_choice("set_score", self.score, get_args(SetScore))


@dataclass(frozen=True, eq=False)
class Decider:
    """Makes decisions from the log-probabilities of one classifier.

    Attributes:
        assumed: class prior p0 that the log-probabilities assume, (C,).
        deployment: class prior q where the classifier is used, (C,).
        train: shares of the training images, (C,), which the score "pas" of prediction sets refers to.
        class_names: (C,), for messages.
        abstain: the class is left out below this probability; 0: never.
        sets: rule of the prediction sets, None for no sets.
        set_score: the score of the rule.
    """

    assumed: Floats
    deployment: Floats
    train: Floats
    class_names: tuple[str, ...]
    abstain: float = 0.0
    sets: SetRule | None = None
    set_score: str = "probability"

    def log_probabilities(self, assumed_log_probs: Floats) -> Floats:
        """Return log-probabilities under the deployment prior: those under the assumed one, (B, C) -> (B, C)."""
        return under_prior(assumed_log_probs, self.assumed, self.deployment, class_names=self.class_names)

    def set_scores(self, assumed_log_probs: Floats) -> Floats:
        """Return the log-probabilities that prediction sets are made from, (B, C).

        The score "pas" is p(y|x) / pi_y under the prior pi of the training images, whatever the deployment prior.
        """
        prior = self.train if self.set_score == "pas" else self.deployment
        return under_prior(assumed_log_probs, self.assumed, prior, class_names=self.class_names)

    def decide(self, assumed_log_probs: Floats) -> Decisions:
        """Return the decisions of images from their log-probabilities under the assumed prior, (B, C)."""
        log_probs = self.log_probabilities(assumed_log_probs)
        classes = _largest(log_probs, min(TOP, log_probs.shape[1]))
        probabilities = np.exp(np.take_along_axis(log_probs, classes, axis=1))
        second = probabilities[:, 1] if probabilities.shape[1] > 1 else np.zeros(len(probabilities))
        members = None if self.sets is None else self.sets.members(self.set_scores(assumed_log_probs))
        return Decisions(
            classes, probabilities, probabilities[:, 0] - second, probabilities[:, 0] < self.abstain, members
        )


def make_decider(
    calibrated: CalibratedClassifier,
    class_counts: tuple[int, ...],
    class_names: tuple[str, ...],
    *,
    deployment: Floats | None = None,
    abstain: float = 0.0,
    sets: SetOptions | None = None,
) -> Decider:
    """Return what makes decisions from the log-probabilities of a classifier under its assumed prior.

    Args:
        calibrated: the classifier.
        class_counts: training images per class, (C,).
        class_names: (C,).
        deployment: class prior where it is used, (C,); None: the one that it assumes, which changes nothing.
        abstain: see `Decider`.
        sets: prediction sets; their threshold is that of the held-out images of the classifier.

    Raises:
        DataError: there are no held-out images for sets, or too few for the coverage.
    """
    decider = Decider(
        assumed=calibrated.assumed_prior,
        deployment=calibrated.assumed_prior if deployment is None else deployment,
        train=as_prior("class_counts", class_counts),
        class_names=class_names,
        abstain=abstain,
        set_score="probability" if sets is None else sets.score,
    )
    if sets is None:
        return decider
    held_out = calibrated.held_out
    if held_out is None:
        raise DataError(
            "`sets` needs images that the classifier was not fitted to, and the run has none; "
            "train with a validation split (`val_fraction`)"
        )
    scores = decider.set_scores(calibrated.held_out_log_probabilities())
    prior = decider.train if sets.score == "pas" else None
    rule = calibrate_sets(scores, held_out.labels, sets.coverage, score=sets.score, prior=prior)
    return dataclasses.replace(decider, sets=rule)


def _largest(values: Floats, count: int) -> NDArray[np.int64]:
    """Return the columns of the `count` largest values of each row, largest first, of equal ones the lower index."""
    if count * 8 >= values.shape[1]:
        return np.argsort(-values, axis=1, kind="stable")[:, :count]
    limits = np.partition(values, -count, axis=1)[:, -count, None]  # all values at the limit are candidates
    rows = []
    for row, limit in zip(values, limits, strict=True):
        candidates = np.flatnonzero(row >= limit)
        rows.append(candidates[np.argsort(-row[candidates], kind="stable")[:count]])
    return np.array(rows, dtype=np.int64).reshape(len(values), count)
