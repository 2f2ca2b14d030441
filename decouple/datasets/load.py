"""From settings to data: take the pool of a data set, cut it to a long tail, hold some out, and read what is left."""

import functools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from decouple.class_counts import Counts
from decouple.datasets.class_draws import first_of_each, shuffled_classes
from decouple.datasets.data import TEST, TEST_LONGTAILED, TRAIN, VAL, ArrayPixels, Data, Indices, Pixels, Pool
from decouple.datasets.fingerprint import fingerprint
from decouple.datasets.image_files import FilePixels, LoadedFiles, MappedFiles, Progress, readable
from decouple.datasets.long_tail import choose_long_tail, cut_test, cut_train
from decouple.datasets.pixel_cache import PixelCache, open_cache
from decouple.datasets.settings import DataConfig
from decouple.datasets.splits import stratified_holdout
from decouple.datasets.table import DATASETS
from decouple.errors import DataError
from decouple.log import logger
from decouple.lookup import look_up
from decouple.seeding import derive_seed

_MOST_IN_MEMORY = 4 * 2**30  # bytes of pixels; more stays on disk
_AT_ONCE = 1024  # images read between two reports of progress

_Splits = dict[str, Indices]
_Images = NDArray[np.uint8]


def load_data(config: DataConfig, progress: Progress | None = None, cache_folder: Path | None = None) -> Data:
    """Return the images that the settings ask for, in splits that share none.

    In order: a `fraction` of each class; images that cannot be read left out, on request; a test split held out where
    the data bring none; the training split cut to the long tail; a validation split held out of that where the data
    bring none. Then the images of the splits are read, once: into memory if their pixels fit into 4 GiB, and those of
    image files into the cache, where there is one. Nothing of the result but speed depends on it.

    Args:
        config: the settings.
        progress: called with (images done, images in total) while images are checked, and again while they are read.
        cache_folder: where the pixels of image files are kept for later calls; None: nowhere.
    Raises:
        ConfigError: no such data set, or settings that contradict each other.
        DataError: the data are missing, damaged or too few.
    """
    pool = look_up(DATASETS, config.data, "data set")(config)
    if len(pool.class_names) < 2:
        raise DataError(f"the data set '{config.data}' has {len(pool.class_names)} class; training needs at least 2")
    brought = {split: _share(pool, indices, config) for split, indices in pool.splits.items()}
    bad_images = 0
    cache = None if cache_folder is None else open_cache(cache_folder, config)
    if config.skip_bad_images and isinstance(pool.pixels, FilePixels):
        brought, bad_images = _without_bad(pool.pixels, brought, cache, progress)
        _check_classes_left(pool, brought[TRAIN])
    splits, group_counts = _divide(pool, brought, config)
    used = np.unique(np.concatenate(list(splits.values())))
    pixels, labels = _pixels_of(pool.pixels, used, cache, progress), pool.labels[used]
    renumbered = {split: np.searchsorted(used, indices) for split, indices in splits.items()}
    return Data(
        pixels=pixels,
        labels=labels,
        class_names=pool.class_names,
        splits=renumbered,
        group_counts=group_counts,
        flippable=pool.flippable,
        fingerprint=fingerprint(pixels, labels, pool.class_names, renumbered),
        bad_images=bad_images,
    )


def _share(pool: Pool, indices: Indices, config: DataConfig) -> Indices:
    """Return `config.fraction` of the images of each class, at least one."""
    if config.fraction == 1:
        return indices
    classes = shuffled_classes(pool.labels, indices, len(pool.class_names), seed=config.subset_seed, purpose="fraction")
    counts = np.array([len(images) for images in classes])
    return first_of_each(classes, np.minimum(counts, np.maximum(1, np.rint(config.fraction * counts)).astype(np.int64)))


def _without_bad(
    pixels: FilePixels, splits: _Splits, cache: PixelCache | None, progress: Progress | None
) -> tuple[_Splits, int]:
    """Return the splits without the images that cannot be read, and how many those are."""
    used = np.concatenate(list(splits.values()))
    bad = used[~_readable(_chosen(pixels, used), cache, progress)]
    return {split: indices[~np.isin(indices, bad)] for split, indices in splits.items()}, len(bad)


def _readable(files: FilePixels, cache: PixelCache | None, progress: Progress | None) -> NDArray[np.bool_]:
    """Return which files can be read, bool (len(files),), from the cache where it knows."""
    check = functools.cache(lambda: readable(files, np.arange(len(files)), progress))
    if cache is None:
        return check()
    try:
        good = cache.array("readable", files, (len(files),), lambda: [check().astype(np.uint8)], check=True).astype(
            bool
        )
    except OSError:  # which is said where the pixels cannot be cached either
        return check()
    bad = np.flatnonzero(~good)
    good[bad] = readable(files, bad)  # once more: a network or a disk may have failed then
    return good


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


def _pixels_of(pixels: Pixels, used: Indices, cache: PixelCache | None, progress: Progress | None) -> Pixels:
    """Return those images, renumbered from 0: in memory, mapped, or as files that are read again and again."""
    if not isinstance(pixels, FilePixels):
        return ArrayPixels(_read_all(pixels, used, (len(used), *pixels.read(used[:1]).shape[1:]), progress))
    files = _chosen(pixels, used)
    in_order, shape = np.arange(len(used)), (len(used), files.size, files.size, 3)
    if math.prod(shape) > _MOST_IN_MEMORY:
        mapped = _from_cache(cache, files, shape, lambda: _read_parts(files, in_order, progress), "epoch")
        return files if mapped is None else MappedFiles(files.paths, files.size, mapped)
    read = functools.cache(lambda: _read_all(files, in_order, shape, progress))
    mapped = _from_cache(cache, files, shape, lambda: [read()], "command")
    return LoadedFiles(read() if mapped is None else mapped, files.paths)


def _chosen(files: FilePixels, indices: Indices) -> FilePixels:
    return replace(files, paths=tuple(files.paths[index] for index in indices.tolist()))


def _from_cache(
    cache: PixelCache | None,
    files: FilePixels,
    shape: tuple[int, ...],
    make: Callable[[], Iterable[_Images]],
    lost: str,
) -> _Images | None:
    """Return the cached images; None without a cache, or with a line where they cannot be cached."""
    if cache is None:
        return None
    try:
        return cache.array("images", files, shape, make, check=lost == "command")
    except OSError as error:
        reason = error.strerror or error
        logger.warning(f"the images cannot be cached in {cache.folder}: {reason}; every {lost} decodes them")
        return None


def _read_all(pixels: Pixels, indices: Indices, shape: tuple[int, ...], progress: Progress | None) -> _Images:
    images, done = np.empty(shape, np.uint8), 0
    for part in _read_parts(pixels, indices, progress):
        images[done : done + len(part)] = part
        done += len(part)
    return images


def _read_parts(pixels: Pixels, indices: Indices, progress: Progress | None) -> Iterator[_Images]:
    for start in range(0, len(indices), _AT_ONCE):
        part = indices[start : start + _AT_ONCE]
        yield pixels.read(part)
        if progress is not None:
            progress(start + len(part), len(indices))
