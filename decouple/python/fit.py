"""The result of a fit as an object."""

from dataclasses import dataclass

import pandas as pd

from decouple.python.run import Run


@dataclass(frozen=True)
class Fit:
    """What `decouple.fit` has made.

    Attributes:
        run: the recommended run, for `predict`, `export` and `report`.
        runs: all runs of the fit, in the order in which they were made.
        reason: why this run is recommended.
        conclusions: what was found, what it means for the rarest and the worst classes, what to photograph next.
    """

    run: Run
    runs: tuple[Run, ...]
    reason: str
    conclusions: tuple[str, ...]

    def frame(self, split: str = "test") -> pd.DataFrame:
        """Return the metrics of all classifiers of all runs in percent: run, weights and method in the index."""
        return pd.concat({run.name: run.frame(split) for run in self.runs}, names=["run"])

    def __repr__(self) -> str:
        return "\n".join([f"Fit({self.run!r})", *self.conclusions])
