"""The trainings of a search over stage one: of each trial, and of the final runs with the best values."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import NoReturn

from decouple.config.settings_yaml import from_yaml
from decouple.datasets.data import TRAIN, VAL, Data
from decouple.errors import InterruptedRunError, RunError
from decouple.files.replicates import replicate_name
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import open_run
from decouple.files.run_manifest import FEATURES
from decouple.seeding import derive_seed
from stage1.complete_run import complete_run
from stage1.extract import extract
from stage1.feature_training import train_classifier_only
from stage1.prepare import load_for, make_training
from stage1.run import require_same_data
from stage1.settings import Stage1Config
from stage1.train import train
from stage1.trainer import NonFiniteLossError, Training
from tuning.named_range import parse_ranges
from tuning.search_spec import ReportEpoch, SearchSpec, TrialDivergedError
from tuning.search_task import STOPPED
from tuning.settings import TrainingSearchConfig
from tuning.space import Parameter, Values
from tuning.trial_splits import hold_out, in_folds
from tuning.trial_values import parameters_of, require_ends, setting_value, with_values

_SHORT_NAMES = {"weight_decay": "wd"}  # in the name of a run with the best values


def run_settings(run: RunDir, config: TrainingSearchConfig) -> Stage1Config:
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
    runs = str(run.path.parent)  # not what the settings say: the run may have been moved
    return dataclasses.replace(
        settings, root=config.root or settings.root, device=config.device, runs=runs, log=config.log
    )


def trial_settings(run: RunDir, config: TrainingSearchConfig) -> Stage1Config:
    """Return the settings of a trial: those of the run with its number of epochs, warm-up limited to them."""
    return trial_epochs(run_settings(run, config), config)


def trial_epochs(settings: Stage1Config, config: TrainingSearchConfig) -> Stage1Config:
    """Return settings with the epochs of a trial, warm-up limited to them."""
    epochs = config.epochs or settings.epochs
    warmup = None if settings.warmup_epochs is None else min(settings.warmup_epochs, epochs)
    return dataclasses.replace(settings, epochs=epochs, warmup_epochs=warmup)


def trial_data(run: RunDir, config: TrainingSearchConfig) -> list[Data]:
    """Return the run's training images divided into train and val: once, or once for each fold.

    Raises:
        RunError: the images are not those of the run.
        DataError: there are folds, and no class has two images.
    """
    data = load_for(run_settings(run, config))
    require_same_data(run, data)
    return split_for_trials(data, config)


def split_for_trials(data: Data, config: TrainingSearchConfig) -> list[Data]:
    """Return training images divided into train and val: once, or once for each fold.

    Raises:
        DataError: there are folds, and no class has two images.
    """
    if config.folds:
        return in_folds(data, config.folds, derive_seed(config.seed, "tuning folds"))
    return [hold_out(data, config.holdout, derive_seed(config.seed, "tuning holdout"))]


def training_search_spec(run: RunDir, config: TrainingSearchConfig, space: tuple[Parameter, ...]) -> SearchSpec:
    """Return the specification of a search whose trials train stage one, over `space` and the ranges of `config`.

    Raises:
        ConfigError: a range names no number among the settings, or has a value that stage one refuses.
    """
    fingerprint = (("data", run.read_data().fingerprint),) if config.storage else ()
    return training_spec(trial_settings(run, config), config, space, fingerprint)


def training_spec(
    settings: Stage1Config,
    config: TrainingSearchConfig,
    space: tuple[Parameter, ...],
    fixed: tuple[tuple[str, object], ...] = (),
) -> SearchSpec:
    """Return the specification of a search whose trials train stage one with these settings; errors as above."""
    space = parameters_of(parse_ranges(config.range), space)
    require_ends(settings, space)
    folds = (("folds", config.folds),) if config.folds else ()
    return SearchSpec(
        space,
        config.trials,
        config.seed,
        proposal=config.search,
        selection_metric=config.select,
        tie_margin=config.tie_margin,
        prune=config.prune,
        prune_after=max(1, settings.warmup),
        fixed=(*folds, ("epochs", settings.epochs), ("holdout", config.holdout), *fixed),
        split=f"{config.folds} folds of {TRAIN}" if config.folds else f"{config.holdout:g} of {TRAIN}",
    )


def train_folds(
    settings: Stage1Config, folds: Sequence[Data], values: Values, report: ReportEpoch
) -> Iterator[Training]:
    """Train with the values of a trial on each fold in turn, see `train_trial`.

    Only the first fold reports: across trials, the same images at the same epoch are compared. The median rule compares
    the best that a trial has reported so far, so that after a complete fold it would spare every trial.

    Raises:
        TrialDivergedError: the loss is not finite on one of them.
        InterruptedRunError: Ctrl-C came.
    """
    for index, data in enumerate(folds):
        yield train_trial(settings, data, values, _no_report if index else report)


def _no_report(_epoch: int, _balanced: float) -> None:
    """Prune nothing."""


def train_trial(settings: Stage1Config, data: Data, values: Values, report: ReportEpoch) -> Training:
    """Train with the values of a trial; after each epoch but the last, `report` may end it.

    Raises:
        TrialDivergedError: the loss is not finite.
        InterruptedRunError: Ctrl-C came.
    """
    training = make_training(with_values(settings, values), data)
    if training.config.train == "none":
        features = {
            split: extract(training.network, training.batches, data.splits[split])
            for split in (TRAIN, VAL)
            if split in data.splits
        }
        training = train_classifier_only(training, features)

    def after_epoch(_best: bool) -> None:
        balanced = training.history[-1]["val_balanced"]
        if balanced is not None and not training.finished:
            report(training.epoch, balanced)

    title = ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in values.items())
    try:
        train(training, title, after_epoch, _stop, quiet=True)
    except NonFiniteLossError as error:
        raise TrialDivergedError(error.message) from None
    return training


def _stop() -> NoReturn:
    raise InterruptedRunError(STOPPED)


def train_best(base: RunDir, settings: Stage1Config, values: Values, seeds: int = 1) -> list[RunDir]:
    """Train on the full training set, with the seed of the settings and the `seeds` - 1 after it.

    A run that an earlier call has trained is left as it is, one that was stopped is continued. Those of several seeds
    are called ``<name>-s<seed>``.
    """
    name = _best_name(base, values, settings.seed, seeds)
    tuned = dataclasses.replace(with_values(settings, values), runs=str(base.path.parent))
    names = {settings.seed: name}
    if seeds > 1:
        names = {seed: replicate_name(name, seed) for seed in range(settings.seed, settings.seed + seeds)}
    return [
        complete_run(dataclasses.replace(tuned, seed=seed, name=run_name), base.name)
        for seed, run_name in names.items()
    ]


def _best_name(base: RunDir, values: Values, seed: int, seeds: int) -> str:
    """Return the name of the runs with the best values: three digits of each, six where those name other values."""
    name = ""
    for digits in (3, 6):
        name = "-".join([base.name, *(f"{_short_name(key)}{values[key]:.{digits}g}" for key in sorted(values))])
        first = RunDir(base.path.parent / (name if seeds == 1 else replicate_name(name, seed)))
        if not first.config.exists():
            break
        stored = from_yaml(Stage1Config, first.config)
        if all(setting_value(stored, key) == value for key, value in values.items()):
            break
    return name


def _short_name(parameter: str) -> str:
    return _SHORT_NAMES.get(parameter, parameter.rpartition(".")[2])


def base_run(run: RunDir) -> RunDir:
    """Return the run whose settings were tuned to train this one, or the run itself."""
    base = run.read_manifest().tuned_from
    return run if base is None else open_run(run.path.parent / base)
