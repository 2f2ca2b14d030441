"""What a page needs of a calibrated classifier on a split: a few numbers per image, from one pass over its features."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.evaluation.log_probabilities import log_probabilities
from decouple.files.features import Features
from stage2.calibrated import CalibratedClassifier

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SplitScores:
    """The predictions of a classifier on N images.

    Attributes:
        predicted: class with the highest score, of equal ones the first, (N,) int64.
        confidence: calibrated probability of `predicted`, (N,).
        group_confidence: the same with a temperature for each class group, (N,).
        raw_confidence: the same before calibration, with a temperature of 1, (N,).
        label_probability: calibrated probability of the true class, (N,).
        correct: whether `predicted` is the true class, (N,).
    """

    predicted: NDArray[np.int64]
    confidence: Numbers
    group_confidence: Numbers
    raw_confidence: Numbers
    label_probability: Numbers
    correct: NDArray[np.bool_]


def score_split(calibrated: CalibratedClassifier, features: Features, group_counts: tuple[int, ...]) -> SplitScores:
    """Return the predictions of a calibrated classifier on the images of a split.

    Args:
        calibrated: the classifier.
        features: of the split, with its labels.
        group_counts: training images per class, (C,); they define the class groups.
    """
    chunks, by_class = [], calibrated.group_temperatures(group_counts)
    for chunk, labels in features.chunks():
        logits, truth, rows = calibrated.classifier.logits(chunk), labels.numpy(), np.arange(len(labels))
        predicted = logits.numpy().argmax(axis=1)
        log_probs = log_probabilities(logits, calibrated.temperature)
        by_group, raw = log_probabilities(logits, by_class[predicted]), log_probabilities(logits)
        chunks.append((
            predicted, np.exp(log_probs[rows, predicted]), np.exp(by_group[rows, predicted]),
            np.exp(raw[rows, predicted]), np.exp(log_probs[rows, truth]), predicted == truth,
        ))  # fmt: skip
    return SplitScores(*(np.concatenate(arrays) for arrays in zip(*chunks, strict=True)))
