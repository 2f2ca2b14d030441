"""The splits that judge a trial: parts of the training set, never the run's own validation or test images."""

import dataclasses

from decouple.datasets.data import TRAIN, VAL, Data, Indices
from decouple.datasets.splits import stratified_folds, stratified_holdout
from decouple.errors import DataError


def hold_out(data: Data, fraction: float, seed: int) -> Data:
    """Return `data` with its training set divided into train and val, stratified, and with no test split at all."""
    return _divided(data, *stratified_holdout(data.labels, data.splits[TRAIN], fraction, seed))


def in_folds(data: Data, folds: int, seed: int) -> list[Data]:
    """Return `data` once for each fold of its training set, which is val there, stratified, the others being train.

    Every training image is in val exactly once; the only image of a class never is. Folds without an image are left
    out.

    Raises:
        ConfigError: fewer than 2 folds.
        DataError: no class has two images.
    """
    parts = stratified_folds(data.labels, data.splits[TRAIN], folds, seed)
    found = [_divided(data, kept, held) for kept, held in parts if len(held)]
    if not found:
        raise DataError("no class has two training images, so none can be held out to judge a trial; add images")
    return found


def _divided(data: Data, kept: Indices, held: Indices) -> Data:
    return dataclasses.replace(data, splits={TRAIN: kept, VAL: held})
