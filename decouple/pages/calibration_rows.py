"""Calibration errors of a classifier by class group, before and after its temperature; accuracy under other priors."""

from collections.abc import Mapping
from dataclasses import dataclass

from decouple.evaluation.changing_priors import accuracy_under_priors
from decouple.evaluation.group_calibration import CalibrationErrors, calibration_errors
from decouple.evaluation.metrics import Metrics
from decouple.pages.run_source import RunSource


@dataclass(frozen=True)
class CalibrationRow:
    """Calibration errors of a group of test images, as shares."""

    group: str  # or all
    before: CalibrationErrors
    after: CalibrationErrors
    by_group: CalibrationErrors  # with a temperature for each class group


def calibration_rows(source: RunSource) -> tuple[CalibrationRow, ...]:
    """Return the errors of all test images and of each group that has some, for the compared classifier."""
    scores, labels, counts = source.compared.scores, source.test.labels.numpy(), source.record.group_counts
    before, after, by_group = (
        calibration_errors(confidence, scores.correct, labels, counts)
        for confidence in (scores.raw_confidence, scores.confidence, scores.group_confidence)
    )
    return tuple(
        CalibrationRow(group, one, two, three)
        for group, one in before.items()
        if one is not None and (two := after[group]) is not None and (three := by_group[group]) is not None
    )


@dataclass(frozen=True)
class PriorTable:
    """Accuracy in percent where the classes occur as in other priors."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]  # title of a classifier, its accuracies


def prior_table(metrics: Mapping[str, Metrics], titles: tuple[str, ...], group_counts: tuple[int, ...]) -> PriorTable:
    """Return the accuracies of some classifiers under priors from long-tailed through uniform to reversed.

    Args:
        metrics: title of each classifier -> its test metrics.
        titles: of the classifiers to show.
        group_counts: training images per class, (C,).
    """
    results = {title: accuracy_under_priors(metrics[title]["per_class"], group_counts).accuracies for title in titles}
    headings = tuple(next(iter(results.values())))
    return PriorTable(headings, tuple((title, tuple(row.values())) for title, row in results.items()))
