"""The saved classifiers of several runs, evaluated on the same cached images, for a comparison."""

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from decouple.config.command_settings import CompareConfig
from decouple.errors import ConfigError
from decouple.evaluation.comparison import Candidate
from decouple.files.replicates import find_runs, group_by_seed, seed_of
from decouple.files.run_checks import require_finished
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run
from decouple.reporting.chosen_groups import with_chosen_groups
from stage2.saved_classifiers import (
    Evaluation,
    EvaluationSet,
    open_evaluation_set,
    require_same_images,
    require_saved,
    saved_methods,
)

ALL = "all"


def load_candidates(settings: CompareConfig) -> tuple[list[Candidate], Tensor]:
    """Return the classifiers to compare and the true classes (N,) of the images; a group of seeds is one candidate.

    Raises:
        ConfigError: there is no such run, method or split, there is only one classifier, or the images differ.
        RunError: a run is not finished, or one of its files is missing or damaged.
    """
    runs = _runs(settings)
    require_same_images(runs, settings.split)
    sets = {run.path: open_evaluation_set(run, settings.weights, settings.split) for run in runs}
    _require_equal_labels(list(sets.values()), settings.split)
    candidates = _candidates(group_by_seed(runs), sets, settings)
    return candidates, next(iter(sets.values())).features.labels


def _runs(settings: CompareConfig) -> list[RunDir]:
    """Return the named runs, without repeats, or the latest."""
    if not settings.run:
        return [require_finished(find_run(None, settings.runs))]
    runs = {run.path.resolve(): run for name in settings.run for run in find_runs(name, settings.runs)}
    return [require_finished(run) for run in runs.values()]


def _require_equal_labels(sets: Sequence[EvaluationSet], split: str) -> None:
    for other in sets[1:]:
        if not sets[0].features.labels.equal(other.features.labels):
            raise ConfigError(
                f"{sets[0].run.name} and {other.run.name} have cached features of other images of '{split}'; "
                "compute them again with decouple stage2 `refresh_features=True`"
            )


def _candidates(
    groups: dict[str, list[RunDir]], sets: dict[Path, EvaluationSet], settings: CompareConfig
) -> list[Candidate]:
    """Return each method of each group of runs, evaluated on every seed of the group."""
    candidates = []
    for name, runs in groups.items():
        for method in _methods(runs, settings):
            evaluations = [sets[run.path].evaluate(method) for run in runs]
            label = _label(name, method, len(groups) > 1, settings.method)
            candidates.append(_candidate(label, runs, evaluations, settings.groups))
    if sum(len(candidate.seeds) for candidate in candidates) < 2:
        raise ConfigError(
            f"there is one classifier to compare, {candidates[0].name}; name more runs, or more methods with `method`"
        )
    return candidates


def _candidate(name: str, runs: Sequence[RunDir], evaluations: Sequence[Evaluation], groups: str | None) -> Candidate:
    return Candidate(
        name,
        tuple(seed_of(run) for run in runs),
        tuple(evaluation.correct for evaluation in evaluations),
        tuple(
            with_chosen_groups(evaluation.metrics, run.read_data().group_counts, groups)
            for run, evaluation in zip(runs, evaluations, strict=True)
        ),
    )


def _methods(runs: Sequence[RunDir], settings: CompareConfig) -> list[str]:
    """Return the methods of the settings; "all" stands for those that every run of the group has."""
    if settings.method == (ALL,):
        saved = [saved_methods(run, settings.weights) for run in runs]
        return [method for method in saved[0] if all(method in others for others in saved)]
    for run in runs:
        for method in settings.method:
            require_saved(run, settings.weights, method)
    return list(dict.fromkeys(settings.method))


def _label(run: str, method: str, several_runs: bool, methods: tuple[str, ...]) -> str:
    if not several_runs:
        return method
    return run if len(methods) == 1 and methods != (ALL,) else f"{run}/{method}"
