"""From features and a classifier to metrics."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN
from decouple.evaluation.metrics import Metrics, evaluate
from decouple.files.features import Features


def score(classifier: Classifier, found: Features, group_counts: Sequence[int]) -> Metrics:
    """Return every metric of a classifier on a split; `group_counts` (C,) defines many, medium, few."""
    logits = classifier.logits(found.features)
    return evaluate(logits.numpy(), found.labels.numpy(), np.asarray(group_counts, dtype=np.int64))


def score_splits(classifier: Classifier, splits: Mapping[str, Features], group_counts: Sequence[int]) -> dict[str, Any]:
    """Return the metrics on every split but the training one, and the norms of the class weights, where it has any."""
    scored: dict[str, Any] = {
        name: score(classifier, found, group_counts) for name, found in splits.items() if name != TRAIN
    }
    scored["weight_norms"] = None if classifier.neighbours is not None else classifier.weight.norm(dim=1).tolist()
    return scored
