"""What stage two leaves in a run: classifier, metrics, choices, and the comparison with stage one."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from decouple.class_counts import class_groups
from decouple.classifier import Classifier, write_classifier
from decouple.datasets.data import TEST, TRAIN, VAL
from decouple.evaluation.scoring import score_splits, weight_norms
from decouple.evaluation.statistics import PairedComparison, compare_paired
from decouple.files.features import Features
from decouple.files.results import CurveEntry, FeaturesEntry, MethodEntry, record_method
from decouple.files.run_dir import RunDir
from stage1.extract import weights_fingerprint
from stage2.fit_loop import FitSettings
from stage2.fit_result import FitResult, HyperparameterCurve


@dataclass(frozen=True)
class ResultsWriter:
    """Where the results of one call go, and what all of them are compared with; read once for all methods."""

    run: RunDir
    checkpoint: str  # stage-one weights, last or best
    before: Classifier  # stage one's classifier
    splits: Mapping[str, Features]  # all, the test split too
    fingerprint: str  # of the stage-one weights
    group_counts: Sequence[int]  # (C,), they define many, medium, few
    views: int | str  # of the training images that trained methods visit, see `Stage2Config`

    def add(
        self, name: str, settings: Any, fitted: FitResult, seconds: float, *, entry_name: str | None = None
    ) -> None:
        """Write the classifier and the results entry of a method; `settings` is its dataclass.

        They go under the method's name, or under what it is `entry_name`, so that a run can keep several of one method.
        A method that was fitted to the validation images too has no figures on them.
        """
        entry_name = entry_name or name
        write_classifier(
            self.run.classifier(self.checkpoint, entry_name), fitted.classifier, f"{self.fingerprint}-{entry_name}"
        )
        evaluated = {split: rows for split, rows in self.splits.items() if split != VAL or not fitted.saw_validation}
        entry = MethodEntry(
            method=name,
            settings=dataclasses.asdict(settings),
            selection=fitted.selection,
            seconds=round(seconds, 4),
            features=self._features_read(settings),
            metrics=score_splits(fitted.classifier, evaluated, self.group_counts),
            weight_norms=weight_norms(fitted.classifier),
            curve=None if fitted.curve is None else curve_by_group(fitted.curve, self.group_counts),
            against_stage1=_compare(fitted.classifier, self.before, self.splits[TEST]),
        )
        record_method(self.run.results, self.checkpoint, entry_name, entry)

    def _features_read(self, settings: Any) -> FeaturesEntry:
        precision = str(self.splits[TRAIN].stored.dtype).removeprefix("torch.")
        return FeaturesEntry(precision=precision, views=self.views if isinstance(settings, FitSettings) else 1)


def open_results_writer(
    run: RunDir, checkpoint: str, before: Classifier, splits: Mapping[str, Features], views: int | str = 1
) -> ResultsWriter:
    """Return the records of a run under the stage-one weights `checkpoint`."""
    counts = run.read_data().group_counts
    return ResultsWriter(run, checkpoint, before, splits, weights_fingerprint(run, checkpoint), counts, views)


def curve_by_group(curve: HyperparameterCurve, group_counts: Sequence[int]) -> CurveEntry:
    """Return validation accuracies in percent over the values of the hyper-parameter: balanced, many, medium, few."""
    rows: dict[str, tuple[float | None, ...]] = {}
    groups = class_groups(np.asarray(group_counts, dtype=np.int64), "many_medium_few")
    for name, members in {"balanced": np.arange(len(group_counts)), **groups}.items():
        means = curve.recalls[:, members].nanmean(dim=1).tolist()
        rows[name] = tuple(None if mean != mean else 100 * mean for mean in means)
    return CurveEntry(hyperparameter=curve.hyperparameter, values=curve.values, accuracy=rows)


def _compare(classifier: Classifier, before: Classifier, test: Features) -> PairedComparison:
    """Compare with stage one on the same test images: paired bootstrap and exact McNemar."""
    right = [(each.logits(test.features).argmax(dim=1) == test.labels).numpy() for each in (classifier, before)]
    return compare_paired(right[0], right[1], test.labels.numpy())
