"""Everything that is known of a calibrated classifier from labelled features."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from decouple.deploy.decisions import Decider, SetOptions, make_decider
from decouple.evaluation.changing_priors import accuracy_under_priors
from decouple.evaluation.group_calibration import CalibrationErrors, calibration_errors
from decouple.evaluation.log_probabilities import log_probabilities, row_chunks
from decouple.evaluation.metrics import Metrics, evaluate
from decouple.evaluation.prediction_sets import SetReport, report_sets
from decouple.evaluation.priors import log_prior_ratio
from decouple.evaluation.recall_intervals import RecallInterval, class_recall_intervals
from decouple.files.data_record import DataRecord
from decouple.files.features import Features
from stage2.calibrated import CalibratedClassifier

MIN_SCORE = -1e30  # in place of -infinity, of a class that the prior excludes: metrics take finite scores

Calibration = dict[str, CalibrationErrors | None]  # all, many, medium, few ->


@dataclass(frozen=True, eq=False)
class DetailedEvaluation:
    """The result of `evaluate_calibrated`.

    Attributes:
        metrics: every metric of the scores: bare logits, or, with a deployment prior, calibrated and shifted ones.
        recalls: recall of each class with its interval.
        before: calibration errors at temperature 1.
        after: those at the temperature of the classifier.
        by_group: those with a temperature for each class group; all three under the same prior.
        changing_priors: name of a test prior -> accuracy, percent.
        sets: report on prediction sets, None where none are asked for.
    """

    metrics: Metrics
    recalls: tuple[RecallInterval, ...]
    before: Calibration
    after: Calibration
    by_group: Calibration
    changing_priors: dict[str, float]
    sets: SetReport | None


def evaluate_calibrated(
    calibrated: CalibratedClassifier,
    features: Features,
    record: DataRecord,
    *,
    deployment: NDArray[np.float64] | None = None,
    sets: SetOptions | None = None,
) -> DetailedEvaluation:
    """Return metrics, recalls, calibration, prediction sets and changing priors of a classifier on labelled features.

    Args:
        calibrated: the classifier.
        features: of N images, with their labels.
        record: of the run; its counts define groups and the order of the classes.
        deployment: class prior q, (C,); None: the one that the classifier assumes, which changes nothing.
        sets: prediction sets to report on.

    Raises:
        DataError: labels or priors do not fit, or there are no held-out images for the sets.
    """
    decider = make_decider(calibrated, record.class_counts, record.class_names, deployment=deployment, sets=sets)
    logits = calibrated.classifier.logits(features.features)
    scores = _scores(calibrated, logits, deployment)
    labels = features.labels.numpy()
    counts = np.asarray(record.group_counts)
    metrics = evaluate(scores, labels, counts)
    correct = scores.argmax(dim=1).numpy() == labels
    by_class = calibrated.group_temperatures(counts)
    confidences, members = _probabilities((1.0, by_class, calibrated.temperature), logits, labels, decider)
    before, by_group, after = (calibration_errors(*parts, labels, counts) for parts in confidences)
    return DetailedEvaluation(
        metrics=metrics,
        recalls=class_recall_intervals(labels, correct, len(record.class_names)),
        before=before,
        after=after,
        by_group=by_group,
        changing_priors=accuracy_under_priors(metrics["per_class"], record.class_counts).accuracies,
        sets=None if members is None else report_sets(members, labels),
    )


def _scores(calibrated: CalibratedClassifier, logits: Tensor, deployment: NDArray[np.float64] | None) -> Tensor:
    """Return scores (N, C): the logits as in every other evaluation, or shifted to another prior."""
    if deployment is None:
        return logits
    offset = log_prior_ratio(calibrated.assumed_prior, deployment, logits.shape[1])
    return logits / calibrated.temperature + torch.from_numpy(np.maximum(offset, MIN_SCORE)).float()


_Confidence = tuple[NDArray[np.float64], NDArray[np.bool_]]  # of the predicted class, and whether it is correct; (N,)


def _probabilities(
    temperatures: Sequence[float | NDArray[np.float64]], logits: Tensor, labels: NDArray[np.int64], decider: Decider
) -> tuple[list[_Confidence], NDArray[np.bool_] | None]:
    """Return the confidence at each temperature, and members of sets (N, C) at the last one, chunk by chunk.

    A temperature is one for all images, or one for each predicted class, (C,).
    """
    chunks: list[list[_Confidence]] = [[] for _ in temperatures]
    members = []
    for rows in row_chunks(*logits.shape):
        classes = logits[rows].argmax(dim=1).numpy()
        for temperature, parts in zip(temperatures, chunks, strict=True):
            assumed = log_probabilities(
                logits[rows], temperature if isinstance(temperature, float) else temperature[classes]
            )
            log_probs = decider.log_probabilities(assumed)
            predicted = log_probs.argmax(axis=1)
            confidence = np.exp(log_probs[np.arange(len(log_probs)), predicted]).clip(0, 1)
            parts.append((confidence, predicted == labels[rows]))
        if decider.sets is not None:
            members.append(decider.sets.members(decider.set_scores(assumed)))
    confidences = [(np.concatenate(one), np.concatenate(two)) for one, two in (zip(*p, strict=True) for p in chunks)]
    return confidences, np.concatenate(members) if members else None
