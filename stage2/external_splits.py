"""Splits and classes of features that were extracted elsewhere."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from decouple.datasets.data import TEST, TRAIN, VAL, Indices
from decouple.datasets.splits import stratified_holdout
from decouple.errors import DataError
from decouple.files.array_files import Array
from decouple.files.feature_tables import FeatureTable, read_feature_table
from decouple.files.features import CHUNK
from decouple.seeding import derive_seed
from stage2.settings import Stage2Config


@dataclass(frozen=True)
class TableRows:
    """The rows of a table that make a split."""

    table: FeatureTable
    indices: Indices  # (N,) of the rows
    labels: Array  # (N,) int64

    def chunks(self) -> Iterator[Tensor]:
        """Yield float32 rows in order."""
        for start in range(0, len(self.indices), CHUNK):
            yield torch.from_numpy(self.table.features[self.indices[start : start + CHUNK]].astype(np.float32))


@dataclass(frozen=True)
class ExternalSplits:
    """The splits of external features, and their classes."""

    rows: dict[str, TableRows]  # train, test, and val where there is one
    class_names: tuple[str, ...]  # (C,)
    group_counts: Indices  # (C,) training rows per class before validation rows were held out

    @property
    def width(self) -> int:
        """The number of features of a row."""
        return int(self.rows[TRAIN].table.features.shape[1])

    def class_counts(self, split: str) -> tuple[int, ...]:
        """Return the rows per class of a split, (C,)."""
        return tuple(np.bincount(self.rows[split].labels, minlength=len(self.class_names)).tolist())

    def fingerprint(self) -> str:
        """Return a hash of all features, labels and class names."""
        digest = hashlib.blake2b(repr((self.class_names, sorted(self.rows))).encode(), digest_size=16)
        for _, rows in sorted(self.rows.items()):
            digest.update(rows.labels.astype("<i8").tobytes())
            for chunk in rows.chunks():
                digest.update(chunk.numpy().data)
        return digest.hexdigest()


def read_external_splits(config: Stage2Config) -> ExternalSplits:
    """Return the splits of the files that `config` names; a split without a file is held out of the training rows.

    Raises:
        DataError: a file is wrong, or the files do not go together.
    """
    paths = {TRAIN: config.features, VAL: config.val_features, TEST: config.test_features}
    tables = {
        split: read_feature_table(Path(path), config.label, config.drop_columns)
        for split, path in paths.items()
        if path is not None
    }
    columns = tables[TRAIN].columns
    if columns is not None:
        tables = {split: table.in_order_of(columns) for split, table in tables.items()}
    labels, class_names = _number_classes(tables)
    _check_widths(tables)
    indices = {split: np.arange(len(split_labels)) for split, split_labels in labels.items()}
    if TEST not in indices:
        seed = derive_seed(config.seed, "test split")
        indices[TRAIN], indices[TEST] = stratified_holdout(labels[TRAIN], indices[TRAIN], config.test_fraction, seed)
        if not len(indices[TEST]):
            raise DataError("no row can be held out for testing, as every class has only one; give `test_features`")
    group_counts = np.bincount(labels[TRAIN][indices[TRAIN]], minlength=len(class_names))
    if VAL not in indices and config.val_fraction > 0:
        seed = derive_seed(config.seed, "validation split")
        train, val = stratified_holdout(labels[TRAIN], indices[TRAIN], config.val_fraction, seed)
        indices |= {TRAIN: train, VAL: val} if len(val) else {}
    rows = {}
    for split in (TRAIN, VAL, TEST):
        if split in indices:
            source = split if split in tables else TRAIN
            rows[split] = TableRows(tables[source], indices[split], labels[source][indices[split]])
    return ExternalSplits(rows, class_names, group_counts)


def _number_classes(tables: dict[str, FeatureTable]) -> tuple[dict[str, Indices], tuple[str, ...]]:
    """Return labels 0 to C-1 of each table, and the names of the classes, each of which has a training row."""
    train = tables[TRAIN]
    are_names = train.labels.dtype == object
    for table in tables.values():
        if (table.labels.dtype == object) != are_names:
            raise DataError(f"labels are names in one of {train.path} and {table.path}, and numbers in the other")
    names = train.class_names or (tuple(sorted(set(train.labels.tolist()))) if are_names else _numbers(train))
    indices: dict[object, int] = {label: index for index, label in enumerate(names if are_names else range(len(names)))}
    if len(names) < 2 or len(set(names)) < len(names):
        raise DataError(f"{train.path} must have 2 classes or more with different names; it has {', '.join(names[:8])}")
    labels = {}
    for split, table in tables.items():
        unknown = sorted(set(table.labels.tolist()) - indices.keys())
        if unknown:
            raise DataError(
                f"{table.path} has the label '{unknown[0]}', which is none of the {len(names)} classes of {train.path}"
            )
        labels[split] = np.array([indices[label] for label in table.labels.tolist()], dtype=np.int64)
    empty = np.flatnonzero(np.bincount(labels[TRAIN], minlength=len(names)) == 0)
    if len(empty):
        raise DataError(f"class '{names[empty[0]]}' has no row in {train.path}; every class needs one to train on")
    return labels, names


def _numbers(train: FeatureTable) -> tuple[str, ...]:
    """Return the labels 0 to C-1 as names; a single huge label must not make millions of empty classes."""
    labels = np.unique(train.labels)
    if labels[0] < 0:
        raise DataError(f"{train.path} has the label {labels[0]}; labels are whole numbers from 0, or names")
    missing = np.flatnonzero(labels != np.arange(len(labels)))
    if len(missing):
        raise DataError(
            f"class '{missing[0]}' has no row in {train.path}, whose largest label is {labels[-1]}; "
            "every class needs one to train on"
        )
    return tuple(map(str, labels.tolist()))


def _check_widths(tables: dict[str, FeatureTable]) -> None:
    width = tables[TRAIN].features.shape[1]
    for table in tables.values():
        if table.features.shape[1] != width:
            raise DataError(
                f"{table.path} has features of width {table.features.shape[1]}, {tables[TRAIN].path} of {width}"
            )
