"""The accuracy of every class under stage one and under another classifier, ordered by training images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.class_counts import group_of_class, largest_first
from decouple.evaluation.recall_intervals import RecallInterval, class_recall_intervals
from decouple.files.data_record import DataRecord
from decouple.reporting.names import printable


@dataclass(frozen=True)
class ClassRow:
    """A class of the table."""

    label: int
    name: str  # printable
    group: str  # many, medium or few
    train_images: int
    stage_one: RecallInterval
    compared: RecallInterval

    @property
    def change(self) -> float | None:
        """Recall of the compared classifier minus that of stage one, in points."""
        if self.stage_one.recall is None or self.compared.recall is None:
            return None
        return self.compared.recall - self.stage_one.recall


def class_rows(
    record: DataRecord,
    labels: NDArray[np.int64],
    stage_one: NDArray[np.bool_],
    compared: NDArray[np.bool_],
) -> tuple[ClassRow, ...]:
    """Return a row for each class, the one with the most training images first.

    Args:
        record: classes and counts of the run.
        labels: true classes of the test images, (N,).
        stage_one: which of them stage one's classifier has right, (N,).
        compared: the same of the other classifier.
    """
    before, after = (
        class_recall_intervals(labels, correct, len(record.class_names)) for correct in (stage_one, compared)
    )
    groups = group_of_class(record.groups)
    return tuple(
        ClassRow(
            label=label,
            name=printable(record.class_names[label]),
            group=groups.get(label, ""),
            train_images=record.class_counts[label],
            stage_one=before[label],
            compared=after[label],
        )
        for label in largest_first(record.class_counts).tolist()
    )
