"""The split that judges a trial: part of the training set, never the run's own validation or test images."""

import dataclasses

from decouple.datasets.data import TRAIN, VAL, Data
from decouple.datasets.splits import stratified_holdout


def hold_out(data: Data, fraction: float, seed: int) -> Data:
    """Return `data` with its training set divided into train and val, stratified, and with no test split at all."""
    kept, held = stratified_holdout(data.labels, data.splits[TRAIN], fraction, seed)
    return dataclasses.replace(data, splits={TRAIN: kept, VAL: held})
