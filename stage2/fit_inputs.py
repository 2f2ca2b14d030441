"""Checks of the inputs of a stage-two method's `fit`: each refusal is one sentence."""

from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import Tensor

from decouple.checks import require_instance, require_shape
from decouple.classifier import Classifier
from decouple.datasets.data import TRAIN
from decouple.errors import ConfigError, DataError
from decouple.files.features import Features
from stage2.fit_result import FeatureSplits

Value = TypeVar("Value")

CPU = torch.device("cpu")  # where stage two computes: its features are files that are mapped into memory


def training_split(classifier: Classifier, splits: FeatureSplits, *, reads_features: bool = True) -> Features:
    """Return the training split after checking that it goes with the classifier.

    Args:
        classifier: of stage one.
        splits: see `Method.fit`.
        reads_features: False: check the labels alone, since the features may be left out.

    Raises:
        DataError: it is missing, has no images or another shape, holds a label that is no class, or is not on the CPU.
    """
    require_instance("splits", splits, Mapping)
    if TRAIN not in splits:
        raise DataError(f"`splits` must hold '{TRAIN}', got {', '.join(splits) or 'none'}")
    require_features(TRAIN, splits[TRAIN], classifier, reads_features=reads_features)
    return splits[TRAIN]


def require_class_weights(classifier: Classifier) -> None:
    """Check that a classifier is on the CPU and has a row of weights for each class.

    Raises:
        DataError: it is not, or it is one of nearest neighbours.
    """
    require_instance("classifier", classifier, Classifier)
    if classifier.neighbours is not None:
        raise DataError("stage two starts from a classifier with class weights, got one of nearest neighbours")
    _require_cpu("classifier", classifier.weight)


def require_features(split: str, features: Features, classifier: Classifier, *, reads_features: bool = True) -> None:
    """Check that features and labels of a split go with a classifier, see `training_split`.

    Raises:
        DataError: they do not.
    """
    require_class_weights(classifier)
    require_instance(split, features, Features)
    _require_labels(f"{split}_labels", features.labels, len(classifier.weight))
    if reads_features:
        _require_cpu(f"{split}_features", features.stored)
        require_shape(f"{split}_features", features.stored, (len(features.labels), classifier.weight.shape[1]))


def require_finite(values: Tensor) -> None:
    """Check what was computed from features alone, which is cheaper than another pass through them.

    Raises:
        DataError: a value is infinite or NaN.
    """
    if not values.isfinite().all():
        raise DataError("the features of the training images are not finite numbers; compute them again")


def _require_labels(name: str, labels: Tensor, num_classes: int) -> None:
    _require_cpu(name, labels)
    require_shape(name, labels, ("N",))
    if not len(labels):
        raise DataError(f"`{name}` must have one image or more, got none")
    if labels.dtype != torch.int64:
        raise DataError(f"`{name}` must be int64, got {str(labels.dtype).removeprefix('torch.')}")
    low, high = (int(label) for label in labels.aminmax())
    if low < 0 or high >= num_classes:
        raise DataError(
            f"`{name}` must be between 0 and {num_classes - 1} for a classifier of {num_classes} classes, "
            f"got {low if low < 0 else high}"
        )


def _require_cpu(name: str, tensor: Tensor) -> None:
    if tensor.device != CPU:
        raise DataError(f"stage two computes on the CPU, but `{name}` is on {tensor.device}; move it with .cpu()")


def selected_value(name: str, value: Value | None) -> Value:
    """Return the value of a hyper-parameter, which is None as long as it has not been selected.

    Raises:
        ConfigError: it is None.
    """
    if value is None:
        raise ConfigError(f"`{name}` must be given, or selected on held-out images by stage2.selection.choose")
    return value
