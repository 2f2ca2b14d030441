"""Features that were extracted elsewhere: npz, safetensors, csv and parquet files of numbers with labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from decouple.errors import DataError
from decouple.files.array_files import Array, is_table, read_arrays
from decouple.log import logger

DEFAULT_LABELS = ("labels", "label")  # names of the labels where the user gives none
REAL_KINDS = "fiu"  # numpy's kinds of real numbers
CHECK_CHUNK = 8192  # rows
MIN_ID_ROWS = 10  # fewer may differ by chance


@dataclass(frozen=True)
class FeatureTable:
    """The content of a file, with checked shapes and finite numbers."""

    path: Path
    features: Array  # (N, D), floating point
    labels: Array  # (N,), int64, or texts as objects
    class_names: tuple[str, ...] | None  # where the file names the classes
    columns: tuple[str, ...] | None = None  # D names, where the file is a table

    def in_order_of(self, columns: Sequence[str]) -> "FeatureTable":
        """Return the same rows with the features in the order of another table's columns.

        Raises:
            DataError: the columns are others.
        """
        if self.columns is None or self.columns == tuple(columns):
            return self
        differing = sorted(set(columns) ^ set(self.columns))
        if differing:
            raise DataError(
                f"{self.path} must have the same columns as the training table; '{differing[0]}' is in one of the "
                "two only. Leave out columns that are no features with `drop_columns`"
            )
        order = [self.columns.index(name) for name in columns]
        return replace(self, features=self.features[:, order], columns=tuple(columns))


def read_feature_table(path: Path, label: str | None, drop: Sequence[str] = ()) -> FeatureTable:
    """Return features and labels of a file.

    npz and safetensors hold the features in the array `features`, or in the only array of two dimensions; npz may hold
    the names of the classes in `class_names`. In csv and parquet every column but the labels is a feature.

    Args:
        path: an npz, safetensors, csv or parquet file.
        label: name of the labels; None: `labels` or `label`.
        drop: columns or arrays that are left out, such as an id; a warning names those that the file lacks.

    Raises:
        ConfigError: the file type is not known, or its reader is not installed.
        DataError: the file cannot be read, or its arrays have wrong shapes or types.
    """
    arrays = read_arrays(path)
    name = _label_name(path, arrays, label)
    labels = _checked_labels(path, name, arrays[name])
    for missing in sorted(set(drop) - arrays.keys()):
        logger.warning(f"{path} has no column '{missing}' that `drop_columns` could leave out")
    others = {other: array for other, array in arrays.items() if other != name and other not in drop}
    features = _columns(path, others) if is_table(path) else _only_matrix(path, others)
    if len(features) != len(labels):
        raise DataError(f"{path} holds {len(features)} rows of features and {len(labels)} labels")
    if features.size == 0:
        raise DataError(f"{path} holds no features")
    _check_finite(path, features)
    names = arrays.get("class_names") if path.suffix.lower() == ".npz" else None
    if names is not None and names.ndim != 1:
        raise DataError(f"{path}: 'class_names' must have one dimension, got shape {names.shape}")
    class_names = None if names is None else tuple(_texts(path, "class_names", names))
    return FeatureTable(path, features, labels, class_names, tuple(others) if is_table(path) else None)


def read_weight_and_bias(path: Path) -> tuple[Array, Array | None]:
    """Return weight (C, D) and bias (C,), or None for no bias, of an npz or safetensors file.

    Raises:
        ConfigError: the file type is not known.
        DataError: the file cannot be read, or does not hold a classifier.
    """
    arrays = {} if is_table(path) else read_arrays(path)
    weight, bias = arrays.get("weight"), arrays.get("bias")
    if weight is None or weight.ndim != 2 or weight.dtype.kind not in REAL_KINDS:
        raise DataError(
            f"{path} must be npz or safetensors, with 'weight' of shape (classes, features) and optionally 'bias'"
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise DataError(f"{path}: 'bias' must have shape {weight.shape[:1]} as 'weight' has, got {bias.shape}")
    if bias is not None and bias.dtype.kind not in REAL_KINDS:
        raise DataError(f"{path}: 'bias' must hold numbers, got {bias.dtype}")
    with np.errstate(over="ignore"):
        weight = weight.astype(np.float32)
        bias = None if bias is None else bias.astype(np.float32)
    if not (np.isfinite(weight).all() and (bias is None or np.isfinite(bias).all())):
        raise DataError(f"{path}: the classifier holds a value that is infinite or not a number in float32")
    return weight, bias


def _label_name(path: Path, arrays: Mapping[str, Array], label: str | None) -> str:
    names = DEFAULT_LABELS if label is None else (label,)
    for name in names:
        if name in arrays:
            return name
    listed = ", ".join(list(arrays)[:8]) + (", ..." if len(arrays) > 8 else "")
    raise DataError(f"{path} holds no {' or '.join(map(repr, names))}; it holds {listed}. Name the labels with `label`")


def _checked_labels(path: Path, name: str, labels: Array) -> Array:
    """Return labels as int64, or as texts."""
    if labels.ndim != 1:
        raise DataError(f"{path}: '{name}' must have one dimension, got shape {labels.shape}")
    missing = np.flatnonzero(_is_missing(labels))
    if len(missing):
        raise DataError(f"{path}: row {missing[0]} has no label (rows count from 0)")
    if np.issubdtype(labels.dtype, np.integer) or (
        np.issubdtype(labels.dtype, np.floating) and np.isfinite(labels).all() and (labels == np.rint(labels)).all()
    ):
        return labels.astype(np.int64)
    if labels.dtype.kind in "US" or all(isinstance(label, str) for label in labels.tolist()):
        return np.array(_texts(path, name, labels), dtype=object)
    raise DataError(f"{path}: '{name}' must hold whole numbers or names, got {labels.dtype}")


def _is_missing(labels: Array) -> NDArray[np.bool_]:
    """Return which labels are NaN or None."""
    if labels.dtype.kind == "f":
        return np.isnan(labels)
    if labels.dtype.kind == "O":
        return np.array([label is None or label != label for label in labels.tolist()], dtype=bool)
    return np.zeros(len(labels), dtype=bool)


def _texts(path: Path, name: str, texts: Array) -> list[str]:
    try:
        return [str(text) for text in (np.char.decode(texts, "utf-8") if texts.dtype.kind == "S" else texts).tolist()]
    except UnicodeDecodeError:
        raise DataError(f"{path}: '{name}' holds bytes that are not UTF-8; store the names as text") from None


def _only_matrix(path: Path, arrays: Mapping[str, Array]) -> Array:
    matrices = [array for array in arrays.values() if array.ndim == 2]
    features = arrays.get("features", matrices[0] if len(matrices) == 1 else None)
    if features is None or features.ndim != 2 or features.dtype.kind not in REAL_KINDS:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise DataError(f"{path} must hold 'features' of shape (rows, width), numbers; it holds {shapes or 'none'}")
    return features if features.dtype.kind == "f" else features.astype(np.float32)


def _columns(path: Path, columns: Mapping[str, Array]) -> Array:
    for name, column in columns.items():
        if len(column) and column.dtype.kind not in REAL_KINDS:
            raise DataError(
                f"{path}: column '{name}' does not hold numbers; every column but the labels is a feature. "
                f"Leave it out with `drop_columns={name}`"
            )
        if _looks_like_an_id(column):
            logger.warning(
                f"{path}: column '{name}' holds another whole number in every row, as an id does, and is used as a "
                f"feature; leave it out with `drop_columns={name}`"
            )
    return np.stack([column.astype(np.float32) for column in columns.values()], axis=1) if columns else np.empty((0, 0))


def _looks_like_an_id(column: Array) -> bool:
    return column.dtype.kind in "iu" and len(column) >= MIN_ID_ROWS and len(np.unique(column)) == len(column)


def _check_finite(path: Path, features: Array) -> None:
    for start in range(0, len(features), CHECK_CHUNK):
        with np.errstate(over="ignore"):
            bad = ~np.isfinite(features[start : start + CHECK_CHUNK].astype(np.float32)).all(axis=1)
        if bad.any():
            row = start + int(np.argmax(bad))
            raise DataError(f"{path}: row {row} holds a value that is infinite or not a number (rows count from 0)")
