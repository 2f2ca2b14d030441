"""The input of stage two: the cached features of a run and the classifier that stage one trained."""

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from decouple.classifier import Classifier
from decouple.config.weights_option import SHIFTED
from decouple.datasets.data import TRAIN
from decouple.device import choose_device, use_fitting_threads
from decouple.errors import DecoupleError, RunError
from decouple.files.features import (
    STORAGE_DTYPES,
    CacheKey,
    Features,
    StorageDtype,
    Views,
    read_features,
    stored_dtype,
    write_features,
)
from decouple.files.json_records import parse_record
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FEATURES
from decouple.files.tensor_files import TensorStream, read_tensors
from decouple.files.weights_metadata import WeightsMetadata
from decouple.log import logger
from stage1.checkpoint import load_weights
from stage1.extract import LiveViews, cache_features, cache_key, cache_views, read_cached, read_views
from stage1.run import open_training
from stage1.trainer import Training
from stage2.settings import Stage2Config
from stage2.shifted_weights import make_shifted_weights, record_shifted

Cached = TypeVar("Cached")


def load_features(run: RunDir, config: Stage2Config) -> dict[str, Features]:
    """Return the features of every split, mapped: from the cache, or computed now and cached.

    A cache that is damaged, or belongs to other weights or images than the run's, is made again; a log line says why.

    Raises:
        RunError: the run has no such weights; or the features must be computed, and the images are not those of the
            training, or there are none.
        DataError: the images cannot be read.
    """
    if config.weights != SHIFTED:
        require_checkpoint(run, config.weights)
    data = run.read_data()
    if data.image_size is not None:  # a run of external features has no images
        use_fitting_threads(choose_device(config.device), data.image_size)
    open_once = cache(lambda: _open_training(run, config))  # the images are read once, and only if they are needed
    checkpoint, precision = config.weights, _precision(run, config)
    shift = checkpoint == SHIFTED and (config.refresh_features or not run.weights(SHIFTED).exists())
    if shift:
        make_shifted_weights(run, open_once())
    if precision != "float32" and not config.refresh_features:
        _convert_cache(run, checkpoint, precision, list(data.images))
    splits = _read_or_compute(
        lambda: read_cached(run, checkpoint, precision),
        lambda: cache_features(run, checkpoint, open_once().network, open_once().batches, precision),
        refresh=config.refresh_features,
        first=not run.features(checkpoint, TRAIN).exists(),
    )
    if shift:
        record_shifted(run, load_stage1_classifier(run, SHIFTED), splits)
    if config.views == 1:
        return splits
    return {**splits, TRAIN: dataclasses.replace(splits[TRAIN], views=_load_views(run, config, precision, open_once))}


def require_checkpoint(run: RunDir, checkpoint: str) -> None:
    """Check that the run has the weights `checkpoint`.

    Raises:
        RunError: it has no best or shifted weights.
    """
    if checkpoint == SHIFTED and not run.weights(checkpoint).exists():
        raise RunError(
            f"{run.path} has no shifted weights; make them with decouple stage2 `run={run.path}` `weights={SHIFTED}`"
        )
    if checkpoint == "best" and not run.weights(checkpoint).exists():
        raise RunError(f"{run.path} has no best weights, as it was trained without validation; use `weights=last`")


def load_stage1_classifier(run: RunDir, checkpoint: str) -> Classifier:
    """Return the classifier that stage one trained.

    Raises:
        RunError: its file is missing or damaged.
    """
    path = run.weights(checkpoint)
    tensors, values = read_tensors(path)
    metadata = parse_record(WeightsMetadata, values, path)
    if "classifier.weight" not in tensors:
        raise RunError(f"{path} is damaged: it holds no classifier")
    weight, bias = tensors["classifier.weight"], tensors.get("classifier.bias")
    return Classifier(metadata.classifier, weight, bias, metadata.scale)


def _precision(run: RunDir, config: Stage2Config) -> StorageDtype:
    if config.feature_precision != "auto":
        return config.feature_precision
    return stored_dtype(run.features(config.weights, TRAIN)) or "float32"


def _open_training(run: RunDir, config: Stage2Config) -> Training:
    """Return images and network of a run, with its weights."""
    if run.read_manifest().kind == FEATURES:
        raise RunError(f"{run.path} was made of features alone; make it again with decouple stage2 `features=...`")
    training = open_training(run, config.root, config.device)
    if config.weights == SHIFTED and not run.weights(SHIFTED).exists():
        return training  # which `make_shifted_weights` needs to make them
    load_weights(run.weights(config.weights), training.network)
    return training


def _read_or_compute(
    read: Callable[[], Cached], compute: Callable[[], Cached], *, refresh: bool, first: bool
) -> Cached:
    """Return the cache if it fits the run, else compute it; unless it is the first time, log why."""
    reason = ""
    if not refresh and not first:
        try:
            return read()
        except RunError as error:
            reason = error.message
    try:
        computed = compute()
    except DecoupleError as error:
        if not reason:
            raise
        raise RunError(f"{reason}, and it cannot be made again: {error.message}") from None
    if reason:
        logger.info(f"{reason}: it has been made again")
    return computed


def _load_views(run: RunDir, config: Stage2Config, precision: StorageDtype, open_once: Callable[[], Training]) -> Views:
    if config.views == "live":
        training = open_once()
        return LiveViews(training.network, training.batches, training.augmentation)
    checkpoint, count = config.weights, config.views
    return _read_or_compute(
        lambda: read_views(run, checkpoint, count, precision),
        lambda: cache_views(run, checkpoint, open_once(), count, precision),
        refresh=config.refresh_features,
        first=not run.features(checkpoint, "train_views").exists(),
    )


def _convert_cache(run: RunDir, checkpoint: str, precision: StorageDtype, splits: list[str]) -> None:
    """Store cached float32 features in half the bytes, without reading images; a cache of something else stays."""
    for split in splits:
        path = run.features(checkpoint, split)
        float32_key = dataclasses.replace(cache_key(run, checkpoint, "float32"), split=split)
        try:
            features = read_features(path, float32_key)
        except RunError:
            return
        key: CacheKey = dataclasses.replace(float32_key, precision=precision)
        chunks = (chunk for chunk, _ in features.chunks())
        stream = TensorStream(tuple(features.stored.shape), STORAGE_DTYPES[precision], chunks)
        write_features(path, stream, features.labels, key)
