"""Metrics of a classifier on features."""

from collections.abc import Mapping, Sequence

import numpy as np

from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN
from decouple.evaluation.metrics import Metrics, evaluate
from decouple.files.features import Features


def score(classifier: Classifier, features: Features, group_counts: Sequence[int]) -> Metrics:
    """Return every metric of a classifier on a split; `group_counts` (C,) defines many, medium, few."""
    logits = classifier.logits(features.features)
    return evaluate(logits, features.labels, np.asarray(group_counts, dtype=np.int64))


def score_splits(
    classifier: Classifier, splits: Mapping[str, Features], group_counts: Sequence[int]
) -> dict[str, Metrics]:
    """Return the metrics on every split but the training one."""
    return {name: score(classifier, features, group_counts) for name, features in splits.items() if name != TRAIN}


def weight_norms(classifier: Classifier) -> tuple[float, ...] | None:
    """Return the norms of the class weights (C,), or None where there are none."""
    return None if classifier.neighbours is not None else tuple(classifier.weight.norm(dim=1).tolist())
