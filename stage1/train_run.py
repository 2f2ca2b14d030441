"""Train the network of a run, save it, extract its features and score it."""

import dataclasses
from typing import Literal, NoReturn

from decouple.config.settings_yaml import to_yaml
from decouple.datasets.data import TEST, TRAIN
from decouple.errors import InterruptedRunError, RunError
from decouple.evaluation.scoring import score_splits, weight_norms
from decouple.files.feature_norms import FeatureNorms, write_feature_norms
from decouple.files.features import Features
from decouple.files.results import Stage1Entry, record_stage1
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FAILED, FINISHED, INTERRUPTED, TRAINING
from stage1.checkpoint import load_weights, save_checkpoint, save_weights
from stage1.extract import cache_features, extract, keep_features
from stage1.feature_training import FeatureBatches, extract_once, train_classifier_only
from stage1.loggers.build import HISTORY, EpochLog, open_log
from stage1.network import Network
from stage1.train import train
from stage1.trainer import NonFiniteLossError, Training


def train_run(run: RunDir, training: Training) -> None:
    """Train the remaining epochs, write weights, features and results, and mark the run as finished.

    Raises:
        InterruptedRunError: Ctrl-C came; the state is saved.
        NonFiniteLossError: the loss or a weight is not a finite number; the run is marked as failed.
        RunError: a file cannot be written.
    """
    run.set_status(TRAINING)
    names, settings = (HISTORY, *training.config.log), to_yaml(training.config)
    try:
        with open_log(names, run.path, settings, training.history) as log:
            _train_and_save(run, training, log)
    except NonFiniteLossError:
        run.set_status(FAILED)
        raise
    except OSError as error:
        raise RunError(
            f"{error.strerror} at {error.filename or run.path}; files saved before are complete. "
            f"Solve this and go on with: {_resume_command(run)}"
        ) from None
    run.checkpoint.unlink(missing_ok=True)


def _train_and_save(run: RunDir, training: Training, log: EpochLog) -> None:
    network = training.network
    if training.config.train == "none":
        features = extract_once(run, training, lambda: _stop_extraction(run))
        training = train_classifier_only(training, features)

    def save_epoch(best: bool) -> None:
        _save_epoch(run, network, training, log, best)

    train(training, f"stage one ({run.name})", save_epoch, lambda: _stop(run, training))
    _save_results(run, network, training)
    log.finish(_headline(run))


def _headline(run: RunDir) -> dict[str, float]:
    """Return the accuracies of the last weights on the test split in percent."""
    metrics = run.read_results().stage1["last"].metrics[TEST]
    groups = metrics["groups"]["many_medium_few"]
    values = {"top1": metrics["top1"], "balanced": metrics["balanced"], **groups}
    return {name: value for name, value in values.items() if value is not None}


def _save_results(run: RunDir, network: Network, training: Training) -> None:
    """Write the last weights, their features, and the results of the last and the best weights."""
    save_weights(run.weights("last"), network, training.epoch)
    if isinstance(training.batches, FeatureBatches):
        features = keep_features(run, "last", training.batches.features)
    else:
        features = cache_features(run, "last", network, training.batches)
    _score(run, training, "last", features)
    if run.weights("best").exists():
        metadata = load_weights(run.weights("best"), network)
        splits = {name: indices for name, indices in training.batches.data.splits.items() if name != TRAIN}
        if not isinstance(training.batches, FeatureBatches):  # the features of another backbone than the last
            features = {name: extract(network, training.batches, indices) for name, indices in splits.items()}
        _score(run, training, "best", {name: features[name] for name in splits}, metadata.epoch)
    split: Literal["train", "val"] = "train" if training.held_out is None else "val"
    write_feature_norms(run.feature_norms, FeatureNorms(training.class_norms.epochs, split))
    run.set_status(FINISHED)


def _save_epoch(run: RunDir, network: Network, training: Training, log: EpochLog, best: bool) -> None:
    if best:
        save_weights(run.weights("best"), network, training.best_epoch)
    log.epoch(training.history[-1])
    save_checkpoint(run.checkpoint, training)  # last: if the process is killed before it, the epoch is trained again


def _stop_extraction(run: RunDir) -> NoReturn:
    run.set_status(INTERRUPTED)
    raise InterruptedRunError(
        f"stopped while features were extracted, which will begin again. Go on with: {_resume_command(run)}"
    )


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
    return f"decouple stage1 `resume=True` `runs={run.path.parent}` `name={run.name}`"


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
