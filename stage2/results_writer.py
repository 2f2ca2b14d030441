"""The output of stage two in a run: classifier, metrics, selection, and the comparison with stage one."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
from stage2.fit_result import FitResult, HyperparameterCurve
from stage2.held_out import held_out_file
from stage2.method import Method


@dataclass(frozen=True)
class ResultsWriter:
    """The run that results go to, and what all methods are compared with; read once for all methods."""

    run: RunDir
    checkpoint: str  # stage-one weights, last or best
    before: Classifier  # stage one's classifier
    splits: Mapping[str, Features]  # all, the test split too
    fingerprint: str  # of the stage-one weights
    group_counts: Sequence[int]  # (C,), they define many, medium, few
    views: int | str  # of the training images that trained methods visit, see `Stage2Config`

    def add(
        self, name: str, method: Method, result: FitResult, seconds: float, *, entry_name: str | None = None
    ) -> None:
        """Write the classifier and the results entry of a method.

        A method that was fitted to the validation images too gets no metrics on them. Stored out-of-fold logits of an
        earlier entry of the name are deleted.

        Args:
            name: of the method in the table.
            method: its settings.
            result: of its fit.
            seconds: that the fit has taken.
            entry_name: the name of the entry and of the classifier's file, so that a run can have several of one
                method; default: the method's name.
        """
        entry_name = entry_name or name
        held_out_file(self.run, self.checkpoint, entry_name).unlink(missing_ok=True)
        write_classifier(
            self.run.classifier(self.checkpoint, entry_name), result.classifier, f"{self.fingerprint}-{entry_name}"
        )
        evaluated = {
            split: features for split, features in self.splits.items() if split != VAL or not result.saw_validation
        }
        entry = MethodEntry(
            method=name,
            settings=dataclasses.asdict(method),
            selection=result.selection,
            seconds=round(seconds, 4),
            features=self._features_read(method),
            metrics=score_splits(result.classifier, evaluated, self.group_counts),
            weight_norms=weight_norms(result.classifier) if method.has_weight_norms else None,
            curve=None if result.curve is None else curve_by_group(result.curve, self.group_counts),
            against_stage1=_compare(result.classifier, self.before, self.splits[TEST]),
        )
        record_method(self.run.results, self.checkpoint, entry_name, entry)

    def _features_read(self, method: Method) -> FeaturesEntry:
        precision = str(self.splits[TRAIN].stored.dtype).removeprefix("torch.")
        return FeaturesEntry(precision=precision, views=self.views if method.trained else 1)


def open_results_writer(
    run: RunDir, checkpoint: str, before: Classifier, splits: Mapping[str, Features], views: int | str = 1
) -> ResultsWriter:
    """Return a writer to the results of a run under the stage-one weights `checkpoint`."""
    counts = run.read_data().group_counts
    return ResultsWriter(run, checkpoint, before, splits, weights_fingerprint(run, checkpoint), counts, views)


def curve_by_group(curve: HyperparameterCurve, group_counts: Sequence[int]) -> CurveEntry:
    """Return validation accuracies in percent over the values of the hyper-parameter: balanced, many, medium, few."""
    accuracy: dict[str, tuple[float | None, ...]] = {}
    groups = class_groups(np.asarray(group_counts, dtype=np.int64), "many_medium_few")
    for name, classes in {"balanced": np.arange(len(group_counts)), **groups}.items():
        means = curve.recalls[:, classes].nanmean(dim=1).tolist()
        accuracy[name] = tuple(None if mean != mean else 100 * mean for mean in means)
    return CurveEntry(hyperparameter=curve.hyperparameter, values=curve.values, accuracy=accuracy)


def _compare(classifier: Classifier, before: Classifier, test: Features) -> PairedComparison:
    """Compare with stage one on the same test images: paired bootstrap and exact McNemar."""
    after, stage1 = (
        (compared.logits(test.features).argmax(dim=1) == test.labels).numpy() for compared in (classifier, before)
    )
    return compare_paired(after, stage1, test.labels.numpy())
