"""The images that trials of stage one are evaluated on: part of the training set, never validation or test images."""

import dataclasses

from decouple.datasets.data import TRAIN, VAL, Data, Indices
from decouple.datasets.splits import stratified_folds, stratified_holdout
from decouple.errors import DataError


def hold_out(data: Data, fraction: float, seed: int) -> Data:
    """Return `data` with its training set divided into train and val, stratified, and without test split."""
    return _with_splits(data, *stratified_holdout(data.labels, data.splits[TRAIN], fraction, seed))


def in_folds(data: Data, folds: int, seed: int) -> list[Data]:
    """Return `data` once for each stratified fold of its training set: the fold is val there, the others are train.

    Every training image is in val exactly once; the only image of a class never is. Folds without an image are left
    out.

    Raises:
        ConfigError: fewer than 2 folds.
        DataError: no class has two images.
    """
    indices = stratified_folds(data.labels, data.splits[TRAIN], folds, seed)
    fold_data = [_with_splits(data, train, val) for train, val in indices if len(val)]
    if not fold_data:
        raise DataError("no class has two training images, so none can be held out to evaluate a trial; add images")
    return fold_data


def _with_splits(data: Data, train: Indices, val: Indices) -> Data:
    return dataclasses.replace(data, splits={TRAIN: train, VAL: val})
