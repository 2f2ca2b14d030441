"""From settings to data: load the images of a data set, cut them to a long tail, divide them into splits, read them."""

import functools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.class_choice import choose_classes
from decouple.datasets.class_draws import first_of_each, shuffled_classes
from decouple.datasets.data import TRAIN, ArrayPixels, Data, Indices, Pixels, SourceImages
from decouple.datasets.fingerprint import fingerprint
from decouple.datasets.image_files import FilePixels, LoadedFiles, MappedFiles, ReportProgress, readable
from decouple.datasets.label_noise import add_label_noise
from decouple.datasets.make_splits import Splits, make_splits
from decouple.datasets.overlap import find_overlap, warn_of_overlap
from decouple.datasets.pixel_cache import PixelCache, open_cache
from decouple.datasets.settings import DataConfig
from decouple.datasets.skipped import skipped_lines
from decouple.datasets.table import DATASETS
from decouple.datasets.unscaled_files import UnscaledFiles
from decouple.errors import DataError
from decouple.log import logger
from decouple.lookup import look_up

_MAX_BYTES_IN_MEMORY = 4 * 2**30  # of pixels; more stays on the disk
_CHUNK = 1024  # images between two reports of progress

_Images = NDArray[np.uint8]


def load_data(
    config: DataConfig,
    progress: ReportProgress | None = None,
    cache_folder: Path | None = None,
    *,
    decode: bool = True,
) -> Data:
    """Return the images that the settings choose, in splits that share none.

    The steps are: take the `classes_only`; take a `fraction` of each class; leave out unreadable images, if
    `skip_bad_images`; make the splits, see `decouple.datasets.make_splits`; add `label_noise` to the training labels.
    Then the images of the splits are read once: into memory if their pixels fit into 4 GiB, and those of image files
    into the cache, if there is one. The cache changes the speed alone. Images in memory are compared across splits,
    and equal ones are warned of.

    Args:
        config: the settings.
        progress: called with (images done, images in total) while images are checked, and again while they are read.
        cache_folder: where the pixels of image files are stored for later calls; None: nowhere.
        decode: whether image files are read; if not, `pixels` is a `FilePixels`, and the fingerprint another.

    Raises:
        ConfigError: there is no such data set, or settings contradict each other.
        DataError: the data are missing, damaged or too few.
    """
    source = look_up(DATASETS, config.data, "data set")(config)
    if config.classes_only:
        source = choose_classes(source, config.classes_only)
    for line in skipped_lines(source.skipped):
        logger.info(line)
    if len(source.class_names) < 2:
        raise DataError(f"the data set '{config.data}' has {len(source.class_names)} class; training needs at least 2")
    predefined = {split: _fraction_of(source, indices, config) for split, indices in source.splits.items()}
    bad_images = 0
    cache = None if cache_folder is None else open_cache(cache_folder, _cached_choice(source, config))
    if config.skip_bad_images and isinstance(source.pixels, FilePixels):
        predefined, bad_images = _without_unreadable(source.pixels, predefined, cache, progress)
        _check_classes_left(source, predefined[TRAIN])
    splits, group_counts = make_splits(source, predefined, config)
    used = np.unique(np.concatenate(list(splits.values())))
    if decode or not isinstance(source.pixels, FilePixels):
        pixels = _load_pixels(source.pixels, used, cache, progress)
    else:
        pixels = _selected(source.pixels, used)
    renumbered = {split: np.searchsorted(used, indices) for split, indices in splits.items()}
    clean = source.labels[used]
    labels = _with_noise(clean, renumbered[TRAIN], len(source.class_names), config)
    data = Data(
        pixels=pixels,
        labels=labels,
        class_names=source.class_names,
        splits=renumbered,
        group_counts=group_counts,
        flippable=source.flippable,
        fingerprint=fingerprint(pixels, labels, source.class_names, renumbered),
        bad_images=bad_images,
        skipped=source.skipped,
        storage=source.storage,
        sources=used,
        wrong_labels=int((labels != clean).sum()),
        overlap=None if isinstance(pixels, FilePixels) else find_overlap(pixels, renumbered),
    )
    if decode:
        warn_of_overlap(data)
    return data


def _with_noise(labels: Indices, train: Indices, num_classes: int, config: DataConfig) -> Indices:
    if config.label_noise == 0:
        return labels
    return add_label_noise(labels, train, num_classes, share=config.label_noise, seed=config.subset_seed)


def _cached_choice(source: SourceImages, config: DataConfig) -> DataConfig:
    """Return the settings that the cache depends on: small files are cached together, whichever of them are used."""
    return DataConfig(data=config.data, root=config.root) if isinstance(source.pixels, UnscaledFiles) else config


def _fraction_of(source: SourceImages, indices: Indices, config: DataConfig) -> Indices:
    """Return `config.fraction` of the images of each class, at least one."""
    if config.fraction == 1:
        return indices
    classes = shuffled_classes(
        source.labels, indices, len(source.class_names), seed=config.subset_seed, purpose="fraction"
    )
    counts = np.array([len(images) for images in classes])
    return first_of_each(classes, np.minimum(counts, np.maximum(1, np.rint(config.fraction * counts)).astype(np.int64)))


def _without_unreadable(
    pixels: FilePixels, splits: Splits, cache: PixelCache | None, progress: ReportProgress | None
) -> tuple[Splits, int]:
    """Return the splits without unreadable images, and the number of those."""
    used = np.concatenate(list(splits.values()))
    bad = used[~_readable(_selected(pixels, used), cache, progress)]
    return {split: indices[~np.isin(indices, bad)] for split, indices in splits.items()}, len(bad)


def _readable(files: FilePixels, cache: PixelCache | None, progress: ReportProgress | None) -> NDArray[np.bool_]:
    """Return which files can be read, bool (len(files),), from the cache if it is stored there."""
    check = functools.cache(lambda: readable(files, np.arange(len(files)), progress))
    if cache is None:
        return check()
    try:
        good = cache.array("readable", files, (len(files),), lambda: [check().astype(np.uint8)], check=True).astype(
            bool
        )
    except OSError:  # caching the pixels reports it
        return check()
    bad = np.flatnonzero(~good)
    good[bad] = readable(files, bad)  # again: the network or the disk may have failed the first time
    return good


def _check_classes_left(source: SourceImages, train: Indices) -> None:
    counts = np.bincount(source.labels[train], minlength=len(source.class_names))
    if not counts.all():
        raise DataError(
            f"class '{source.class_names[int(np.argmin(counts))]}' has no training image that can be read; "
            "repair its files, or remove the class"
        )


def _load_pixels(pixels: Pixels, used: Indices, cache: PixelCache | None, progress: ReportProgress | None) -> Pixels:
    """Return those images, renumbered from 0: in memory, memory-mapped, or as files that are decoded in every epoch."""
    if not isinstance(pixels, FilePixels):
        return ArrayPixels(_read_all(pixels, used, (len(used), *pixels.read(used[:1]).shape[1:]), progress))
    if isinstance(pixels, UnscaledFiles) and cache is not None and len(used) < len(pixels):
        images = _load_pixels(pixels, np.arange(len(pixels)), cache, progress)
        return LoadedFiles(images.read(used), tuple(pixels.paths[index] for index in used.tolist()))
    files = _selected(pixels, used)
    in_order, shape = np.arange(len(used)), (len(used), files.size, files.size, 3)
    if math.prod(shape) > _MAX_BYTES_IN_MEMORY:
        mapped = _from_cache(cache, files, shape, lambda: _read_chunks(files, in_order, progress), "epoch")
        return files if mapped is None else MappedFiles(files.paths, files.size, mapped)
    read = functools.cache(lambda: _read_all(files, in_order, shape, progress))
    mapped = _from_cache(cache, files, shape, lambda: [read()], "command")
    return LoadedFiles(read() if mapped is None else mapped, files.paths)


def _selected(files: FilePixels, indices: Indices) -> FilePixels:
    return replace(files, paths=tuple(files.paths[index] for index in indices.tolist()))


def _from_cache(
    cache: PixelCache | None,
    files: FilePixels,
    shape: tuple[int, ...],
    make: Callable[[], Iterable[_Images]],
    decoded_every: str,
) -> _Images | None:
    """Return the cached images; None if there is no cache, or, with a warning, if they cannot be cached."""
    if cache is None:
        return None
    try:
        return cache.array("images", files, shape, make, check=decoded_every == "command")
    except OSError as error:
        reason = error.strerror or error
        logger.warning(f"the images cannot be cached in {cache.folder}: {reason}; every {decoded_every} decodes them")
        return None


def _read_all(pixels: Pixels, indices: Indices, shape: tuple[int, ...], progress: ReportProgress | None) -> _Images:
    images, num_read = np.empty(shape, np.uint8), 0
    for chunk in _read_chunks(pixels, indices, progress):
        images[num_read : num_read + len(chunk)] = chunk
        num_read += len(chunk)
    return images


def _read_chunks(pixels: Pixels, indices: Indices, progress: ReportProgress | None) -> Iterator[_Images]:
    for start in range(0, len(indices), _CHUNK):
        chunk = indices[start : start + _CHUNK]
        yield pixels.read(chunk)
        if progress is not None:
            progress(start + len(chunk), len(indices))
