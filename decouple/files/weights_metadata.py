"""The metadata beside the weights of stage one."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class WeightsMetadata:
    """What the tensors of a file of weights do not say by themselves."""

    epoch: int  # that the weights are from; 0 for a run made of features
    classifier: Literal["linear", "cosine"]
    scale: float  # of cosines
    fitted_here: bool = False  # trained on given features for comparison alone: it is no classifier of stage one
