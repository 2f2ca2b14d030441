"""Stage one as a run: settings in, run folder with weights, features and results out."""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

from decouple.class_counts import class_groups
from decouple.config.settings_yaml import from_yaml, to_yaml
from decouple.datasets.data import TEST, TEST_LONGTAILED, VAL, Data
from decouple.device import restored_threads
from decouple.environment import describe_environment
from decouple.errors import ConfigError, InterruptedRunError, RunError
from decouple.evaluation.scoring import score_splits, weight_norms
from decouple.files.atomic import write_json, write_text
from decouple.files.csv_files import csv_text
from decouple.files.data_record import DataRecord, write_data
from decouple.files.features import Features
from decouple.files.new_run import create_run
from decouple.files.results import Stage1Entry, record_stage1
from decouple.files.run_checks import require_unedited
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run, list_runs
from decouple.files.run_manifest import FAILED, FINISHED, INTERRUPTED, TRAINING
from decouple.interrupt import deferred_interrupt
from decouple.log import logger
from decouple.progress import Progress
from stage1.batches import Normalization
from stage1.checkpoint import load_checkpoint, load_weights, save_checkpoint, save_weights
from stage1.extract import cache_features, extract
from stage1.prepare import image_side, load_for, make_training
from stage1.settings import Stage1Config
from stage1.trainer import NonFiniteLossError, Training, finish_epoch, train_epoch

# What may differ when a run is continued.
MOVABLE = frozenset({"device", "root", "no_image_cache", "resident"})  # a run goes on with what is given anew
NOT_SETTINGS = MOVABLE | {"resume", "seeds", "runs", "name"}


@restored_threads()
def start_run(config: Stage1Config, tuned_from: str | None = None) -> RunDir:
    """Train from the beginning in a new run folder.

    Args:
        config: settings.
        tuned_from: the run whose settings a search has tuned for this one.

    Raises:
        DecoupleError: something about settings or data is wrong; then there is no folder.
        Interrupted: Ctrl-C came; the state is saved.
    """
    training = make_training(config, load_for(config))
    run = create_run(
        Path(config.runs),
        config.name,
        run_stem(config),
        lambda draft: _describe(draft, training),
        tuned_from=tuned_from,
    )
    with run.lock():
        _complete(run, training)
    return run


@restored_threads()
def resume_run(config: Stage1Config, given: frozenset[str]) -> RunDir:
    """Continue an interrupted run: `config.name`, or the latest that is not finished. `given`: what the user set anew.

    Raises:
        ConfigError: a setting given differs from the run's.
        RunError: there is nothing to continue.
    """
    run = _unfinished(config)
    require_unedited(run)
    stored = from_yaml(Stage1Config, run.config)
    for name in sorted(given - NOT_SETTINGS):
        if getattr(config, name) != getattr(stored, name):
            raise ConfigError(
                f"--resume goes on with the settings of {run.path}: {name} is {getattr(stored, name)} there, "
                f"{getattr(config, name)} was given; leave it out, or start a new run"
            )
    moved = {name: getattr(config, name) for name in MOVABLE & given}
    stored = dataclasses.replace(stored, **moved, runs=str(run.path.parent))
    with run.lock():
        if run.read_manifest().status == FINISHED:
            logger.info(f"{run.path} is finished already: there is nothing to resume")
            return run
        saved = run.checkpoint.exists()
        if saved:  # its weights replace those that training began with, which may be gone by now
            stored = dataclasses.replace(stored, pretrained=None)
        training = make_training(stored, load_for(stored))
        if saved:
            load_checkpoint(run.checkpoint, training)
        _complete(run, training)
    return run


def require_same_data(run: RunDir, data: Data) -> None:
    """Check that these are the images that the run was trained on.

    Raises:
        RunError: they are not.
    """
    if run.read_data().fingerprint != data.fingerprint:
        raise RunError(f"the images are not those that {run.path} was trained on; restore them, or train again")


def open_training(run: RunDir, root: str | None = None, device: str | None = None) -> Training:
    """Return a run's settings, data and (untrained) network; `root` says where the images are now.

    Raises:
        DataError: the images cannot be read.
        RunError: they are not those of the run.
    """
    config = from_yaml(Stage1Config, run.config)
    config = dataclasses.replace(
        config,
        root=root or config.root,
        device=device or config.device,
        runs=str(run.path.parent),  # whatever the settings say: the run may have been moved
        pretrained=None,
    )
    data, record = load_for(config), run.read_data()
    require_same_data(run, data)
    return make_training(config, data, Normalization(record.mean, record.std))


def _unfinished(config: Stage1Config) -> RunDir:
    ended = (FINISHED, FAILED)
    open_ones = [run for run in list_runs(Path(config.runs)) if run.read_manifest().status not in ended]
    run = open_ones[-1] if open_ones and config.name is None else find_run(config.name, config.runs)
    if run.read_manifest().status == FAILED:
        raise RunError(
            f"{run.path} ended with a loss or weights that are not finite numbers; start a new run with a lower --lr"
        )
    return run


def run_stem(config: Stage1Config) -> str:
    """Return what a run is called, before its number, when the user gives no name."""
    ratio = "" if config.ratio is None else f"{config.ratio:g}"
    profile = "exp" if config.profile == "auto" else config.profile
    cut = "" if config.ratio is None and config.profile == "auto" else f"-{profile}{ratio}"
    return f"{config.data}{cut}-{config.model}-{config.loss}".replace("/", "_")


def _describe(draft: RunDir, training: Training) -> None:
    """Write what is known of a run before its first step."""
    data, normalization = training.batches.data, training.batches.normalization
    names = (VAL, TEST, TEST_LONGTAILED)
    write_text(draft.config, to_yaml(dataclasses.replace(training.config, resume=False)))
    write_json(draft.environment, describe_environment(training.batches.device))
    groups = class_groups(data.group_counts, "many_medium_few")
    write_data(
        draft.data,
        DataRecord(
            class_names=tuple(data.class_names),
            class_counts=tuple(data.class_counts.tolist()),
            group_counts=tuple(data.group_counts.tolist()),
            groups={name: tuple(classes.tolist()) for name, classes in groups.items()},
            images={name: len(indices) for name, indices in data.splits.items()},
            split_counts={name: tuple(data.counts(name).tolist()) for name in names if name in data.splits},
            image_size=image_side(data),
            mean=normalization.mean,
            std=normalization.std,
            flippable=data.flippable,
            bad_images=data.bad_images,
            fingerprint=data.fingerprint,
        ),
    )


def _complete(run: RunDir, training: Training) -> None:
    """Train to the end, save, extract features, score."""
    run.set_status(TRAINING)
    title = f"stage one ({run.name})"
    try:
        train(training, title, lambda best: _save_epoch(run, training, best), lambda: _stop(run, training))
        _keep(run, training)
    except NonFiniteLossError:
        run.set_status(FAILED)
        raise
    except OSError as error:
        raise RunError(
            f"{error.strerror} at {error.filename or run.path}; what was saved before is whole. "
            f"Put it right and go on with: {_resume_command(run)}"
        ) from None
    run.checkpoint.unlink(missing_ok=True)


def _keep(run: RunDir, training: Training) -> None:
    """Write the last weights, their features, and the figures of the last and the best weights."""
    save_weights(run.weights("last"), training.network, training.epoch)
    splits = cache_features(run, "last", training.network, training.batches)
    _score(run, training, "last", splits)
    if run.weights("best").exists():
        metadata = load_weights(run.weights("best"), training.network)
        tested = {
            name: extract(training.network, training.batches, indices)
            for name, indices in training.batches.data.splits.items()
            if name in (VAL, TEST, TEST_LONGTAILED)
        }
        _score(run, training, "best", tested, metadata.epoch)
    run.set_status(FINISHED)


def train(
    training: Training,
    title: str,
    after_epoch: Callable[[bool], None],
    on_stop: Callable[[], None],
    *,
    quiet: bool = False,
) -> None:
    """Run all epochs that are left.

    Args:
        training: where to go on.
        title: what the progress bar says.
        after_epoch: called after each epoch with whether it was the best on validation so far.
        on_stop: called when Ctrl-C came; raises Interrupted.
        quiet: no line per epoch.
    """
    epochs, images = training.config.epochs, len(training.sampler)
    done = training.epoch * images + int(training.totals[2])
    with deferred_interrupt() as asked, Progress(title, total=epochs * images, unit="images", done=done) as progress:
        while not training.finished:
            started, seen = time.perf_counter(), int(training.totals[2])

            def report(total: int, loss: float, accuracy: float) -> None:
                nonlocal seen
                progress.advance(total - seen, loss=loss, accuracy=accuracy)
                seen = total

            ended = train_epoch(training, report, asked)
            training.seconds += time.perf_counter() - started
            if not ended:
                return on_stop()
            best = finish_epoch(training)
            if not quiet:
                progress.note(_summary(training))
            after_epoch(best)
            if asked():
                return on_stop()
    return None


def _summary(training: Training) -> str:
    row = training.history[-1]
    text = f"epoch {training.epoch}/{training.config.epochs}: loss {row['train_loss']:.3f}"
    text += f", train {row['train_top1']:.1f} %"
    return text if row["val_balanced"] is None else f"{text}, validation balanced {row['val_balanced']:.1f} %"


def _save_epoch(run: RunDir, training: Training, best: bool) -> None:
    if best:
        save_weights(run.weights("best"), training.network, training.best_epoch)
    write_text(run.history, csv_text(training.history))
    save_checkpoint(run.checkpoint, training)  # last: killed before it, the epoch is done again, and nothing is missing


def _stop(run: RunDir, training: Training) -> None:
    if training.finished:
        return
    save_checkpoint(run.checkpoint, training)
    run.set_status(INTERRUPTED)
    raise InterruptedRunError(
        f"stopped after {training.epoch} of {training.config.epochs} epochs and {training.step} steps; "
        "the state is saved. "
        f"Go on with: {_resume_command(run)}"
    )


def _resume_command(run: RunDir) -> str:
    return f"decouple stage1 --resume --runs {run.path.parent} --name {run.name}"


def _score(
    run: RunDir, training: Training, checkpoint: str, splits: dict[str, Features], epoch: int | None = None
) -> None:
    classifier = training.network.classifier.as_tensors()
    counts = training.batches.data.group_counts.tolist()
    on_cpu = dataclasses.replace(
        classifier, weight=classifier.weight.cpu(), bias=None if classifier.bias is None else classifier.bias.cpu()
    )
    entry = Stage1Entry(
        epoch=epoch or training.epoch,
        metrics=score_splits(on_cpu, splits, counts),
        weight_norms=weight_norms(on_cpu),
    )
    record_stage1(run.results, checkpoint, entry)
