"""The images whose features a page shows in two dimensions."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.data import TEST, TRAIN
from decouple.files.features import Features, read_features, stored_dtype
from decouple.pages.run_source import RunSource
from decouple.seeding import make_rng
from stage1.extract import cache_key


@dataclass(frozen=True, eq=False)
class FeatureSample:
    """Features of training and test images.

    Attributes:
        features: (N, D) float32.
        labels: (N,) int64.
        is_test: (N,).
        of: training and test images in all.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.int64]
    is_test: NDArray[np.bool_]
    of: int


def feature_sample(source: RunSource, limit: int) -> FeatureSample:
    """Return at most `limit` training and test images, about as many of either split and of each group.

    Args:
        source: the run.
        limit: number of images, 2 or more.
    """
    splits = {TRAIN: training_features(source), TEST: source.test}
    chosen = {
        name: spread_over_groups(features.labels.numpy(), source.record.groups, limit // 2)
        for name, features in splits.items()
    }
    parts = [features.stored[chosen[name]].float().numpy() for name, features in splits.items()]
    labels = [features.labels.numpy()[chosen[name]] for name, features in splits.items()]
    return FeatureSample(
        features=np.concatenate(parts),
        labels=np.concatenate(labels),
        is_test=np.repeat([False, True], [len(part) for part in parts]),
        of=sum(len(features.labels) for features in splits.values()),
    )


def training_features(source: RunSource) -> Features:
    """Return the cached features of the training images.

    Raises:
        RunError: they are missing or damaged, or belong to other weights.
    """
    path = source.run.features(source.checkpoint, TRAIN)
    key = cache_key(source.run, source.checkpoint, stored_dtype(path) or "float32")
    return read_features(path, dataclasses.replace(key, split=TRAIN))


def spread_over_groups(
    labels: NDArray[np.int64], groups: Mapping[str, tuple[int, ...]], limit: int
) -> NDArray[np.int64]:
    """Return at most `limit` images, ascending: equally many of each group, all of a group that has fewer.

    Example:
        >>> spread_over_groups(np.array([0, 1, 1, 1, 1]), {"many": (1,), "few": (0,)}, 3)
        array([0, 1, 2])
    """
    if len(labels) <= limit:
        return np.arange(len(labels))
    members = [np.flatnonzero(np.isin(labels, classes)) for classes in groups.values()]
    chosen, room = [], limit
    for rank, images in enumerate(sorted(members, key=len)):
        share = min(len(images), room // (len(members) - rank))
        chosen.append(make_rng(0, "feature map").permutation(images)[:share])
        room -= share
    return np.sort(np.concatenate(chosen))
