"""The metrics of a classifier on a split or on a labelled folder, as an object."""

from dataclasses import dataclass

import pandas as pd

from decouple.reporting.columns import RESULT_COLUMNS, value_of
from decouple.reporting.result_records import EvaluationRecord


@dataclass(frozen=True)
class Evaluation:
    """A classifier, evaluated.

    Attributes:
        record: everything, as `decouple evaluate --json` prints it.
    """

    record: EvaluationRecord

    def frame(self) -> pd.DataFrame:
        """Return a row for each class: recall in percent, its 95 % interval, images, and whether these are few."""
        rows = [
            {
                "class": name,
                "recall": recall.recall,
                "low": recall.low,
                "high": recall.high,
                "images": recall.images,
                "few_images": recall.few_images,
            }
            for name, recall in zip(self.record.class_names, self.record.recalls, strict=True)
        ]
        return pd.DataFrame(rows).set_index("class")

    def groups(self) -> pd.DataFrame:
        """Return a row for each class group: recall, micro accuracy and F1 in percent, intervals, and loss in nats."""
        return pd.DataFrame.from_dict(self.record.groups, orient="index").rename_axis("group")

    def metrics(self) -> dict[str, float | None]:
        """Return accuracy, balanced accuracy, those of the groups, macro-F1 and calibration error in percent."""
        return {column.heading: value_of(dict(self.record.metrics), column) for column in RESULT_COLUMNS}

    def __repr__(self) -> str:
        metrics = self.record.metrics
        low, high = metrics["intervals"]["balanced"]
        source = self.record.images or self.record.split
        return (
            f"Evaluation({self.record.method} on {metrics['images']:,} images of {source}: "
            f"balanced accuracy {metrics['balanced']:.1f} % [{low:.1f}, {high:.1f}])"
        )
