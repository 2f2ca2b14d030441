"""The loop of a search: Optuna's TPE over a few parameters, in a storage, continued by calling it again."""

import math
import time

import optuna
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from decouple.errors import InterruptedRunError
from decouple.progress import Progress
from tuning.search_spec import ReportEpoch, Search, TrialDivergedError, TrialResult
from tuning.stale_trials import fail_stale_trials, fail_trial, heartbeat, signature
from tuning.study import BALANCED, DIVERGED, POSTHOC, TAIL, TOP1, finished_trials, open_study, running_trials
from tuning.study_storage import StudyLocation, open_storage
from tuning.trial_sampler import make_sampler

POLL_SECONDS = 0.3  # between two looks at a study whose last trials other processes run


def run_trials(location: StudyLocation, search: Search, worker: int | None = None) -> list[FrozenTrial]:
    """Try values until the study has as many finished trials as `search.spec` says; return them all.

    For a process that is alone on a study, the values of trial k depend only on the seed, on the trials finished before
    it and on how many trials the study was begun with: TPE's start-up is a quarter of them, at least 3. A search that
    was stopped, even by SIGKILL, therefore ends as if it had not been: the trial that was running is repeated with the
    same values.

    Args:
        location: where the study is.
        search: what is searched, and the objective.
        worker: index of this process among those that share the study; None: the only one.

    Raises:
        ConfigError: the study was begun with other settings.
        RunError: the storage is damaged or cannot be written.

    Example:
        >>> import pathlib, tempfile
        >>> from tuning.search_spec import SearchSpec
        >>> from tuning.space import Range
        >>> def objective(values, report):
        ...     return TrialResult(balanced=100 - abs(values["x"] - 3), tail=None)
        >>> search = Search(SearchSpec((Range("x", 0, 10),), trials=5, seed=0, proposal="grid"), objective)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     trials = run_trials(StudyLocation("toy", path=pathlib.Path(folder) / "toy.db"), search)
        >>> [(trial.params["x"], trial.value) for trial in trials]
        [(0.0, 97.0), (2.5, 99.5), (5.0, 98.0), (7.5, 95.5), (10.0, 93.0)]
    """
    spec = search.spec
    shared = worker is not None or location.shared
    with open_storage(location) as storage:
        study = open_study(storage, location, spec, exclusive=not shared)
        done = len(finished_trials(study))
        with Progress(f"tuning {spec.title}", total=spec.trials, unit="trials", done=done) as progress:
            while (done := len(finished_trials(study))) < spec.trials:
                if shared:
                    fail_stale_trials(study)
                running = len(running_trials(study))
                if done + running >= spec.trials:
                    time.sleep(POLL_SECONDS)  # the process of one may die, and its values be queued again
                    continue
                study.sampler = make_sampler(
                    spec.seed, done + running, int(study.user_attrs["startup"]),
                    multivariate=len(spec.space) > 1, worker=worker, random=spec.proposal == "random",
                )  # fmt: skip
                _run_trial(storage, study, search, progress)
        return finished_trials(study)


class _SurplusTrialError(Exception):
    """Two processes took the last free trial at the same time; this one was second."""


def _run_trial(storage: BaseStorage, study: optuna.Study, search: Search, progress: Progress) -> None:
    """Draw values, evaluate them, and record what came of it."""
    trial = study.ask()
    trial.set_user_attr("owner", signature())
    values = {parameter.name: parameter.suggest(trial) for parameter in search.spec.space}
    title = ", ".join(f"{name.replace('_', ' ')} {_short(value)}" for name, value in values.items())
    try:
        with heartbeat(storage, trial):
            _require_room(study, trial.number, search.spec.trials)
            result = search.objective(values, _epoch_reporter(trial))
    except _SurplusTrialError:
        return _end_trial(study, trial, TrialState.FAIL)
    except (InterruptedRunError, KeyboardInterrupt):
        fail_trial(study, trial, died=False)
        raise
    except TrialDivergedError:
        trial.set_user_attr(DIVERGED, True)
        _end_trial(study, trial, TrialState.FAIL)
        progress.advance()
        return progress.note(f"{title}: diverged")
    except optuna.TrialPruned:
        _end_trial(study, trial, TrialState.PRUNED)
        progress.advance()
        return progress.note(f"{title}: pruned")
    _record(study, trial, result)
    metric = search.spec.selection_metric
    progress.advance(1, **{metric: result.objective})
    return progress.note(f"{title}: validation {metric} {result.objective:.2f} %")


def _record(study: optuna.Study, trial: optuna.Trial, result: TrialResult) -> None:
    """End a trial with its result.

    Raises:
        ValueError: the result is not finite; the same values would give the same again.
    """
    if not math.isfinite(result.objective):
        raise ValueError(f"the metric of a trial is {result.objective}")
    trial.set_user_attr(TAIL, result.tail)
    if result.top1 is not None:
        trial.set_user_attr(TOP1, result.top1)
    if result.score is not None:
        trial.set_user_attr(BALANCED, result.balanced)
    if result.posthoc:
        trial.set_user_attr(POSTHOC, result.posthoc)
    _end_trial(study, trial, TrialState.COMPLETE, result.objective)


def _require_room(study: optuna.Study, number: int, trials: int) -> None:
    """Check that trial `number` is among the first `trials` that count."""
    running = {trial.number for trial in running_trials(study)}  # first: one that ends now is then seen as finished
    counted = running | {trial.number for trial in finished_trials(study)}
    if sum(other < number for other in counted) >= trials:
        raise _SurplusTrialError


def _epoch_reporter(trial: optuna.Trial) -> ReportEpoch:
    def report(epoch: int, balanced: float) -> None:
        if math.isfinite(balanced):
            trial.report(balanced, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

    return report


def _end_trial(study: optuna.Study, trial: optuna.Trial, state: TrialState, value: float | None = None) -> None:
    """End a trial; one that another process failed and queued again, believing this one dead, remains as it is."""
    try:
        study.tell(trial, value, state)
    except (ValueError, optuna.exceptions.UpdateFinishedTrialError):
        if study.trials[trial.number].state == TrialState.RUNNING:
            raise


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
