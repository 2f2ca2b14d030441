"""What is made of the trials of a search: the best, the rows of a table, the weight of each parameter."""

from typing import Literal

import optuna
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

from decouple.errors import DecoupleError
from decouple.files.results import HyperparameterValue, StudyEntry, TrialEntry
from tuning.quiet import optuna_errors_only, quiet_optuna
from tuning.space import describe_space
from tuning.study import Search, ranking_key

_FEWEST = 6  # trials with a value below which importance would be noise alone
ENDINGS: dict[TrialState, Literal["pruned", "diverged"]] = {TrialState.PRUNED: "pruned", TrialState.FAIL: "diverged"}
_GOOD = 0.25  # share of the trials that count as good


def best_trial(trials: list[FrozenTrial]) -> FrozenTrial:
    """Return the trial of the highest balanced accuracy; ties go to the higher tail accuracy, then to the earlier.

    Raises:
        DecoupleError: no trial has a value.
    """
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    if not complete:
        raise DecoupleError(
            f"none of the {len(trials)} trials gave a finite loss; choose lower values under another --study, or tune "
            "a run with a lower --lr"
        )
    return max(complete, key=lambda trial: ranking_key(trial.value or 0.0, trial.user_attrs["tail"]))


def best_values(trials: list[FrozenTrial]) -> dict[str, HyperparameterValue]:
    """Return the values of the best trial, those that it solved exactly included.

    Raises:
        DecoupleError: see `best_trial`.
    """
    best = best_trial(trials)
    return {**best.params, **best.user_attrs.get("solved", {})}


def summarise(search: Search, trials: list[FrozenTrial], *, storage: str) -> StudyEntry:
    """Return what results.json keeps of a search.

    Raises:
        DecoupleError: see `best_trial`.
    """
    best = best_trial(trials)
    return StudyEntry(
        parameters=describe_space(search.space),
        split=search.judged,
        best=best_values(trials),
        best_trial=trials.index(best) + 1,
        balanced=best.value or 0.0,
        tail=best.user_attrs["tail"],
        importance=importance(trials, [parameter.name for parameter in search.space]),
        trials=describe(trials),
        storage=storage,
    )


def describe(trials: list[FrozenTrial]) -> tuple[TrialEntry, ...]:
    """Return one entry per trial, in order."""
    return tuple(
        TrialEntry(
            trial=number,
            values={**trial.params, **trial.user_attrs.get("solved", {})},
            balanced=trial.value,
            tail=trial.user_attrs.get("tail"),
            seconds=None if trial.duration is None else round(trial.duration.total_seconds(), 2),
            ended=ENDINGS.get(trial.state, "complete"),
        )
        for number, trial in enumerate(trials, start=1)
    )


def importance(trials: list[FrozenTrial], names: list[str]) -> dict[str, float] | None:
    """Return each parameter's share in what makes the good trials good, or None where there is too little to tell.

    PED-ANOVA of the trials that have a value: how far the best quarter lies from where all lie, parameter by parameter.
    Source: Watanabe et al., IJCAI 2023, arXiv:2304.10255.
    """
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    if len(names) < 2 or len(complete) < _FEWEST or len({trial.value for trial in complete}) < 2:
        return None
    with quiet_optuna(), optuna_errors_only():
        study = optuna.create_study(direction="maximize")
        study.add_trials(complete)
        shares = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator(target_quantile=_GOOD))
    return {name: float(shares.get(name, 0.0)) for name in names}
