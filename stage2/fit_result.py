"""What a stage-two method returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from decouple.classifier import Classifier
from decouple.errors import ConfigError
from decouple.files.features import Features
from decouple.files.results import SelectionEntry

FeatureSplits = Mapping[str, Features]  # train, and val where there is one; no method reads the test split


class IncompatibleMethodError(ConfigError):
    """The method cannot be used for this run as it is; among all methods it is left out."""


@dataclass(frozen=True)
class HyperparameterCurve:
    """The recalls of the classes on validation over the values of a hyper-parameter."""

    hyperparameter: str
    values: tuple[float, ...]  # (V,)
    recalls: Tensor  # (V, C) in [0, 1], NaN for a class without images


@dataclass(frozen=True)
class FitResult:
    """A re-balanced classifier, and how its hyper-parameters were selected."""

    classifier: Classifier
    selection: SelectionEntry = field(default_factory=SelectionEntry)
    curve: HyperparameterCurve | None = None
    saw_validation: bool = False  # fitted to training and validation images together
