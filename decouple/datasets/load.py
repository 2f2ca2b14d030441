"""From settings to data: take the pool of a data set, cut it to a long tail, hold some out, and read what is left."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from decouple.class_counts import Counts
from decouple.datasets.class_draws import first_of_each, shuffled_classes
from decouple.datasets.data import TEST, TEST_LONGTAILED, TRAIN, VAL, ArrayPixels, Data, Indices, Pixels, Pool
from decouple.datasets.fingerprint import fingerprint
from decouple.datasets.image_files import FilePixels, LoadedFiles, Progress, readable
from decouple.datasets.long_tail import choose_long_tail, cut_test, cut_train
from decouple.datasets.settings import DataConfig
from decouple.datasets.splits import stratified_holdout
from decouple.datasets.table import DATASETS
from decouple.errors import DataError
from decouple.lookup import look_up
from decouple.seeding import derive_seed

_MOST_IN_MEMORY = 4 * 2**30  # bytes of pixels; more stays on disk
_AT_ONCE = 1024  # images read between two reports of progress

_Splits = dict[str, Indices]


def load_data(config: DataConfig, progress: Progress | None = None) -> Data:
    """Return the images that the settings ask for, in splits that share none.

    In order: a `fraction` of each class; images that cannot be read left out, on request; a test split held out where
    the data bring none; the training split cut to the long tail; a validation split held out of that where the data
    bring none. Then the images of the splits are read, once, if their pixels fit into 4 GiB.

    Args:
        config: the settings.
        progress: called with (images done, images in total) while images are checked, and again while they are read.
    Raises:
        ConfigError: no such data set, or settings that contradict each other.
        DataError: the data are missing, damaged or too few.
    """
    pool = look_up(DATASETS, config.data, "data set")(config)
    if len(pool.class_names) < 2:
        raise DataError(f"the data set '{config.data}' has {len(pool.class_names)} class; training needs at least 2")
    brought = {split: _share(pool, indices, config) for split, indices in pool.splits.items()}
    bad_images = 0
    if config.skip_bad_images and isinstance(pool.pixels, FilePixels):
        brought, bad_images = _without_bad(pool.pixels, brought, progress)
        _check_classes_left(pool, brought[TRAIN])
    splits, group_counts = _divide(pool, brought, config)
    return _kept(pool, splits, group_counts, bad_images, progress)


def _share(pool: Pool, indices: Indices, config: DataConfig) -> Indices:
    """Return `config.fraction` of the images of each class, at least one."""
    if config.fraction == 1:
        return indices
    classes = shuffled_classes(pool.labels, indices, len(pool.class_names), seed=config.subset_seed, purpose="fraction")
    counts = np.array([len(images) for images in classes])
    return first_of_each(classes, np.minimum(counts, np.maximum(1, np.rint(config.fraction * counts)).astype(np.int64)))


def _without_bad(pixels: FilePixels, splits: _Splits, progress: Progress | None) -> tuple[_Splits, int]:
    """Return the splits without the images that cannot be read, and how many those are."""
    used = np.concatenate(list(splits.values()))
    bad = used[~readable(pixels, used, progress)]
    return {split: indices[~np.isin(indices, bad)] for split, indices in splits.items()}, len(bad)


def _check_classes_left(pool: Pool, train: Indices) -> None:
    counts = np.bincount(pool.labels[train], minlength=len(pool.class_names))
    if not counts.all():
        raise DataError(
            f"class '{pool.class_names[int(np.argmin(counts))]}' has no training image that can be read; "
            "repair its files, or remove the class"
        )


def _divide(pool: Pool, brought: _Splits, config: DataConfig) -> tuple[_Splits, Counts]:
    """Return the final splits, and the training images per class before validation was held out, (C,)."""
    train, num_classes = brought[TRAIN], len(pool.class_names)
    test = brought.get(TEST)
    if test is None:
        seed = derive_seed(config.subset_seed, "test split")
        train, test = stratified_holdout(pool.labels, train, config.test_fraction, seed)
        if len(test) == 0:
            raise DataError("no image can be held out for testing, as every class has only one; add images")
    tail = choose_long_tail(config, num_classes)
    if tail is not None:
        train = cut_train(tail, pool.labels, train, pool.class_names, max_count=config.max_count)
    group_counts = np.bincount(pool.labels[train], minlength=num_classes)
    val = brought.get(VAL)
    if val is None and config.val_fraction > 0:
        seed = derive_seed(config.subset_seed, "validation split")
        train, val = stratified_holdout(pool.labels, train, config.val_fraction, seed)
    splits = {TRAIN: train, VAL: val, TEST: test} if val is not None and len(val) else {TRAIN: train, TEST: test}
    if tail is not None and config.longtailed_test:
        splits[TEST_LONGTAILED] = cut_test(tail, pool.labels, test)
    return splits, group_counts


def _kept(pool: Pool, splits: _Splits, group_counts: Counts, bad_images: int, progress: Progress | None) -> Data:
    """Return the data with the images of the splits alone, renumbered from 0."""
    used = np.unique(np.concatenate(list(splits.values())))
    renumbered = {split: np.searchsorted(used, indices) for split, indices in splits.items()}
    pixels, labels = _pixels_of(pool.pixels, used, progress), pool.labels[used]
    return Data(
        pixels=pixels,
        labels=labels,
        class_names=pool.class_names,
        splits=renumbered,
        group_counts=group_counts,
        mirror=pool.mirror,
        fingerprint=fingerprint(pixels, labels, pool.class_names, renumbered),
        bad_images=bad_images,
    )


def _pixels_of(pixels: Pixels, used: Indices, progress: Progress | None) -> Pixels:
    """Return those images: read where they fit into memory, else as files still to be read."""
    files = (
        replace(pixels, paths=tuple(pixels.paths[i] for i in used.tolist())) if isinstance(pixels, FilePixels) else None
    )
    first = pixels.read(used[:1])
    if files is not None and first.nbytes * len(used) > _MOST_IN_MEMORY:
        return files
    array = _read_all(pixels, used, first.shape[1:], progress)
    return ArrayPixels(array) if files is None else LoadedFiles(array, files.paths)


def _read_all(pixels: Pixels, used: Indices, shape: tuple[int, ...], progress: Progress | None) -> NDArray[np.uint8]:
    images = np.empty((len(used), *shape), np.uint8)
    for start in range(0, len(used), _AT_ONCE):
        stop = min(start + _AT_ONCE, len(used))
        images[start:stop] = pixels.read(used[start:stop])
        if progress is not None:
            progress(stop, len(used))
    return images
