"""An Optuna study for a search: created or opened again, with the settings that its trials share."""

from typing import Any

import optuna
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from decouple.errors import ConfigError
from tuning.grid_values import grid_points
from tuning.search_spec import SearchSpec
from tuning.space import space_limits
from tuning.stale_trials import fail_running_trials, fail_stale_trials
from tuning.study_storage import StudyLocation
from tuning.trial_sampler import make_pruner

DIVERGED, POSTHOC = "diverged", "posthoc"  # attributes of a trial
TAIL, TOP1, BALANCED = "tail", "top1", "balanced"
_MIN_STARTUP = 3  # random trials; Optuna's own 10 would make a search of 12 trials random


def open_study(storage: BaseStorage, location: StudyLocation, spec: SearchSpec, *, exclusive: bool) -> optuna.Study:
    """Create the study, or open it, and fail the trials that dead processes left running.

    Args:
        storage: of the study.
        location: where the storage is, and the name of the study.
        spec: what is searched.
        exclusive: no other process works on the study, so that every running trial has lost its process.

    Raises:
        ConfigError: the study was begun with other settings.
    """
    study = optuna.create_study(storage=storage, study_name=location.name, direction="maximize", load_if_exists=True)
    settings = _settings(spec)
    stored = study.user_attrs.get("settings")
    if stored is None:
        _enqueue_grid(study, spec)
        study.set_user_attr("startup", max(_MIN_STARTUP, spec.trials // 4))
        study.set_user_attr("settings", settings)  # last: it marks a study that is complete
    else:
        _require_same_settings(settings, stored, location)
    study.pruner = make_pruner(spec.prune, study.user_attrs["startup"], spec.prune_after)
    if exclusive:
        fail_running_trials(study)
    else:
        fail_stale_trials(study)
    return study


def finished_trials(study: optuna.Study) -> list[FrozenTrial]:
    """Return the trials that count: those with a value, those that were pruned, and those that diverged."""
    return [
        trial
        for trial in study.get_trials(deepcopy=False)
        if trial.state in (TrialState.COMPLETE, TrialState.PRUNED) or trial.user_attrs.get(DIVERGED)
    ]


def running_trials(study: optuna.Study) -> list[FrozenTrial]:
    """Return the trials that a process has begun and not ended."""
    return study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))


def _settings(spec: SearchSpec) -> dict[str, Any]:
    """Return what all trials of the study must share; options that came later are left out where they are off."""
    grid = spec.proposal == "grid"
    settings = {**space_limits(spec.space), "seed": spec.seed, "grid": grid, **dict(spec.fixed)}
    settings |= {"trials": spec.trials} if grid else {}
    settings |= {"search": spec.proposal} if spec.proposal == "random" else {}
    settings |= {"select": spec.selection_metric} if spec.selection_metric != "balanced" else {}
    settings |= {"tie_margin": spec.tie_margin} if spec.tie_margin else {}
    settings |= {"prune": True} if spec.prune else {}
    return settings


def _require_same_settings(settings: dict[str, Any], stored: dict[str, Any], location: StudyLocation) -> None:
    for name in [*(name for name in stored if name not in settings), *settings]:
        value, stored_value = settings.get(name), stored.get(name)
        if value != stored_value:
            before = f"with {name} {stored_value}" if name in stored else f"without {name}"
            now = f"{'' if name in stored else f'{name} '}{value}" if name in settings else f"no {name}"
            raise ConfigError(
                f"the study in {location} was begun {before}, {now} was given; "
                "leave it as it was, or name another study with `study`"
            )


def _enqueue_grid(study: optuna.Study, spec: SearchSpec) -> None:
    for values in grid_points(spec.space, spec.trials) if spec.proposal == "grid" else ():
        study.enqueue_trial(values, skip_if_exists=True)
