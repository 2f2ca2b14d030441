"""Training and validation images joined, and stratified folds of them; how many folds a thin tail needs."""

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

MIN_VALIDATION_IMAGES = 10  # of every class; with fewer, validation alone says little about a class
USUAL_FOLDS = 5
MAX_FOLD_LOGITS = 2**27  # images x classes; above, the out-of-fold logits of each method would take more than 512 MB


@dataclass(frozen=True)
class Fold:
    """A fold: images to fit to, images to evaluate on, and the positions of these among the joined images."""

    train: Features
    held_out: Features
    indices: Tensor  # (M,) ascending, training images first


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
    """Yield (training part, held-out part) of each of `make_folds`."""
    for fold in make_folds(splits, folds, seed):
        yield fold.train, fold.held_out


def make_folds(splits: FeatureSplits, folds: int, seed: int) -> Iterator[Fold]:
    """Yield stratified folds of training and validation images.

    The only image of a class is always in the training part.

    Raises:
        ConfigError: fewer than 2 folds.
        DataError: no class has two images.
    """
    joined = join_splits(splits)
    labels = joined.labels.numpy()
    if len(labels) == len(np.unique(labels)):
        raise DataError("no class has two training images, so none can be held out for the selection; add images")
    for train, held_out in stratified_folds(labels, torch.arange(len(labels)).numpy(), folds, seed):
        if len(held_out):
            indices = torch.from_numpy(held_out)
            yield Fold(_subset(splits, joined, torch.from_numpy(train)), _subset(splits, joined, indices), indices)


def automatic_folds(splits: FeatureSplits, num_classes: int) -> int:
    """Return how many folds the choices of stage two need, 0 where the validation split suffices.

    It suffices where every class has 10 validation images or more. Else there are 5 folds, or as many as the smallest
    class of two or more images has, so that such a class is in every fold where that is possible. Images x classes
    above 2^27 are left to the validation split, if there is one.

    Example:
        A class of 3 training images and 1 validation image: 4 folds.

        >>> train = Features(torch.zeros(23, 2), torch.tensor([0] * 20 + [1] * 3))
        >>> val = Features(torch.zeros(11, 2), torch.tensor([0] * 10 + [1]))
        >>> automatic_folds({"train": train, "val": val}, 2)
        4
    """
    validation = torch.zeros(num_classes, dtype=torch.int64)
    if VAL in splits:
        validation = torch.bincount(splits[VAL].labels, minlength=num_classes)
    images = validation + torch.bincount(splits[TRAIN].labels, minlength=num_classes)
    if int(validation.min()) >= MIN_VALIDATION_IMAGES or (
        VAL in splits and int(images.sum()) * num_classes > MAX_FOLD_LOGITS
    ):
        return 0
    smallest = int(images[images >= 2].min()) if bool((images >= 2).any()) else 2
    return min(USUAL_FOLDS, smallest)


def _subset(splits: FeatureSplits, joined: Features, indices: Tensor) -> Features:
    views = None if joined.views is None else _SubsetViews(splits, indices)
    return Features(joined.stored[indices], joined.labels[indices], views)
