"""Training and validation images joined, and stratified folds of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from decouple.datasets.data import TRAIN, VAL
from decouple.datasets.splits import stratified_folds
from decouple.errors import DataError
from decouple.files.features import Features
from stage2.fit_result import FeatureSplits


@dataclass(frozen=True)
class _SubsetViews:
    """Views of some of the joined images: of training images those they have, of validation images the clean one."""

    splits: FeatureSplits
    indices: Tensor  # (M,) of joined images, training images first

    def draw(self, indices: Tensor, seed: int, *position: int) -> Tensor:
        """Return float32 rows (B, D)."""
        train, joined = self.splits[TRAIN], self.indices[indices]
        rows = torch.empty(len(joined), train.stored.shape[1])
        from_train = joined < len(train.labels)
        rows[from_train] = train.draw(joined[from_train], seed, *position)
        if VAL in self.splits:
            rows[~from_train] = self.splits[VAL].stored.index_select(0, joined[~from_train] - len(train.labels)).float()
        return rows


def join_splits(splits: FeatureSplits) -> Features:
    """Return training and validation images, where there are any, as one split."""
    both = [splits[name] for name in (TRAIN, VAL) if name in splits]
    labels = torch.cat([split.labels for split in both])
    views = None if splits[TRAIN].views is None else _SubsetViews(splits, torch.arange(len(labels)))
    return Features(torch.cat([split.stored for split in both]), labels, views)


def split_folds(splits: FeatureSplits, folds: int, seed: int) -> Iterator[tuple[Features, Features]]:
    """Yield (training part, held-out part) of each stratified fold of training and validation images.

    The only image of a class is always in the training part.

    Raises:
        ConfigError: fewer than 2 folds.
        DataError: no class has two images.
    """
    joined = join_splits(splits)
    labels = joined.labels.numpy()
    if len(labels) == len(np.unique(labels)):
        raise DataError("no class has two images, so none can be held out for the selection; add images")
    for train, held_out in stratified_folds(labels, torch.arange(len(labels)).numpy(), folds, seed):
        if len(held_out):
            yield (
                _subset(splits, joined, torch.from_numpy(train)),
                _subset(splits, joined, torch.from_numpy(held_out)),
            )


def _subset(splits: FeatureSplits, joined: Features, indices: Tensor) -> Features:
    views = None if joined.views is None else _SubsetViews(splits, indices)
    return Features(joined.stored[indices], joined.labels[indices], views)
