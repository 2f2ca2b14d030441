"""The splits of a data set by the settings: test images, the cut of the training images, validation images."""

import numpy as np

from decouple.class_counts import Counts
from decouple.datasets.data import TEST, TEST_LONGTAILED, TRAIN, VAL, Indices, SourceImages
from decouple.datasets.long_tail import choose_long_tail, choose_test_tail, cut_test, cut_to_counts, cut_train
from decouple.datasets.settings import DataConfig
from decouple.datasets.splits import stratified_holdout
from decouple.errors import DataError
from decouple.seeding import derive_seed

Splits = dict[str, Indices]


def make_splits(source: SourceImages, predefined: Splits, config: DataConfig) -> tuple[Splits, Counts]:
    """Return the splits, and the training images per class before validation is held out, (C,).

    Test images are the predefined ones, or `test_fraction` of the training images if there are none or with
    `test_from=train`. The other training images are cut to the profile or to `counts`. Validation images are the
    predefined ones, with `val_from=test` the predefined test images, else `val_fraction` of what is left.

    Args:
        source: all images.
        predefined: the images of its splits that are used.
        config: the settings.

    Raises:
        ConfigError: options contradict each other.
        DataError: there are too few images.
    """
    train, test = _train_and_test(source, predefined, config)
    train = _cut(source, train, config)
    group_counts = np.bincount(source.labels[train], minlength=len(source.class_names))
    train, val = _train_and_val(source, predefined, train, config)
    splits = {TRAIN: train, VAL: val, TEST: test} if val is not None and len(val) else {TRAIN: train, TEST: test}
    tail = choose_test_tail(config, len(source.class_names))
    if tail is not None:
        splits[TEST_LONGTAILED] = cut_test(tail, source.labels, test, max_count=config.test_max_count)
    return splits, group_counts


def _train_and_test(source: SourceImages, predefined: Splits, config: DataConfig) -> tuple[Indices, Indices]:
    if TEST in predefined and config.test_from == "test":
        return predefined[TRAIN], predefined[TEST]
    seed = derive_seed(config.subset_seed, "test split")
    train, test = stratified_holdout(source.labels, predefined[TRAIN], config.test_fraction, seed)
    if len(test) == 0:
        raise DataError("no image can be held out for testing, as every class has only one; add images")
    return train, test


def _cut(source: SourceImages, train: Indices, config: DataConfig) -> Indices:
    if config.counts:
        return cut_to_counts(config.counts, source.labels, train, source.class_names, seed=config.subset_seed)
    tail = choose_long_tail(config, len(source.class_names))
    if tail is None:
        return train
    return cut_train(tail, source.labels, train, source.class_names, max_count=config.max_count)


def _train_and_val(
    source: SourceImages, predefined: Splits, train: Indices, config: DataConfig
) -> tuple[Indices, Indices | None]:
    if config.val_from == "test":
        if TEST not in predefined:
            raise DataError(f"`val_from=test` needs a predefined test split, which the data of '{config.data}' lack")
        return train, predefined[TEST]
    if VAL in predefined:
        return train, predefined[VAL]
    if config.val_fraction == 0:
        return train, None
    seed = derive_seed(config.subset_seed, "validation split")
    return stratified_holdout(source.labels, train, config.val_fraction, seed)
