"""What every stage-two method gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from decouple.features import Features
from decouple.head import Head

Splits = Mapping[str, Features]  # train, and val where there is one; methods never see the test split


@dataclass(frozen=True)
class Curve:
    """How the classes fare on validation as a knob turns."""

    knob: str
    values: tuple[float, ...]  # V settings of the knob
    recalls: Tensor  # (V, C) share of each class's images that are right, NaN for a class without images


@dataclass(frozen=True)
class Fitted:
    """A re-balanced classifier, and how its knobs were set."""

    head: Head
    chosen: dict[str, float | str] = field(default_factory=dict)  # knob: value, and by what it was chosen
    curve: Curve | None = None
