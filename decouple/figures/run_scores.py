"""The probabilities that a classifier of a run gives the images of a split."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.config.weights_option import Weights
from decouple.evaluation.log_probabilities import log_probabilities
from decouple.figures.sources import LabelledRun
from decouple.files.features import Features
from stage2.feature_cache import load_features
from stage2.saved_classifiers import load_saved_classifier
from stage2.settings import Stage2Config


@dataclass(frozen=True, eq=False)
class SplitScores:
    """Probabilities and true classes of the images of a split."""

    probabilities: NDArray[np.float64]  # (N, C)
    labels: NDArray[np.int64]  # (N,)


def run_features(training: LabelledRun, weights: Weights) -> dict[str, Features]:
    """Return the features of every split under the first seed; computed now where they are not cached."""
    settings = Stage2Config(weights=weights)
    return load_features(training.run, settings)


def split_scores(training: LabelledRun, method: str, *, weights: Weights, split: str) -> SplitScores:
    """Return the scores of the classifier `method` of the first seed ("none": stage one's) on a split."""
    features = run_features(training, weights)[split]
    classifier = load_saved_classifier(training.run, weights, training.entry(method, weights))
    logits = np.concatenate([classifier.logits(chunk).numpy() for chunk, _ in features.chunks()])
    return SplitScores(np.exp(log_probabilities(logits)), features.labels.numpy())
