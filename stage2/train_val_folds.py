"""Training and validation images as one set, and parts of it: what folds are made of."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from decouple.datasets.data import TRAIN, VAL
from decouple.datasets.splits import stratified_folds
from decouple.errors import DataError
from decouple.files.features import Features
from stage2.fit_result import Splits


@dataclass(frozen=True)
class _PartViews:
    """Views of some images of a pool: of training images those they have, of validation images the clean one."""

    splits: Splits
    members: Tensor  # (M,) places in the pool, training images first

    def draw(self, indices: Tensor, seed: int, *position: int) -> Tensor:
        """Return float32 rows (B, D)."""
        train, places = self.splits[TRAIN], self.members[indices]
        rows = torch.empty(len(places), train.stored.shape[1])
        of_train = places < len(train.labels)
        rows[of_train] = train.draw(places[of_train], seed, *position)
        if VAL in self.splits:
            rows[~of_train] = self.splits[VAL].stored.index_select(0, places[~of_train] - len(train.labels)).float()
        return rows


def pooled(splits: Splits) -> Features:
    """Return training and validation images, where there are any, as one split."""
    both = [splits[name] for name in (TRAIN, VAL) if name in splits]
    labels = torch.cat([each.labels for each in both])
    views = None if splits[TRAIN].views is None else _PartViews(splits, torch.arange(len(labels)))
    return Features(torch.cat([each.stored for each in both]), labels, views)


def folds_of(splits: Splits, folds: int, seed: int) -> Iterator[tuple[Features, Features]]:
    """Yield (kept, held) of each stratified fold of training and validation images.

    The only image of a class is in no held part.

    Raises:
        ConfigError: fewer than 2 folds.
        DataError: no class has two images.
    """
    pool = pooled(splits)
    labels = pool.labels.numpy()
    if len(labels) == len(np.unique(labels)):
        raise DataError("no class has two images, so none can be held out to judge by; add images")
    for kept, held in stratified_folds(labels, torch.arange(len(labels)).numpy(), folds, seed):
        if len(held):
            yield _part(splits, pool, torch.from_numpy(kept)), _part(splits, pool, torch.from_numpy(held))


def _part(splits: Splits, pool: Features, members: Tensor) -> Features:
    views = None if pool.views is None else _PartViews(splits, members)
    return Features(pool.stored[members], pool.labels[members], views)
