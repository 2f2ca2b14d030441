"""A run made of features that were extracted elsewhere: splits, classes, a first classifier, and the cache."""

import contextlib
import dataclasses
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from decouple.class_counts import class_groups
from decouple.classifier import Classifier
from decouple.config.settings_yaml import to_yaml
from decouple.datasets.data import TEST, TRAIN, VAL, Indices
from decouple.datasets.splits import stratified_holdout
from decouple.environment import describe_environment
from decouple.errors import DataError
from decouple.evaluation.scoring import score_splits, weight_norms
from decouple.files.atomic import write_json, write_text
from decouple.files.data_record import DataRecord, write_data
from decouple.files.feature_tables import Array, FeatureTable, read_feature_table, read_weight_and_bias
from decouple.files.features import CHUNK, STORAGE_DTYPES, Features, StorageDtype, write_features
from decouple.files.json_records import record_to_json
from decouple.files.new_run import create_run
from decouple.files.results import Stage1Entry, record_stage1
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FEATURES, FINISHED
from decouple.files.tensor_files import TensorStream, write_tensors
from decouple.files.weights_metadata import WeightsMetadata
from decouple.seeding import derive_seed
from stage1.extract import cache_key, read_cached
from stage2.methods.crt import ClassifierRetraining
from stage2.settings import Stage2Config

_OPTIONS_OF_THE_RUN = ("features", "val_features", "test_features", "weight", "label", "val_fraction", "test_fraction")
_OPTIONS_OF_THE_FIT = ("epochs", "batch_size", "lr", "momentum", "weight_decay", "seed")


@dataclass(frozen=True)
class Part:
    """The rows of a table that make a split."""

    table: FeatureTable
    rows: Indices
    labels: Array  # (N,) int64 of all rows of the table

    def chunks(self) -> Iterator[Tensor]:
        """Yield float32 rows in order."""
        for start in range(0, len(self.rows), CHUNK):
            yield torch.from_numpy(self.table.features[self.rows[start : start + CHUNK]].astype(np.float32))


@dataclass(frozen=True, kw_only=True)
class ExternalFeaturesConfig:
    """What config.yaml says of such a run."""

    data: str
    model: str
    features: str
    val_features: str | None
    test_features: str | None
    weight: str | None
    label: str | None
    val_fraction: float
    test_fraction: float
    seed: int


def start_features_run(config: Stage2Config) -> RunDir:
    """Make a run of the files that `config` names; it is whole, or there is none.

    Its first classifier is the one given with --weight, else one trained on the features as they come, to compare with.

    Raises:
        DecoupleError: a file is wrong, or the files do not go together.
    """
    assert config.features is not None  # the caller asks only then
    parts, class_names, group_counts = _divide(config)
    width = parts[TRAIN].table.features.shape[1]
    given = None if config.weight is None else _given_classifier(Path(config.weight), len(class_names), width)

    def fill(draft: RunDir) -> None:
        _describe(draft, config, parts, class_names, group_counts)
        classifier = given or Classifier("linear", torch.zeros(len(class_names), width), torch.zeros(len(class_names)))
        precision: StorageDtype = "float32" if config.feature_precision == "auto" else config.feature_precision
        if given is None:
            classifier = _plain_classifier(config, classifier, _in_memory(parts[TRAIN], precision))
        _write_weights(draft, classifier, fitted_here=given is None)
        splits = _write_cache(draft, parts, precision)
        metrics = score_splits(classifier, splits, group_counts.tolist())
        entry = Stage1Entry(epoch=0, metrics=metrics, weight_norms=weight_norms(classifier))
        record_stage1(draft.results, "last", entry)
        draft.set_status(FINISHED)

    stem = f"{Path(config.features).stem}-features"
    return create_run(Path(config.runs), config.name, stem, fill, kind=FEATURES)


@contextlib.contextmanager
def temporary_run(config: Stage2Config) -> Iterator[RunDir]:
    """Make a run as `start_features_run` does; should what is done with it fail, it goes again.

    Raises:
        DecoupleError: see `start_features_run`.
    """
    made = start_features_run(config)
    try:
        yield made
    except BaseException:
        shutil.rmtree(made.path, ignore_errors=True)
        raise


def _divide(config: Stage2Config) -> tuple[dict[str, Part], tuple[str, ...], Indices]:
    """Return the splits, the names of the classes, and the training rows per class before validation was held out."""
    named = {TRAIN: config.features, VAL: config.val_features, TEST: config.test_features}
    tables = {split: read_feature_table(Path(path), config.label) for split, path in named.items() if path is not None}
    labels, class_names = _number_classes(tables)
    _check_widths(tables)
    every = {split: np.arange(len(each)) for split, each in labels.items()}
    if TEST not in every:
        seed = derive_seed(config.seed, "test split")
        every[TRAIN], every[TEST] = stratified_holdout(labels[TRAIN], every[TRAIN], config.test_fraction, seed)
        if not len(every[TEST]):
            raise DataError("no row can be held out for testing, as every class has only one; give --test-features")
    group_counts = np.bincount(labels[TRAIN][every[TRAIN]], minlength=len(class_names))
    if VAL not in every and config.val_fraction > 0:
        seed = derive_seed(config.seed, "validation split")
        kept, held = stratified_holdout(labels[TRAIN], every[TRAIN], config.val_fraction, seed)
        every |= {TRAIN: kept, VAL: held} if len(held) else {}
    parts = {}
    for split in (TRAIN, VAL, TEST):
        if split in every:
            source = split if split in tables else TRAIN
            parts[split] = Part(tables[source], every[split], labels[source])
    return parts, class_names, group_counts


def _number_classes(tables: dict[str, FeatureTable]) -> tuple[dict[str, Indices], tuple[str, ...]]:
    """Return labels 0 to C-1 of each table, and the names of the classes; each has a training row."""
    train = tables[TRAIN]
    texts = {split: table.labels.dtype == object for split, table in tables.items()}
    for split, table in tables.items():
        if texts[split] != texts[TRAIN]:
            raise DataError(f"labels are names in one of {train.path} and {table.path}, and numbers in the other")
    if texts[TRAIN]:
        names = train.class_names or tuple(sorted(set(train.labels.tolist())))
        places = {name: place for place, name in enumerate(names)}
    else:
        names = train.class_names or _numbers(train)
        places = {place: place for place in range(len(names))}  # type: ignore[misc]
    if len(names) < 2 or len(set(names)) < len(names):
        raise DataError(f"{train.path} must have 2 classes or more, each name once; it has {', '.join(names[:8])}")
    labels = {}
    for split, table in tables.items():
        unknown = sorted(set(table.labels.tolist()) - places.keys())
        if unknown:
            raise DataError(
                f"{table.path} has the label '{unknown[0]}', which is none of the {len(names)} classes of {train.path}"
            )
        labels[split] = np.array([places[label] for label in table.labels.tolist()], dtype=np.int64)
    empty = np.flatnonzero(np.bincount(labels[TRAIN], minlength=len(names)) == 0)
    if len(empty):
        raise DataError(f"class '{names[empty[0]]}' has no row in {train.path}; every class needs one to train on")
    return labels, names


def _numbers(train: FeatureTable) -> tuple[str, ...]:
    """Return the numbers 0 to C-1 as names; a stray huge label must not make as many classes."""
    held = np.unique(train.labels)
    if held[0] < 0:
        raise DataError(f"{train.path} has the label {held[0]}; labels are whole numbers from 0, or names")
    missing = np.flatnonzero(held != np.arange(len(held)))
    if len(missing):
        raise DataError(
            f"class '{missing[0]}' has no row in {train.path}, whose largest label is {held[-1]}; "
            "every class needs one to train on"
        )
    return tuple(map(str, held.tolist()))


def _check_widths(tables: dict[str, FeatureTable]) -> None:
    width = tables[TRAIN].features.shape[1]
    for table in tables.values():
        if table.features.shape[1] != width:
            raise DataError(
                f"{table.path} has features of width {table.features.shape[1]}, {tables[TRAIN].path} of {width}"
            )


def _given_classifier(path: Path, num_classes: int, width: int) -> Classifier:
    weight, bias = read_weight_and_bias(path)
    if weight.shape != (num_classes, width):
        raise DataError(
            f"{path}: 'weight' must have shape ({num_classes}, {width}) as the features do, got {weight.shape}"
        )
    return Classifier("linear", torch.from_numpy(weight), None if bias is None else torch.from_numpy(bias))


def _plain_classifier(config: Stage2Config, shape: Classifier, train: Features) -> Classifier:
    """Return a classifier trained with cross-entropy on rows as they come, with the settings of the fit."""
    given = {name: getattr(config, name) for name in _OPTIONS_OF_THE_FIT}
    firsts = {name: value[0] if isinstance(value, tuple) else value for name, value in given.items()}
    how = {name: value for name, value in firsts.items() if value is not None}
    return ClassifierRetraining(sampler="instance", **how).fit(shape, {TRAIN: train}).classifier


def _in_memory(part: Part, precision: StorageDtype) -> Features:
    rows = torch.cat([chunk.to(STORAGE_DTYPES[precision]) for chunk in part.chunks()])
    return Features(rows, torch.from_numpy(part.labels[part.rows]))


def _write_weights(draft: RunDir, classifier: Classifier, *, fitted_here: bool) -> None:
    tensors = {"classifier.weight": classifier.weight} | (
        {} if classifier.bias is None else {"classifier.bias": classifier.bias}
    )
    metadata = WeightsMetadata(epoch=0, classifier="linear", scale=1.0, fitted_here=fitted_here)
    write_tensors(draft.weights("last"), tensors, record_to_json(metadata))


def _write_cache(draft: RunDir, parts: dict[str, Part], precision: StorageDtype) -> dict[str, Features]:
    key = cache_key(draft, "last", precision)
    for split, part in parts.items():
        shape = (len(part.rows), part.table.features.shape[1])
        rows = TensorStream(shape, STORAGE_DTYPES[precision], part.chunks())
        labels = torch.from_numpy(part.labels[part.rows])
        write_features(draft.features("last", split), rows, labels, dataclasses.replace(key, split=split))
    return read_cached(draft, "last", precision)


def _describe(
    draft: RunDir, config: Stage2Config, parts: dict[str, Part], class_names: tuple[str, ...], group_counts: Indices
) -> None:
    """Write what is known of the run before its classifier."""
    options = {name: getattr(config, name) for name in _OPTIONS_OF_THE_RUN}
    stored = ExternalFeaturesConfig(
        data=Path(options["features"]).name, model="own features", seed=config.seed, **options
    )
    write_text(draft.config, to_yaml(stored))
    write_json(draft.environment, describe_environment(torch.device("cpu")))
    counts = {
        split: tuple(np.bincount(part.labels[part.rows], minlength=len(class_names)).tolist())
        for split, part in parts.items()
    }
    groups = class_groups(group_counts, "many_medium_few")
    write_data(
        draft.data,
        DataRecord(
            class_names=class_names,
            class_counts=counts[TRAIN],
            group_counts=tuple(group_counts.tolist()),
            groups={name: tuple(classes.tolist()) for name, classes in groups.items()},
            images={split: len(part.rows) for split, part in parts.items()},
            split_counts={split: per_class for split, per_class in counts.items() if split != TRAIN},
            image_size=None,
            mean=(),
            std=(),
            flippable=False,
            bad_images=0,
            fingerprint=_fingerprint(parts, class_names),
        ),
    )


def _fingerprint(parts: dict[str, Part], class_names: tuple[str, ...]) -> str:
    digest = hashlib.blake2b(repr((class_names, sorted(parts))).encode(), digest_size=16)
    for _, part in sorted(parts.items()):
        digest.update(part.labels[part.rows].astype("<i8").tobytes())
        for rows in part.chunks():
            digest.update(rows.numpy().data)
    return digest.hexdigest()
