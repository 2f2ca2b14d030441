"""What is reported of the trials of a search: the best, the rows of a table, the importance of each parameter."""

from collections.abc import Sequence
from typing import Literal

import optuna
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

from decouple.errors import DecoupleError
from decouple.files.results import HyperparameterValue, StudyEntry, TrialEntry
from tuning.quiet_optuna import quiet_optuna
from tuning.search_spec import SearchSpec, ranking_key
from tuning.space import space_entries
from tuning.study import BALANCED, POSTHOC, TAIL, TOP1

ENDINGS: dict[TrialState, Literal["pruned", "diverged"]] = {TrialState.PRUNED: "pruned", TrialState.FAIL: "diverged"}
_MIN_TRIALS = 6  # with a value; importance from fewer would be noise
_GOOD_SHARE = 0.25  # of the trials that count as good


def best_trial(trials: Sequence[FrozenTrial], margin: float = 0.0) -> FrozenTrial:
    """Return the trial of the highest metric; ties go to the higher tail accuracy, then to the earlier trial.

    With a `margin`, metrics that round to the same multiple of it are ties, and of equal tails the higher metric wins.

    Raises:
        DecoupleError: no trial has a value.
    """
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    if not complete:
        raise DecoupleError(
            f"none of the {len(trials)} trials gave a finite loss; choose lower values under another `study`, or tune "
            "a run with a lower `lr`"
        )
    return max(complete, key=lambda trial: ranking_key(trial.value or 0.0, trial.user_attrs[TAIL], margin))


def best_values(trials: Sequence[FrozenTrial], margin: float = 0.0) -> dict[str, HyperparameterValue]:
    """Return the values of the best trial, those tuned post hoc included.

    Raises:
        DecoupleError: see `best_trial`.
    """
    best = best_trial(trials, margin)
    return {**best.params, **best.user_attrs.get(POSTHOC, {})}


def summarize(spec: SearchSpec, trials: Sequence[FrozenTrial], *, storage: str) -> StudyEntry:
    """Return what results.json holds of a search.

    Raises:
        DecoupleError: see `best_trial`.
    """
    best = best_trial(trials, spec.tie_margin)
    return StudyEntry(
        parameters=space_entries(spec.space),
        split=spec.split,
        best=best_values(trials, spec.tie_margin),
        best_trial=list(trials).index(best) + 1,
        balanced=_balanced(best) or 0.0,
        tail=best.user_attrs[TAIL],
        importance=importance(trials, [parameter.name for parameter in spec.space]),
        trials=trial_entries(trials),
        storage=storage,
        selection_metric=spec.selection_metric,
        score=_score(best),
        search=spec.proposal,
        tie_margin=spec.tie_margin,
    )


def trial_entries(trials: Sequence[FrozenTrial]) -> tuple[TrialEntry, ...]:
    """Return one entry per trial, in order."""
    return tuple(
        TrialEntry(
            trial=number,
            values={**trial.params, **trial.user_attrs.get(POSTHOC, {})},
            balanced=_balanced(trial),
            top1=trial.user_attrs.get(TOP1),
            score=_score(trial),
            tail=trial.user_attrs.get(TAIL),
            seconds=None if trial.duration is None else round(trial.duration.total_seconds(), 2),
            ended=ENDINGS.get(trial.state, "complete"),
        )
        for number, trial in enumerate(trials, start=1)
    )


def _balanced(trial: FrozenTrial) -> float | None:
    balanced: float | None = trial.user_attrs.get(BALANCED, trial.value)
    return balanced


def _score(trial: FrozenTrial) -> float | None:
    """Return the metric of the search where it is not balanced accuracy."""
    return trial.value if BALANCED in trial.user_attrs else None


def importance(trials: Sequence[FrozenTrial], names: Sequence[str]) -> dict[str, float] | None:
    """Return the share of each parameter in what makes trials good, or None where there are too few trials.

    PED-ANOVA of the trials that have a value: how far the best quarter lies from all of them, parameter by parameter.
    Source: Watanabe et al., IJCAI 2023, arXiv:2304.10255.
    """
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    if len(names) < 2 or len(complete) < _MIN_TRIALS or len({trial.value for trial in complete}) < 2:
        return None
    with quiet_optuna():
        study = optuna.create_study(direction="maximize")
        study.add_trials(complete)
        shares = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator(target_quantile=_GOOD_SHARE))
    return {name: float(shares.get(name, 0.0)) for name in names}
