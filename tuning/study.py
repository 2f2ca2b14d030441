"""The one search: Optuna's TPE over a few parameters, in a storage, continued by calling it again."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import optuna
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from decouple.datasets.data import VAL
from decouple.errors import ConfigError, DecoupleError, InterruptedRunError
from decouple.progress import Progress
from tuning.quiet import quiet_optuna
from tuning.sampler import make_pruner, make_sampler
from tuning.space import Parameter, Range, Values, settings_of
from tuning.stale_trials import fail_running_trials, fail_stale_trials, fail_trial, heartbeat, signature
from tuning.storage import StudyLocation, opened

POLL_SECONDS = 0.3  # between two looks at a study whose last trials others have under way


@dataclass(frozen=True)
class Search:
    """What is searched, and how."""

    space: tuple[Parameter, ...]
    trials: int  # in all, those of earlier calls and of other processes included
    seed: int
    grid: bool = False  # evenly spaced values of the one parameter instead of TPE
    prune: bool = False  # end trials early that are below the median
    prune_after: int = 1  # epochs that every trial has
    fixed: tuple[tuple[str, Any], ...] = ()  # other settings that all trials of a study must share
    judged: str = VAL  # images that judge a trial, in words

    @property
    def title(self) -> str:
        """The parameters in words."""
        return ", ".join(each.name.replace("_", " ") for each in self.space)


@dataclass(frozen=True)
class Outcome:
    """How good a trial is on validation, in percent."""

    balanced: float
    tail: float | None  # decides between equal balanced accuracies
    solved: dict[str, float | str] = field(default_factory=dict)  # what the trial found itself instead of sampling it


def ranking_key(balanced: float, tail: float | None) -> tuple[float, float]:
    """Return what outcomes are ordered by: balanced accuracy, then that of the tail; no tail is below any."""
    return round(balanced, 9), -1.0 if tail is None else tail


class TrialDivergedError(DecoupleError):
    """A trial whose training gave no finite loss: it counts, but has no value."""


Report = Callable[[int, float], None]  # epochs done, validation balanced accuracy; may end the trial
Objective = Callable[[Values, Report], Outcome]


def run_search(
    place: StudyLocation, search: Search, objective: Objective, worker: int | None = None
) -> list[FrozenTrial]:
    """Try values until the study has as many finished trials as asked for; return them all.

    Alone on a study, the values of trial k depend only on the seed, on the trials finished before it and on how many
    trials the study was begun with: TPE's start-up is a quarter of them, at least 3. So a search that was stopped,
    even by SIGKILL, ends as if it had not been: a trial that was under way is tried again with the same values.

    Args:
        place: where the study is.
        search: what is searched.
        objective: values to outcome.
        worker: number of this process among those that share the study; None: it is alone.

    Raises:
        ConfigError: the study was begun with other settings.
        RunError: the storage is damaged or cannot be written.
    """
    with opened(place) as storage:
        study = open_study(storage, place, search, alone=worker is None and not place.shared)
        done = len(finished(study))
        with Progress(f"tuning {search.title}", total=search.trials, unit="trials", done=done) as progress:
            while (done := len(finished(study))) < search.trials:
                if worker is not None or place.shared:
                    fail_stale_trials(study)
                under_way = len(study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)))
                if done + under_way >= search.trials:
                    time.sleep(POLL_SECONDS)  # one of them may die, and its values be queued again
                    continue
                study.sampler = _sampler(study, search, done + under_way, worker)
                _try_one(storage, study, search, objective, progress)
        return finished(study)


def finished(study: optuna.Study) -> list[FrozenTrial]:
    """Return the trials that count: those with a value, those that were pruned, and those that diverged."""
    return [
        trial
        for trial in study.get_trials(deepcopy=False)
        if trial.state in (TrialState.COMPLETE, TrialState.PRUNED) or trial.user_attrs.get("diverged")
    ]


def open_study(storage: BaseStorage, place: StudyLocation, search: Search, *, alone: bool) -> optuna.Study:
    """Create the study, or open it; give up what dead processes left under way: all, where the caller is `alone`.

    Raises:
        ConfigError: it was begun with other settings.
    """
    study = optuna.create_study(storage=storage, study_name=place.name, direction="maximize", load_if_exists=True)
    settings = {**settings_of(search.space), "seed": search.seed, "grid": search.grid, **dict(search.fixed)}
    settings |= {"trials": search.trials} if search.grid else {}
    settings |= {"prune": True} if search.prune else {}
    stored = study.user_attrs.get("settings")
    if stored is None:
        _queue_grid(study, search)
        study.set_user_attr("startup", max(3, search.trials // 4))  # Optuna's own 10 would make 12 trials random search
        study.set_user_attr("settings", settings)  # last: it marks a study that is whole
    else:
        _require_same(settings, stored, place)
    study.pruner = make_pruner(search.prune, study.user_attrs["startup"], search.prune_after)
    if alone:
        fail_running_trials(study)
    else:
        fail_stale_trials(study)
    return study


def _require_same(settings: dict[str, Any], stored: dict[str, Any], place: StudyLocation) -> None:
    for name in [*(name for name in stored if name not in settings), *settings]:
        given, begun = settings.get(name), stored.get(name)
        if given != begun:
            was = f"with {name} {begun}" if name in stored else f"without {name}"
            now = f"{'' if name in stored else f'{name} '}{given}" if name in settings else f"no {name}"
            raise ConfigError(
                f"the study in {place} was begun {was}, {now} was given; "
                "leave it as it was, or name another study with --study"
            )


def _queue_grid(study: optuna.Study, search: Search) -> None:
    if search.grid and isinstance(search.space[0], Range):
        for value in search.space[0].even_values(search.trials):
            study.enqueue_trial({search.space[0].name: value}, skip_if_exists=True)


def _sampler(study: optuna.Study, search: Search, taken: int, worker: int | None) -> BaseSampler:
    startup, several = int(study.user_attrs["startup"]), len(search.space) > 1
    return make_sampler(search.seed, taken, startup, several=several, worker=worker)


class _Surplus(Exception):
    """Two processes took the last free trial at once; this one was second."""


def _try_one(
    storage: BaseStorage, study: optuna.Study, search: Search, objective: Objective, progress: Progress
) -> None:
    with quiet_optuna():
        trial = study.ask()
    trial.set_user_attr("owner", signature())
    values = {each.name: each.suggest(trial) for each in search.space}
    words = ", ".join(f"{name.replace('_', ' ')} {_short(value)}" for name, value in values.items())
    try:
        with heartbeat(storage, trial):
            _require_room(study, trial.number, search.trials)
            outcome = objective(values, _reporter(trial))
    except _Surplus:
        return _tell(study, trial, TrialState.FAIL)
    except (InterruptedRunError, KeyboardInterrupt):
        fail_trial(study, trial, died=False)
        raise
    except TrialDivergedError:
        trial.set_user_attr("diverged", True)
        _tell(study, trial, TrialState.FAIL)
        progress.advance()
        return progress.note(f"{words}: diverged")
    except optuna.TrialPruned:
        _tell(study, trial, TrialState.PRUNED)
        progress.advance()
        return progress.note(f"{words}: pruned")
    if not math.isfinite(outcome.balanced):
        raise ValueError(f"the outcome of a trial is {outcome.balanced}")  # to try again would give the same
    trial.set_user_attr("tail", outcome.tail)
    if outcome.solved:
        trial.set_user_attr("solved", outcome.solved)
    _tell(study, trial, TrialState.COMPLETE, outcome.balanced)
    progress.advance(balanced=outcome.balanced)
    return progress.note(f"{words}: validation balanced {outcome.balanced:.2f} %")


def _require_room(study: optuna.Study, number: int, trials: int) -> None:
    counted = {trial.number for trial in finished(study)}
    counted |= {trial.number for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))}
    if sum(other < number for other in counted) >= trials:
        raise _Surplus


def _reporter(trial: optuna.Trial) -> Report:
    def report(epoch: int, balanced: float) -> None:
        if math.isfinite(balanced):
            trial.report(balanced, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

    return report


def _tell(study: optuna.Study, trial: optuna.Trial, state: TrialState, value: float | None = None) -> None:
    """End a trial; one that was taken for dead meanwhile has been failed and queued again, and stays so."""
    try:
        study.tell(trial, value, state)
    except (ValueError, optuna.exceptions.UpdateFinishedTrialError):
        if study.trials[trial.number].state == TrialState.RUNNING:
            raise


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
