"""The one search over one number: Optuna's TPE on a SQLite file, continued by calling it again."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from decouple.errors import ConfigError, DecoupleError, RunError
from decouple.progress import Progress
from decouple.seeding import derive_seed


@dataclass(frozen=True)
class Search:
    """What is searched, and how."""

    parameter: str
    low: float
    high: float
    log: bool
    trials: int  # in all, those of earlier calls included
    seed: int
    grid: bool = False  # evenly spaced values instead of TPE
    fixed: tuple[tuple[str, Any], ...] = ()  # other settings that all trials of a study must share


@dataclass(frozen=True)
class Outcome:
    """How good a value is on validation, in percent."""

    balanced: float
    tail: float | None  # decides between equal balanced accuracies


class Diverged(DecoupleError):
    """A trial whose training gave no finite loss: it counts, but has no value."""


Objective = Callable[[float], Outcome]


def run_search(path: Path, search: Search, objective: Objective) -> list[FrozenTrial]:
    """Try values until the study in `path` has as many finished trials as asked for; return them all.

    The value of trial k depends only on the seed, on the trials finished before it and on how many trials the study was
    begun with: TPE's start-up is a quarter of them, at least 3. So a search that was stopped, even by SIGKILL, ends as
    if it had not been: a trial that was under way is tried again with the same value.

    Raises:
        ConfigError: the study was begun with other settings.
        RunError: the file is damaged or cannot be written.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    path.parent.mkdir(exist_ok=True)
    with _explained(path), _stored_in(path) as storage:
        study = _open_study(storage, path, search)
        startup = study.user_attrs["startup"]
        with Progress(
            f"tuning {search.parameter}", total=search.trials, unit="trials", done=len(finished(study))
        ) as progress:
            while (done := len(finished(study))) < search.trials:
                study.sampler = _make_sampler(search, done, startup)
                _try_one(study, search, objective, progress)
        return finished(study)


def finished(study: optuna.Study) -> list[FrozenTrial]:
    """Return the trials that count: those with a value, and those that diverged."""
    return [
        trial
        for trial in study.get_trials(deepcopy=False)
        if trial.state == TrialState.COMPLETE or trial.user_attrs.get("diverged")
    ]


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

    def merit(trial: FrozenTrial) -> tuple[float, float]:
        tail = trial.user_attrs["tail"]
        return round(trial.value or 0.0, 9), -1.0 if tail is None else tail

    return max(complete, key=merit)


def summarise(search: Search, trials: list[FrozenTrial]) -> dict[str, Any]:
    """Return what results.json keeps of a search.

    Raises:
        DecoupleError: see `best_trial`.
    """
    best = best_trial(trials)
    return {
        "parameter": search.parameter,
        "best": float(best.params[search.parameter]),
        "balanced": best.value,
        "trials": describe(trials, search.parameter),
        "log": search.log,
    }


def describe(trials: list[FrozenTrial], parameter: str) -> list[dict[str, Any]]:
    """Return one plain row per trial, ready for a table or JSON."""
    return [
        {
            "trial": number,
            parameter: trial.params[parameter],
            "balanced": trial.value,
            "tail": trial.user_attrs.get("tail"),
            "seconds": None if trial.duration is None else round(trial.duration.total_seconds(), 2),
        }
        for number, trial in enumerate(trials, start=1)
    ]


def _open_study(storage: optuna.storages.RDBStorage, path: Path, search: Search) -> optuna.Study:
    """Create the study, or open it and give up what a killed process left under way."""
    study = optuna.create_study(storage=storage, study_name=path.stem, direction="maximize", load_if_exists=True)
    settings = {"low": search.low, "high": search.high, "seed": search.seed, "grid": search.grid, **dict(search.fixed)}
    if search.grid:
        settings["trials"] = search.trials
    stored = study.user_attrs.get("settings")
    if stored is None:
        study.set_user_attr("startup", max(3, search.trials // 4))  # Optuna's own 10 would make 12 trials random search
        study.set_user_attr("settings", settings)  # last: it marks a study that is whole
        return study
    for name, value in settings.items():
        if stored.get(name) != value:
            raise ConfigError(
                f"the study in {path} was begun with {name} {stored.get(name)}, {value} was given; "
                "leave it as it was, or name another study with --study"
            )
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
    return study


def _make_sampler(search: Search, done: int, startup: int) -> optuna.samplers.BaseSampler:
    if search.grid:
        share = done / max(1, search.trials - 1)
        return _OneValue((1 - share) * search.low + share * search.high)  # exactly `low` and `high` at the ends
    seed = derive_seed(search.seed, "tpe", done) % 2**32  # numpy's legacy generator takes no more
    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=startup)


class _OneValue(optuna.samplers.RandomSampler):
    """Gives the value that it is told."""

    def __init__(self, value: float) -> None:
        super().__init__(seed=0)
        self._value = value

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> float:
        return self._value


def _try_one(study: optuna.Study, search: Search, objective: Objective, progress: Progress) -> None:
    trial = study.ask()
    title = search.parameter.replace("_", " ")
    value = trial.suggest_float(search.parameter, search.low, search.high, log=search.log)
    try:
        outcome = objective(value)
    except Diverged:
        trial.set_user_attr("diverged", True)
        study.tell(trial, state=TrialState.FAIL)
        progress.advance()
        progress.note(f"{title} {value:.3g}: diverged")
        return
    trial.set_user_attr("tail", outcome.tail)
    study.tell(trial, outcome.balanced, TrialState.COMPLETE)  # with the state given, NaN is an error, not a retry
    progress.advance(balanced=outcome.balanced)
    progress.note(f"{title} {value:.3g}: validation balanced {outcome.balanced:.2f} %")


@contextlib.contextmanager
def _stored_in(path: Path) -> Iterator[optuna.storages.RDBStorage]:
    """Open the file by its path: in a URL, a '?' or a '{' in the name of a folder would mean something else."""
    storage = optuna.storages.RDBStorage("sqlite://", engine_kwargs={"creator": lambda: sqlite3.connect(path)})
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise RunError(f"the study in {path} cannot be read or written: {reason}") from None
