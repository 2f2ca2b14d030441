"""What `--json` prints: a record for each kind of result, and its main table for `--csv`.

Percentages are numbers between 0 and 100, unrounded; null stands for a value that does not exist, such as the accuracy
of an empty group. Confusion matrices are left out: results.json in the run folder holds them.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from decouple.evaluation.comparison import MeanDifference, MetricCell, PairwiseTest
from decouple.evaluation.group_calibration import CalibrationErrors
from decouple.evaluation.group_metrics import GroupMetrics
from decouple.evaluation.metrics import Metrics
from decouple.evaluation.prediction_sets import SetReport
from decouple.evaluation.recall_intervals import RecallInterval
from decouple.files.results import MethodEntry, RecommendationEntry, Stage1Entry, StudyEntry
from decouple.files.run_dir import RunDir
from decouple.reporting.columns import RESULT_COLUMNS, value_of


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """The results of a run."""

    name: str
    path: str
    figures: str  # folder
    status: str
    stage1: dict[str, Stage1Entry]  # weights, last or best ->
    stage2: dict[str, dict[str, MethodEntry]]  # weights -> entry ->
    recommended: RecommendationEntry | None


@dataclass(frozen=True, kw_only=True)
class RunsRecord:
    """Result of `decouple stage1`, `stage2` and `quickstart`: the runs, one for each seed."""

    runs: tuple[RunRecord, ...]


@dataclass(frozen=True, kw_only=True)
class SearchRecord:
    """Result of `decouple tune ...`."""

    study: str
    searches: dict[str, StudyEntry]  # run that was searched ->
    runs: tuple[RunRecord, ...]  # with the best values: trained, or, where a classifier was searched, those searched


@dataclass(frozen=True, kw_only=True)
class EvaluationRecord:
    """Result of `decouple evaluate`."""

    run: str
    method: str
    weights: str
    split: str | None  # None: a folder of new images
    images: str | None  # that folder
    class_names: tuple[str, ...]
    group_scheme: str  # that --groups names
    groups: dict[str, GroupMetrics]  # group of the scheme -> its metrics
    metrics: Metrics  # of the bare logits; under another prior than the classifier assumes, of the shifted ones
    recalls: tuple[RecallInterval, ...]  # of each class
    prior: str  # classifier (what it assumes), train, uniform, or a file
    temperature: float
    calibrated_on: str | None  # held-out images, in words; None: not calibrated
    calibration: dict[str, dict[str, CalibrationErrors | None]]  # before, after, by_group (T) -> all, many, ... ->
    changing_priors: dict[str, float]  # name of a test prior -> accuracy in percent
    sets: SetReport | None
    unreadable: dict[str, str]  # path -> reason


@dataclass(frozen=True, kw_only=True)
class ComparisonRecord:
    """Result of `decouple compare`."""

    split: str
    weights: str
    images: int
    metrics: Sequence[MetricCell]
    pairs: Sequence[PairwiseTest]
    mean_differences: Sequence[MeanDifference]


def run_record(run: RunDir, weights: str | None = None, names: Sequence[str] | None = None) -> RunRecord:
    """Return the results of a run, of stage two those of `weights` and `names` alone where these are given."""
    results = run.read_results()
    stage2 = {
        checkpoint: {
            name: dataclasses.replace(entry, metrics=_without_confusion(entry.metrics))
            for name, entry in entries.items()
            if names is None or name in names
        }
        for checkpoint, entries in results.stage2.items()
        if weights in (None, checkpoint)
    }
    stage1 = {
        checkpoint: dataclasses.replace(entry, metrics=_without_confusion(entry.metrics))
        for checkpoint, entry in results.stage1.items()
    }
    return RunRecord(
        name=run.name,
        path=str(run.path),
        figures=str(run.path / "figures"),
        status=run.read_manifest().status,
        stage1=stage1,
        stage2=stage2,
        recommended=results.recommended,
    )


def runs_record(runs: Sequence[RunDir], weights: str | None = None, names: Sequence[str] | None = None) -> RunsRecord:
    """Return the results of several runs, see `run_record`."""
    return RunsRecord(runs=tuple(run_record(run, weights, names) for run in runs))


def run_rows(runs: Sequence[RunRecord]) -> list[dict[str, object]]:
    """Return a row for each classifier and split of the runs: stage one under its weights, then stage two."""
    rows: list[dict[str, object]] = []
    for run in runs:
        for weights, entry in run.stage1.items():
            rows += _split_rows({"run": run.name, "weights": weights, "classifier": "none"}, entry.metrics)
        for weights, entries in run.stage2.items():
            for name, method in entries.items():
                if method.method != "none":
                    rows += _split_rows({"run": run.name, "weights": weights, "classifier": name}, method.metrics)
    return rows


def trial_rows(searches: Mapping[str, StudyEntry]) -> list[dict[str, object]]:
    """Return a row for each trial."""
    return [
        {
            "run": run,
            "trial": trial.trial,
            **trial.values,
            **({} if trial.score is None else {entry.selection_metric: trial.score}),
            "balanced": trial.balanced,
            "tail": trial.tail,
            "seconds": trial.seconds,
            "ended": trial.ended,
            "best": trial.trial == entry.best_trial,
        }
        for run, entry in searches.items()
        for trial in entry.trials
    ]


def search_record(searched: Sequence[RunDir], study: str, runs: Sequence[RunRecord]) -> SearchRecord:
    """Return the search on some runs, and the runs with its best values."""
    searches = {run.name: run.read_results().tuning[study] for run in searched}
    return SearchRecord(study=study, searches=searches, runs=tuple(runs))


def without_confusion(metrics: Metrics) -> Metrics:
    """Return the metrics without the confusion matrix."""
    return {**metrics, "confusion": None}


def _without_confusion(metrics: Mapping[str, Metrics]) -> dict[str, Metrics]:
    return {split: without_confusion(values) for split, values in metrics.items()}


def _split_rows(names: Mapping[str, object], metrics: Mapping[str, Metrics]) -> list[dict[str, object]]:
    return [
        {**names, "split": split, **{column.heading: value_of(values, column) for column in RESULT_COLUMNS}}
        for split, values in metrics.items()
    ]
