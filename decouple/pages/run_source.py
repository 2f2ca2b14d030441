"""What the parts of a page are computed from: a finished run, its recommended classifier, and its test scores."""

from dataclasses import dataclass

import numpy as np

from decouple.datasets.data import TEST
from decouple.evaluation.metrics import Metrics
from decouple.files.data_record import DataRecord
from decouple.files.features import Features
from decouple.files.results import MethodEntry, RecommendationEntry, Results
from decouple.files.run_checks import require_finished
from decouple.files.run_dir import RunDir
from decouple.pages.live_panel import Numbers
from decouple.pages.panel_data import MIN_SHARE
from decouple.pages.split_scores import SplitScores, score_split
from decouple.reporting.chosen_method import STAGE_ONE, best_method
from stage2.calibrated import CalibratedClassifier, load_calibrated
from stage2.recommendation import recommended_classifier
from stage2.saved_classifiers import STAGE_ONE_METHOD, open_evaluation_set, require_saved


@dataclass(frozen=True, eq=False)
class ScoredClassifier:
    """A classifier of the page with its predictions on the test split."""

    title: str
    calibrated: CalibratedClassifier
    scores: SplitScores


@dataclass(frozen=True, eq=False)
class RunSource:
    """A run, and the two classifiers that its page compares; they are the same where stage one is all there is."""

    run: RunDir
    checkpoint: str
    record: DataRecord
    results: Results
    recommended: RecommendationEntry
    test: Features
    stage_one: ScoredClassifier
    compared: ScoredClassifier

    @property
    def shares(self) -> Numbers:
        """The share of each class in the training images, (C,), above 0."""
        counts = np.maximum(np.asarray(self.record.class_counts, dtype=np.float64), MIN_SHARE)
        shares: Numbers = counts / counts.sum()
        return shares

    @property
    def classifiers(self) -> tuple[ScoredClassifier, ...]:
        """Stage one, and the other classifier if there is one."""
        if self.compared is self.stage_one:
            return (self.stage_one,)
        return (self.stage_one, self.compared)

    @property
    def entries(self) -> dict[str, MethodEntry]:
        """The entries of stage two, without the one that repeats stage one's classifier."""
        entries = self.results.stage2.get(self.checkpoint, {})
        return {name: entry for name, entry in entries.items() if entry.method != STAGE_ONE_METHOD}

    @property
    def metrics(self) -> dict[str, Metrics]:
        """The metrics of all classifiers on the test split, stage one first."""
        rows = {STAGE_ONE: self.results.stage1[self.checkpoint].metrics[TEST]}
        return rows | {name: entry.metrics[TEST] for name, entry in self.entries.items()}


def open_run_source(run: RunDir, *, checkpoint: str | None = None, method: str | None = None) -> RunSource:
    """Return what the page of a run is computed from.

    Args:
        run: the run.
        checkpoint: stage-one weights; default: the recommended ones.
        method: entry of stage two to compare with stage one; default: the recommended one.

    Raises:
        ConfigError: the run has no such classifier.
        RunError: the run is not finished, its test features are not cached, or a file is missing or damaged.
    """
    recommended = recommended_classifier(require_finished(run), checkpoint)
    checkpoint = recommended.checkpoint
    if method is not None:
        require_saved(run, checkpoint, method)
    test = open_evaluation_set(run, checkpoint, TEST).features
    stage_one = _scored(run, checkpoint, STAGE_ONE_METHOD, test)
    results = run.read_results()
    name = method or recommended.method
    if method is None and name == STAGE_ONE_METHOD:
        name = best_method(results, checkpoint) or STAGE_ONE_METHOD
    return RunSource(
        run=run,
        checkpoint=checkpoint,
        record=run.read_data(),
        results=results,
        recommended=recommended,
        test=test,
        stage_one=stage_one,
        compared=stage_one if name == STAGE_ONE_METHOD else _scored(run, checkpoint, name, test),
    )


def _scored(run: RunDir, checkpoint: str, name: str, features: Features) -> ScoredClassifier:
    calibrated = load_calibrated(run, checkpoint, name)
    title = STAGE_ONE if name == STAGE_ONE_METHOD else name
    return ScoredClassifier(title, calibrated, score_split(calibrated, features, run.read_data().group_counts))
