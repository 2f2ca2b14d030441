"""results.json: every metric of a run, by section.

stage1: weights (last, best) -> `Stage1Entry`; stage2: weights -> entry -> `MethodEntry`; stage2_seeds: weights -> entry
-> a `SeedEntry` for each seed; tuning: study -> `StudyEntry`; recommended: a `RecommendationEntry`. An entry of stage
two has the name of its method, unless the caller gave it another one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeVar

from decouple.errors import DataError
from decouple.evaluation.metrics import Metrics
from decouple.evaluation.statistics import PairedComparison
from decouple.files.json_records import as_read, parse_record, read_json, read_once
from decouple.files.stored_metrics import check_stored_metrics

HyperparameterValue = float | str  # whole numbers included
Entry = TypeVar("Entry")


@dataclass(frozen=True, kw_only=True)
class Stage1Entry:
    """Stage one's classifier under one set of weights."""

    epoch: int  # that the weights are from; 0 for a run made of features
    metrics: dict[str, Metrics]  # split other than train -> its metrics
    weight_norms: tuple[float, ...] | None  # (C,); None where there are no class weights

    def __post_init__(self) -> None:
        check_stored_metrics(self.metrics)


@dataclass(frozen=True, kw_only=True)
class SelectionEntry:
    """Which hyper-parameters a classifier has, and how they were selected."""

    values: dict[str, HyperparameterValue] = field(default_factory=dict)  # the selected ones
    by: str | None = None  # "the user", or a sentence on the selection
    note: str | None = None
    selection_metric: str | None = None
    split: str | None = None  # images that the candidates were evaluated on
    candidates: dict[str, tuple[HyperparameterValue, ...]] = field(default_factory=dict)
    scores: tuple[float | None, ...] = ()  # of each candidate, in percent


@dataclass(frozen=True, kw_only=True)
class CurveEntry:
    """Validation accuracies over the values of a hyper-parameter."""

    hyperparameter: str
    values: tuple[float, ...]  # (V,)
    accuracy: dict[str, tuple[float | None, ...]]  # balanced, many, medium, few -> (V,) in percent

    def __post_init__(self) -> None:
        if any(len(row) != len(self.values) for row in self.accuracy.values()):
            raise DataError(f"'accuracy' must hold {len(self.values)} numbers a row, one for each of 'values'")


@dataclass(frozen=True, kw_only=True)
class FeaturesEntry:
    """The features that a method read."""

    precision: str
    views: int | str  # of each training image, or "live"


@dataclass(frozen=True, kw_only=True)
class MethodEntry:
    """The classifier of a stage-two method under one set of weights."""

    method: str
    settings: dict[str, object]  # of the method's dataclass
    selection: SelectionEntry
    seconds: float
    features: FeaturesEntry
    metrics: dict[str, Metrics]  # split other than train -> its metrics; no val where the method was fitted to it
    weight_norms: tuple[float, ...] | None
    against_stage1: PairedComparison  # on the test split
    curve: CurveEntry | None = None

    def __post_init__(self) -> None:
        check_stored_metrics(self.metrics)


@dataclass(frozen=True, kw_only=True)
class SeedEntry:
    """The headline metrics of one seed on the test split."""

    seed: int
    top1: float
    balanced: float
    groups: dict[str, dict[str, float | None]]


@dataclass(frozen=True, kw_only=True)
class ParameterEntry:
    """A hyper-parameter that a search has varied."""

    name: str
    log: bool
    values: tuple[str, ...] = ()  # of a choice between names


@dataclass(frozen=True, kw_only=True)
class TrialEntry:
    """A trial of a search."""

    trial: int  # from 1
    values: dict[str, HyperparameterValue]  # those that were tuned post hoc included
    balanced: float | None  # percent
    tail: float | None
    seconds: float | None
    ended: Literal["complete", "pruned", "diverged"] = "complete"
    top1: float | None = None
    score: float | None = None  # the metric that the search maximizes, where it is not balanced accuracy

    @property
    def objective(self) -> float | None:
        """The metric that the search maximizes."""
        return self.balanced if self.score is None else self.score


@dataclass(frozen=True, kw_only=True)
class StudyEntry:
    """A search: its trials and the best of them."""

    parameters: tuple[ParameterEntry, ...]
    split: str  # images that the trials were evaluated on
    best: dict[str, HyperparameterValue]
    best_trial: int  # from 1
    balanced: float  # of the best trial, percent
    tail: float | None
    importance: dict[str, float] | None
    trials: tuple[TrialEntry, ...]
    storage: str
    selection_metric: str = "balanced"
    score: float | None = None  # of the best trial, where the metric is not balanced accuracy
    search: Literal["tpe", "random", "grid"] = "tpe"
    tie_margin: float = 0.0

    @property
    def objective(self) -> float:
        """The metric of the best trial that the search maximizes."""
        return self.balanced if self.score is None else self.score

    def __post_init__(self) -> None:
        if not 1 <= self.best_trial <= len(self.trials):
            raise DataError(f"'best_trial' must be between 1 and {len(self.trials)}, got {self.best_trial}")


@dataclass(frozen=True, kw_only=True)
class RecommendationEntry:
    """The classifier of the run that predictions use unless the user names another one."""

    checkpoint: str  # stage-one weights, last or best
    method: str  # entry of stage two, or none for stage one's classifier
    reason: str  # in one sentence
    split: str  # held-out images that it was chosen on, in words
    balanced: float | None = None  # balanced accuracy on them, percent
    interval: tuple[float, ...] = ()  # (low, high) of it, 95 %
    ties: tuple[str, ...] = ()  # entries that cannot be told from it on these images


@dataclass(frozen=True, kw_only=True)
class Results:
    """The content of results.json."""

    stage1: dict[str, Stage1Entry] = field(default_factory=dict)
    stage2: dict[str, dict[str, MethodEntry]] = field(default_factory=dict)
    stage2_seeds: dict[str, dict[str, tuple[SeedEntry, ...]]] = field(default_factory=dict)
    tuning: dict[str, StudyEntry] = field(default_factory=dict)
    recommended: RecommendationEntry | None = None


def read_results(path: Path) -> Results:
    """Return results.json, without entries where there is no file yet.

    Raises:
        RunError: it is damaged.
    """
    return _read_results(path) if path.exists() else Results()


@read_once
def _read_results(path: Path) -> Results:
    return parse_record(Results, read_json(path), path)


def record_stage1(path: Path, checkpoint: str, entry: Stage1Entry) -> None:
    """Set stage one's entry under the weights `checkpoint`; all other entries stay."""
    results = read_results(path)
    _read_results.write(path, replace(results, stage1={**results.stage1, checkpoint: as_read(entry, path)}))


def record_method(path: Path, checkpoint: str, name: str, entry: MethodEntry) -> None:
    """Set an entry of stage two under the weights `checkpoint`; all other entries stay."""
    results = read_results(path)
    stage2 = _with_entry(results.stage2, checkpoint, name, as_read(entry, path))
    _read_results.write(path, replace(results, stage2=stage2))


def record_seed_metrics(path: Path, checkpoint: str, name: str, entries: Sequence[SeedEntry]) -> None:
    """Set the metrics of all seeds of an entry of stage two; all other entries stay."""
    results = read_results(path)
    stage2_seeds = _with_entry(results.stage2_seeds, checkpoint, name, tuple(as_read(entry, path) for entry in entries))
    _read_results.write(path, replace(results, stage2_seeds=stage2_seeds))


def record_study(path: Path, name: str, entry: StudyEntry) -> None:
    """Set the entry of a search; all other entries stay."""
    results = read_results(path)
    _read_results.write(path, replace(results, tuning={**results.tuning, name: as_read(entry, path)}))


def record_recommendation(path: Path, entry: RecommendationEntry) -> None:
    """Set the recommended classifier; all other entries stay."""
    _read_results.write(path, replace(read_results(path), recommended=as_read(entry, path)))


def _with_entry(
    section: Mapping[str, Mapping[str, Entry]], checkpoint: str, name: str, entry: Entry
) -> dict[str, dict[str, Entry]]:
    entries = {weights: dict(by_name) for weights, by_name in section.items()}
    entries.setdefault(checkpoint, {})[name] = entry
    return entries
