"""No re-balancing: the stage-one classifier, as the row to compare with."""

from dataclasses import dataclass
from typing import ClassVar

from decouple.classifier import Classifier
from stage2.fit_result import FeatureSplits, FitResult
from stage2.method import PriorSource


@dataclass(frozen=True, kw_only=True)
class Unchanged:
    """Stage one as it is.

    Source: plain training.
    Use: the row to compare with.

    Example:
        >>> import torch
        >>> from decouple.files.features import Features
        >>> classifier = Classifier("linear", torch.eye(2))
        >>> train = Features(torch.eye(2), torch.tensor([0, 1]))
        >>> Unchanged().fit(classifier, {"train": train}).classifier is classifier
        True
    """

    needs_classifier: ClassVar[bool] = True
    reads_features: ClassVar[bool] = False
    trained: ClassVar[bool] = False
    has_weight_norms: ClassVar[bool] = True
    prior: ClassVar[PriorSource] = "stage1"
    searchable: ClassVar[bool] = False

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        """Return `classifier` itself; `splits` are not read."""
        del splits
        return FitResult(classifier)
