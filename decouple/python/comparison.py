"""A comparison of classifiers as an object."""

from dataclasses import dataclass

import pandas as pd

from decouple.evaluation.comparison import MetricCell, PairwiseTest


@dataclass(frozen=True)
class Comparison:
    """Classifiers on the same images.

    Attributes:
        cells: a metric of a classifier with its interval, each.
        tests: a pair of classifiers each, with differences and the exact McNemar test.
        images: how many they were compared on.
    """

    cells: tuple[MetricCell, ...]
    tests: tuple[PairwiseTest, ...]
    images: int

    def frame(self) -> pd.DataFrame:
        """Return a row for each classifier and a column for each metric, in percent."""
        table = pd.DataFrame(self.cells)
        order = list(dict.fromkeys(table["classifier"])), list(dict.fromkeys(table["figure"]))
        return table.pivot(index="classifier", columns="figure", values="value").loc[order[0], order[1]]

    def intervals(self) -> pd.DataFrame:
        """Return a row for each classifier and metric: value, deviation over seeds, 95 % interval."""
        return pd.DataFrame(self.cells).set_index(["classifier", "figure"])

    def differences(self) -> pd.DataFrame:
        """Return a row for each pair: differences a - b in percentage points with intervals, and p values."""
        return pd.DataFrame(self.tests).set_index(["a", "b"])

    def __repr__(self) -> str:
        classifiers = list(dict.fromkeys(cell["classifier"] for cell in self.cells))
        return f"Comparison({len(classifiers)} classifiers on {self.images:,} images: {', '.join(classifiers)})"
