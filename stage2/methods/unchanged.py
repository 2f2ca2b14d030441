"""No re-balancing: the stage-one classifier, as the row to compare with."""

from dataclasses import dataclass

from decouple.classifier import Classifier
from stage2.fit_result import FitResult, Splits


@dataclass(frozen=True, kw_only=True)
class Unchanged:
    """Stage one as it is.

    Source: plain training.
    Use: the row to compare with.
    """

    def fit(self, classifier: Classifier, splits: Splits) -> FitResult:
        """Return `classifier`."""
        del splits
        return FitResult(classifier)
