"""A run made of features that were extracted elsewhere: data, a first classifier, and the cache."""

import contextlib
import dataclasses
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from decouple.class_counts import class_groups
from decouple.classifier import Classifier
from decouple.config.settings_yaml import to_yaml
from decouple.datasets.data import TRAIN
from decouple.environment import describe_environment
from decouple.errors import ConfigError, DataError
from decouple.evaluation.scoring import score_splits, weight_norms
from decouple.files.atomic import write_text
from decouple.files.data_record import DataRecord, write_data
from decouple.files.feature_tables import read_weight_and_bias
from decouple.files.features import STORAGE_DTYPES, Features, StorageDtype, write_features
from decouple.files.json_records import record_to_json, write_record
from decouple.files.new_run import create_run
from decouple.files.results import Stage1Entry, record_stage1
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FEATURES, FINISHED
from decouple.files.tensor_files import TensorStream, write_tensors
from decouple.files.weights_metadata import WeightsMetadata
from stage1.extract import cache_key, read_cached
from stage2.external_splits import ExternalSplits, TableRows, read_external_splits
from stage2.methods.crt import ClassifierRetraining
from stage2.settings import Stage2Config, option_values

_OPTIONS_OF_THE_RUN = (
    "features", "val_features", "test_features", "weight", "label", "drop_columns", "val_fraction", "test_fraction"
)  # fmt: skip
_OPTIONS_OF_THE_FIT = ("epochs", "batch_size", "lr", "momentum", "weight_decay", "seed")


@dataclass(frozen=True, kw_only=True)
class ExternalFeaturesConfig:
    """The content of config.yaml of a run made of external features."""

    data: str
    model: str
    features: str
    val_features: str | None
    test_features: str | None
    weight: str | None
    label: str | None
    drop_columns: tuple[str, ...]
    val_fraction: float
    test_fraction: float
    seed: int


def start_features_run(config: Stage2Config) -> RunDir:
    """Make a run of the files that `config.features` and the like name; it is complete, or there is none.

    Its first classifier is that of `config.weight`. Without one it is trained on the training rows as they are, for
    comparison alone.

    Raises:
        ConfigError: `config.features` is None.
        DecoupleError: a file is wrong, or the files do not go together.
    """
    if config.features is None:
        raise ConfigError("`features` must name the file of training features")
    splits = read_external_splits(config)
    classifier = None if config.weight is None else _read_classifier(Path(config.weight), splits)

    def fill(draft: RunDir) -> None:
        _write_settings_and_data(draft, config, splits)
        precision: StorageDtype = "float32" if config.feature_precision == "auto" else config.feature_precision
        first = classifier or _fit_classifier(config, splits, precision)
        _write_weights(draft, first, fitted_here=classifier is None)
        features = _write_cache(draft, splits, precision)
        metrics = score_splits(first, features, splits.group_counts.tolist())
        entry = Stage1Entry(epoch=0, metrics=metrics, weight_norms=weight_norms(first))
        record_stage1(draft.results, "last", entry)
        draft.set_status(FINISHED)

    stem = f"{Path(config.features).stem}-features"
    return create_run(Path(config.runs), config.name, stem, fill, kind=FEATURES)


@contextlib.contextmanager
def temporary_run(config: Stage2Config) -> Iterator[RunDir]:
    """Make a run as `start_features_run` does; it is deleted if the block raises.

    Raises:
        DecoupleError: see `start_features_run`.
    """
    run = start_features_run(config)
    try:
        yield run
    except BaseException:
        shutil.rmtree(run.path, ignore_errors=True)
        raise


def _read_classifier(path: Path, splits: ExternalSplits) -> Classifier:
    weight, bias = read_weight_and_bias(path)
    shape = (len(splits.class_names), splits.width)
    if weight.shape != shape:
        raise DataError(f"{path}: 'weight' must have shape {shape} as the features do, got {weight.shape}")
    return Classifier("linear", torch.from_numpy(weight), None if bias is None else torch.from_numpy(bias))


def _fit_classifier(config: Stage2Config, splits: ExternalSplits, precision: StorageDtype) -> Classifier:
    """Return a classifier trained with cross-entropy on the rows as they are, with the settings of the fit."""
    num_classes = len(splits.class_names)
    shape = Classifier("linear", torch.zeros(num_classes, splits.width), torch.zeros(num_classes))
    settings = {name: option_values(config, name)[0] for name in _OPTIONS_OF_THE_FIT if option_values(config, name)}
    method = ClassifierRetraining(sampler="instance", **settings)
    return method.fit(shape, {TRAIN: _load_features(splits.rows[TRAIN], precision)}).classifier


def _load_features(rows: TableRows, precision: StorageDtype) -> Features:
    stored = torch.cat([chunk.to(STORAGE_DTYPES[precision]) for chunk in rows.chunks()])
    return Features(stored, torch.from_numpy(rows.labels))


def _write_weights(draft: RunDir, classifier: Classifier, *, fitted_here: bool) -> None:
    tensors = {"classifier.weight": classifier.weight} | (
        {} if classifier.bias is None else {"classifier.bias": classifier.bias}
    )
    metadata = WeightsMetadata(epoch=0, classifier="linear", scale=1.0, fitted_here=fitted_here)
    write_tensors(draft.weights("last"), tensors, record_to_json(metadata))


def _write_cache(draft: RunDir, splits: ExternalSplits, precision: StorageDtype) -> dict[str, Features]:
    key = cache_key(draft, "last", precision)
    for split, rows in splits.rows.items():
        stream = TensorStream((len(rows.indices), splits.width), STORAGE_DTYPES[precision], rows.chunks())
        labels = torch.from_numpy(rows.labels)
        write_features(draft.features("last", split), stream, labels, dataclasses.replace(key, split=split))
    return read_cached(draft, "last", precision)


def _write_settings_and_data(draft: RunDir, config: Stage2Config, splits: ExternalSplits) -> None:
    """Write config.yaml, environment.json and data.json."""
    options = {name: getattr(config, name) for name in _OPTIONS_OF_THE_RUN}
    settings = ExternalFeaturesConfig(
        data=Path(options["features"]).name, model="external features", seed=config.seed, **options
    )
    write_text(draft.config, to_yaml(settings))
    write_record(draft.environment, describe_environment(torch.device("cpu")))
    groups = class_groups(splits.group_counts, "many_medium_few")
    record = DataRecord(
        class_names=splits.class_names,
        class_counts=splits.class_counts(TRAIN),
        group_counts=tuple(splits.group_counts.tolist()),
        groups={name: tuple(classes.tolist()) for name, classes in groups.items()},
        images={split: len(rows.indices) for split, rows in splits.rows.items()},
        split_counts={split: splits.class_counts(split) for split in splits.rows if split != TRAIN},
        image_size=None,
        mean=(),
        std=(),
        flippable=False,
        bad_images=0,
        fingerprint=splits.fingerprint(),
    )
    write_data(draft.data, record)
