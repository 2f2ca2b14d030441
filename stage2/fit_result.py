"""What every stage-two method gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from decouple.classifier import Classifier
from decouple.errors import ConfigError
from decouple.files.features import Features
from decouple.files.results import SelectionEntry

Splits = Mapping[str, Features]  # train, and val where there is one; methods never see the test split


class IncompatibleMethodError(ConfigError):
    """The method cannot be used for this run as it is; among all methods it is left out."""


@dataclass(frozen=True)
class Curve:
    """How the classes fare on validation as a knob turns."""

    hyperparameter: str
    values: tuple[float, ...]  # V settings of the knob
    recalls: Tensor  # (V, C) share of each class's images that are right, NaN for a class without images


@dataclass(frozen=True)
class FitResult:
    """A re-balanced classifier, and how its knobs were set."""

    classifier: Classifier
    selection: SelectionEntry = field(default_factory=SelectionEntry)
    curve: Curve | None = None
    saw_validation: bool = False  # fitted to training and validation images together
