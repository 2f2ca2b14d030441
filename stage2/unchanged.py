"""No re-balancing: the stage-one classifier, as the row to compare with."""

from dataclasses import dataclass

from decouple.classifier import Head
from stage2.fit_result import FitResult, Splits


@dataclass(frozen=True, kw_only=True)
class Unchanged:
    """Stage one as it is.

    Source: plain training.
    Use: the row to compare with.
    """

    def fit(self, head: Head, splits: Splits) -> FitResult:
        """Return `head`."""
        del splits
        return FitResult(head)
