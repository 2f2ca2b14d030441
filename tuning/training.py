"""What the searches over stage one share: the images that judge, a trial's training, the training with the best."""

import contextlib
import dataclasses
import time
from collections.abc import Iterator
from typing import Any, NoReturn

from decouple.config import from_yaml
from decouple.datasets.data import Data
from decouple.errors import Interrupted, RunError
from decouple.run_dir import FINISHED, RunDir, open_run, read_json
from decouple.seeding import derive_seed
from stage1.prepare import load_for, make_training
from stage1.run import require_same_data, resume_run, start_run, train
from stage1.settings import Stage1Config
from stage1.trainer import NoFiniteLoss, Training
from tuning.settings import TrainingSearchConfig
from tuning.space import Parameter, Values
from tuning.split import hold_out
from tuning.storage import Place, place_of
from tuning.study import Diverged, Report, Search
from tuning.trials import best_values, summarise
from tuning.workers import STOPPED, Job, Plan, run_job

_LOCK_SECONDS = 60.0  # that a search on a shared study waits for others to write to the run folder


def settings_of(run: RunDir, config: TrainingSearchConfig) -> Stage1Config:
    """Return the settings of a run as they are now: where its images are, and on which device to train."""
    settings = from_yaml(Stage1Config, run.config)
    here = str(run.path.parent)  # whatever the settings say: the run may have been moved
    return dataclasses.replace(settings, root=config.root or settings.root, device=config.device, runs=here)


def settings_of_trial(run: RunDir, config: TrainingSearchConfig) -> Stage1Config:
    """Return the settings of a trial: those of the run with its number of epochs, warm-up cut to them."""
    settings = settings_of(run, config)
    epochs = config.epochs or settings.epochs
    warmup = None if settings.warmup_epochs is None else min(settings.warmup_epochs, epochs)
    return dataclasses.replace(settings, epochs=epochs, warmup_epochs=warmup)


def judged_data(run: RunDir, config: TrainingSearchConfig) -> Data:
    """Return the run's training images, a part of them held out to judge.

    Raises:
        RunError: the images are not those of the run.
    """
    data = load_for(settings_of(run, config))
    require_same_data(run, data)
    return hold_out(data, config.holdout, derive_seed(config.seed, "tuning holdout"))


def search_over(run: RunDir, config: TrainingSearchConfig, space: tuple[Parameter, ...]) -> Search:
    """Return a search with trials of stage one."""
    trial = settings_of_trial(run, config)
    shared = (("data", read_json(run.data)["fingerprint"]),) if config.storage else ()
    fixed = (("epochs", trial.epochs), ("holdout", config.holdout), *shared)
    return Search(
        space, config.trials, config.seed, prune=config.prune, prune_after=max(1, trial.warmup), fixed=fixed
    )  # fmt: skip


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
    except NoFiniteLoss as error:
        raise Diverged(str(error)) from None
    return training


def _stop() -> NoReturn:
    raise Interrupted(STOPPED)


def search_and_record(run: RunDir, config: Any, study: str, make: Any) -> tuple[dict[str, Any], Plan]:
    """Search, record the trials in the run, and return the best values and the plan, which `make(run, config)` made.

    The run is held meanwhile; with a storage of its own it is held only while it is written to, since other machines
    may take part with the same run folder.

    Raises:
        DecoupleError: the data have changed, the study is another's, or no trial has a value.
        Interrupted: Ctrl-C came; calling again goes on.
    """
    place = place_of(run, study, config.storage)
    with contextlib.ExitStack() as held:
        held.enter_context(hold(run, place))
        plan = make(run, config)
        if place.shared:
            held.close()
        trials = run_job(Job(make, run, config, place), plan, config.workers)
        if place.shared:
            held.enter_context(hold(run, place))
        run.update_results("tuning", study, {**summarise(plan.search, trials), "storage": str(place)})
    return best_values(trials), plan


@contextlib.contextmanager
def hold(run: RunDir, place: Place) -> Iterator[None]:
    """Hold the run for writing; where other processes may write to it too, wait for them.

    Raises:
        RunError: another process holds it.
    """
    until = time.monotonic() + (_LOCK_SECONDS if place.shared else 0)
    with contextlib.ExitStack() as held:
        while True:
            try:
                held.enter_context(run.lock())
                break
            except RunError:
                if time.monotonic() >= until:
                    raise
                time.sleep(0.2)
        yield


def train_with(base: RunDir, settings: Stage1Config, values: Values) -> RunDir:
    """Train on the full training set, unless an earlier call did; continue it where an earlier call was stopped."""
    short = {"weight_decay": "wd", "lr": "lr"}
    name = "-".join([base.name, *(f"{short[key]}{value:.3g}" for key, value in sorted(values.items()))])
    tuned = dataclasses.replace(settings, **values, runs=str(base.path.parent), name=name)
    path = base.path.parent / name
    if not (path / "run.json").exists():
        return start_run(tuned, {"tuned_from": base.name})
    run = open_run(path)
    if run.read_manifest()["status"] == FINISHED:
        return run
    return resume_run(tuned, frozenset())


def base_of(run: RunDir) -> RunDir:
    """Return the run whose settings were tuned to train this one, or the run itself."""
    origin = read_json(run.manifest).get("tuned_from")
    return run if origin is None else open_run(run.path.parent / origin)
