"""What the searches over stage one share: the images that judge, a trial's training, the training with the best."""

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import torch

from decouple.config.settings_yaml import from_yaml
from decouple.datasets.data import TRAIN, Data
from decouple.errors import InterruptedRunError, RunError
from decouple.files.replicates import member_name
from decouple.files.results import HyperparameterValue, record_study
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import open_run
from decouple.files.run_manifest import FEATURES
from decouple.seeding import derive_seed
from stage1.complete_run import complete_run
from stage1.prepare import load_for, make_training
from stage1.run import require_same_data
from stage1.settings import Stage1Config
from stage1.train import train
from stage1.trainer import NonFiniteLossError, Training
from tuning.settings import TrainingSearchConfig
from tuning.space import Parameter, Values
from tuning.split import hold_out, in_folds
from tuning.storage import StudyLocation, study_location
from tuning.study import Report, Search, TrialDivergedError
from tuning.trials import best_values, summarise
from tuning.workers import STOPPED, Job, Plan, count_workers, run_job

_LOCK_SECONDS = 60.0  # that a search on a shared study waits for others to write to the run folder


def settings_of(run: RunDir, config: TrainingSearchConfig) -> Stage1Config:
    """Return the settings of a run as they are now: where its images are, and on which device to train.

    Raises:
        RunError: the run was made of features alone.
    """
    if run.read_manifest().kind == FEATURES:
        raise RunError(
            f"{run.path} was made of features alone, so there is no network to train; "
            "`decouple tune stage2` searches how its classifier is trained"
        )
    settings = from_yaml(Stage1Config, run.config)
    here = str(run.path.parent)  # whatever the settings say: the run may have been moved
    return dataclasses.replace(settings, root=config.root or settings.root, device=config.device, runs=here)


def settings_of_trial(run: RunDir, config: TrainingSearchConfig) -> Stage1Config:
    """Return the settings of a trial: those of the run with its number of epochs, warm-up cut to them."""
    settings = settings_of(run, config)
    epochs = config.epochs or settings.epochs
    warmup = None if settings.warmup_epochs is None else min(settings.warmup_epochs, epochs)
    return dataclasses.replace(settings, epochs=epochs, warmup_epochs=warmup)


def judged_data(run: RunDir, config: TrainingSearchConfig) -> list[Data]:
    """Return the run's training images divided into what trains and what judges: once, or once for each fold.

    Raises:
        RunError: the images are not those of the run.
        DataError: there are to be folds, and no class has two images.
    """
    data = load_for(settings_of(run, config))
    require_same_data(run, data)
    if config.folds:
        return in_folds(data, config.folds, derive_seed(config.seed, "tuning folds"))
    return [hold_out(data, config.holdout, derive_seed(config.seed, "tuning holdout"))]


def search_over(run: RunDir, config: TrainingSearchConfig, space: tuple[Parameter, ...]) -> Search:
    """Return a search with trials of stage one."""
    trial = settings_of_trial(run, config)
    shared = (("data", run.read_data().fingerprint),) if config.storage else ()
    folds = (("folds", config.folds),) if config.folds else ()
    judged = f"{config.folds} folds of {TRAIN}" if config.folds else f"{config.holdout:g} of {TRAIN}"
    return Search(
        space,
        config.trials,
        config.seed,
        prune=config.prune,
        prune_after=max(1, trial.warmup),
        fixed=(*folds, ("epochs", trial.epochs), ("holdout", config.holdout), *shared),
        judged=judged,
    )


def train_parts(settings: Stage1Config, parts: Sequence[Data], values: Values, report: Report) -> Iterator[Training]:
    """Train with the values of a trial on each part in turn, see `train_trial`.

    Only the first part reports: of all trials, the same images at the same epoch are compared. The median rule
    compares the best that a trial has reported so far, so that after a whole fold it would spare every trial.

    Raises:
        Diverged: the loss is not finite on one of them.
        Interrupted: Ctrl-C came.
    """
    for place, data in enumerate(parts):
        yield train_trial(settings, data, values, _unreported if place else report)


def _unreported(_epoch: int, _balanced: float) -> None:
    """Prune nothing."""


def train_trial(settings: Stage1Config, data: Data, values: Values, report: Report) -> Training:
    """Train with the values of a trial; after each epoch but the last, `report` may end it.

    Raises:
        Diverged: the loss is not finite.
        Interrupted: Ctrl-C came.
    """
    training = make_training(dataclasses.replace(settings, **values), data)

    def after_epoch(_best: bool) -> None:
        reached = training.history[-1]["val_balanced"]
        if reached is not None and not training.finished:
            report(training.epoch, reached)

    title = ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in values.items())
    try:
        train(training, title, after_epoch, _stop, quiet=True)
    except NonFiniteLossError as error:
        raise TrialDivergedError(str(error)) from None
    return training


def _stop() -> NoReturn:
    raise InterruptedRunError(STOPPED)


def search_and_record(run: RunDir, config: Any, study: str, make: Any) -> tuple[dict[str, HyperparameterValue], Plan]:
    """Search, record the trials in the run, and return the best values and the plan, which `make(run, config)` made.

    The run is held meanwhile; with a storage of its own it is held only while it is written to, since other machines
    may take part with the same run folder.

    Raises:
        DecoupleError: the data have changed, the study is another's, or no trial has a value.
        Interrupted: Ctrl-C came; calling again goes on.
    """
    workers = count_workers(config.workers, config.workers_per_gpu, torch.cuda.device_count())
    place = study_location(run, study, config.storage)
    with contextlib.ExitStack() as held:
        held.enter_context(hold(run, place))
        plan = make(run, config)
        if place.shared:
            held.close()
        trials = run_job(Job(make, run, config, place), plan, workers)
        if place.shared:
            held.enter_context(hold(run, place))
        record_study(run.results, study, summarise(plan.search, trials, storage=str(place)))
    return best_values(trials), plan


@contextlib.contextmanager
def hold(run: RunDir, place: StudyLocation) -> Iterator[None]:
    """Hold the run for writing; where other processes may write to it too, wait for them.

    Raises:
        RunError: another process holds it.
    """
    with run.lock(wait_seconds=_LOCK_SECONDS if place.shared else 0):
        yield


def train_with(base: RunDir, settings: Stage1Config, values: Values, seeds: int = 1) -> list[RunDir]:
    """Train on the full training set, with the seed of the settings and the `seeds` - 1 after it.

    A run that an earlier call trained is left as it is, one that was stopped goes on. Those of several seeds are called
    ``<name>-s<seed>``.
    """
    short = {"weight_decay": "wd", "lr": "lr"}
    name = "-".join([base.name, *(f"{short[key]}{value:.3g}" for key, value in sorted(values.items()))])
    tuned = dataclasses.replace(settings, **values, runs=str(base.path.parent))
    if seeds == 1:
        return [complete_run(dataclasses.replace(tuned, name=name), base.name)]
    return [
        complete_run(dataclasses.replace(tuned, seed=seed, name=member_name(name, seed)), base.name)
        for seed in range(settings.seed, settings.seed + seeds)
    ]


def base_of(run: RunDir) -> RunDir:
    """Return the run whose settings were tuned to train this one, or the run itself."""
    origin = run.read_manifest().tuned_from
    return run if origin is None else open_run(run.path.parent / origin)
