"""A search of hyper-parameters as an object."""

from dataclasses import dataclass

import pandas as pd

from decouple.files.results import HyperparameterValue, StudyEntry
from decouple.python.run import Run


@dataclass(frozen=True)
class Study:
    """A finished search.

    Attributes:
        run: whose results hold the search.
        entry: trials and best values, as in results.json.
        retrained: runs that were trained with the best values; none where that was not asked for.
    """

    run: Run
    entry: StudyEntry
    retrained: tuple[Run, ...] = ()

    @property
    def best(self) -> dict[str, HyperparameterValue]:
        """The best values."""
        return self.entry.best

    def frame(self) -> pd.DataFrame:
        """Return a row for each trial: its values, balanced and tail accuracy in percent, seconds, how it ended."""
        rows = [
            {"trial": trial.trial, **trial.values, "balanced": trial.balanced, "tail": trial.tail}
            | ({} if trial.score is None else {self.entry.selection_metric: trial.score})
            | {"seconds": trial.seconds, "ended": trial.ended}
            for trial in self.entry.trials
        ]
        return pd.DataFrame(rows).set_index("trial")

    def __repr__(self) -> str:
        best = ", ".join(
            f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in self.best.items()
        )
        return (
            f"Study({len(self.entry.trials)} trials, best {best}: {self.entry.selection_metric} "
            f"{self.entry.objective:.2f} % on validation)"
        )
