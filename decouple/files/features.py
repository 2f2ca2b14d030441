"""Cached features, the input of stage two: one file per split, memory-mapped rather than read."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

import torch
from torch import Tensor

from decouple.checks import require_instance, require_shape, require_whole
from decouple.errors import DataError, RunError
from decouple.files.json_records import parse_record, record_to_json
from decouple.files.tensor_files import TensorStream, read_metadata, read_tensors, write_stream
from decouple.seeding import make_rng

StorageDtype = Literal["float32", "float16", "bfloat16"]
STORAGE_DTYPES: dict[StorageDtype, torch.dtype] = {
    "float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16
}  # fmt: skip
CHUNK = 1024  # rows that are converted to float32 together: 8 MB at a width of 2,048. From 32 MB on the C library
# returns memory to the system each time, and its pages cost 17 times as much as the conversion


class Views(Protocol):
    """Features of augmented training images, drawn at every visit in place of the clean features."""

    def draw(self, indices: Tensor, seed: int, *position: int) -> Tensor:
        """Return float32 rows (B, D) of the images `indices`; the same seed and position give the same rows."""


@dataclass(frozen=True)
class Features:
    """The features of a split under the frozen backbone.

    Raises:
        DataError: features or labels are no tensors, do not have the same length, or the features are not floating
            point. Labels are checked by what reads them, since the number of classes is needed.
    """

    stored: Tensor  # (N, D) in one of STORAGE_DTYPES, in memory or a mapped file; of cached views (N, K, D)
    labels: Tensor  # (N,) int64
    views: Views | None = None  # of the training split: the input of the trained methods

    def __post_init__(self) -> None:
        require_instance("stored", self.stored, Tensor)
        require_instance("labels", self.labels, Tensor)
        require_shape("stored", self.stored, ("N", "D") if self.stored.ndim == 2 else ("N", "K", "D"))
        require_shape("labels", self.labels, (len(self.stored),))
        if not self.stored.is_floating_point():
            raise DataError(f"`stored` must hold floating-point numbers, got {self.stored.dtype}")

    @cached_property
    def features(self) -> Tensor:
        """All features, (N, D) float32; a copy in memory where they are stored at half precision."""
        return self.stored.float()

    def draw(self, indices: Tensor, seed: int, *position: int) -> Tensor:
        """Return float32 rows (B, D) of the images `indices`, each of a random view where there are views."""
        if self.views is not None:
            return self.views.draw(indices, seed, *position)
        return self.stored.index_select(0, indices).float()

    def chunks(self, size: int = CHUNK) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield float32 rows (B, D) and labels (B,) in order, without a float32 copy of all rows."""
        for start in range(0, len(self.labels), size):
            yield self.stored[start : start + size].float(), self.labels[start : start + size]


@dataclass(frozen=True)
class CachedViews:
    """Views that were computed once: a visit takes one of them at random.

    Raises:
        ConfigError: `count` is not between 1 and K.
    """

    stored: Tensor  # (N, K, D), as `Features.stored`
    count: int  # of the K views the first ones are used

    def __post_init__(self) -> None:
        require_shape("stored", self.stored, ("N", "K", "D"))
        require_whole("count", self.count, at_least=1, at_most=self.stored.shape[1])

    def draw(self, indices: Tensor, seed: int, *position: int) -> Tensor:
        """Return float32 rows (B, D)."""
        views = torch.from_numpy(make_rng(seed, "view", *position).integers(self.count, size=len(indices)))
        rows = indices * self.stored.shape[1] + views
        return self.stored.flatten(0, 1).index_select(0, rows).float()


@dataclass(frozen=True)
class CacheKey:
    """The metadata beside cached features: a cache that differs in any of it does not belong to the run."""

    weights: str  # hash of the file
    data: str  # fingerprint of the images
    transform: str  # preprocessing of the images
    split: str
    precision: StorageDtype


_REASONS: dict[str, str] = {  # by field of the key, the most important difference first
    "weights": "belongs to other stage-one weights",
    "data": "belongs to other images",
    "transform": "was made with another preprocessing of the images",
    "split": "belongs to another split",
    "precision": "is stored at another precision",
}


def write_features(path: Path, rows: TensorStream, labels: Tensor, key: CacheKey) -> None:
    """Write a split's features, or its views, chunk by chunk, so that only a chunk of them is in memory.

    Raises:
        DataError: a feature is not finite, or too large for float16.
    """
    dtype = STORAGE_DTYPES[key.precision]
    checked = TensorStream(rows.shape, dtype, (_converted(chunk, dtype, path) for chunk in rows.chunks))
    write_stream(path, {"labels": labels}, "features", checked, record_to_json(key))


def read_features(path: Path, key: CacheKey) -> Features:
    """Return a split's features, memory-mapped: pages that are not used are not read.

    Raises:
        RunError: the file is missing or damaged, or its key is not `key`; the message names the difference.
    """
    metadata = parse_record(CacheKey, read_metadata(path), path)
    for name, reason in _REASONS.items():
        if getattr(metadata, name) != getattr(key, name):
            raise RunError(f"{path} {reason}")
    tensors, _ = read_tensors(path)
    missing = {"features", "labels"} - tensors.keys()
    if missing:
        raise RunError(f"{path} is damaged: it holds no {', '.join(sorted(missing))}")
    stored, labels = tensors["features"], tensors["labels"]
    if len(stored) != len(labels) or stored.dtype != STORAGE_DTYPES[key.precision]:
        raise RunError(
            f"{path} is damaged: it holds {len(stored)} features of type {stored.dtype} and {len(labels)} labels"
        )
    return Features(stored, labels)


def stored_dtype(path: Path) -> StorageDtype | None:
    """Return the precision of a cache, or None where no cache can be read."""
    try:
        return parse_record(CacheKey, read_metadata(path), path).precision
    except RunError:
        return None


def _converted(chunk: Tensor, dtype: torch.dtype, path: Path) -> Tensor:
    if not chunk.isfinite().all():
        raise DataError(f"a feature for {path.name} is infinite or not a number; the weights have diverged")
    converted = chunk.to(dtype)
    if not converted.isfinite().all():
        raise DataError(f"a feature of {chunk.abs().max():g} does not fit float16; use `feature_precision=bfloat16`")
    return converted
