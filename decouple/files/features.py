"""Cached features: all that stage two gets from stage one's backbone, one file per split, mapped rather than read."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

import torch
from torch import Tensor

from decouple.errors import DataError, RunError
from decouple.files.json_records import parse_record, record_to_json
from decouple.files.tensor_files import TensorStream, read_metadata, read_tensors, write_stream
from decouple.seeding import make_rng

StorageDtype = Literal["float32", "float16", "bfloat16"]
STORAGE_DTYPES: dict[StorageDtype, torch.dtype] = {
    "float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16
}  # fmt: skip
CHUNK = 1024  # rows that are converted to float32 together: 8 MB at a width of 2,048, and from 32 MB on the C library
# returns memory to the system each time, whose pages then cost 17 times as much as the conversion


class Views(Protocol):
    """Another look at the training images at every visit, in place of the clean features."""

    def draw(self, indices: Tensor, seed: int, *position: int) -> Tensor:
        """Return float32 rows (B, D) of those images; the same seed and position give the same rows."""


@dataclass(frozen=True)
class Features:
    """What the frozen backbone makes of a split."""

    stored: Tensor  # (N, D) in one of PRECISIONS, in memory or a mapped file
    labels: Tensor  # (N,) int64
    views: Views | None = None  # of the training split: what the trained methods visit

    @cached_property
    def features(self) -> Tensor:
        """All of them, (N, D) float32: a copy in memory where they are stored in half of it."""
        return self.stored.float()

    def draw(self, indices: Tensor, seed: int, *position: int) -> Tensor:
        """Return float32 rows (B, D) of those images, of a view each where there are views."""
        if self.views is not None:
            return self.views.draw(indices, seed, *position)
        return self.stored.index_select(0, indices).float()

    def chunks(self, size: int = CHUNK) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield float32 rows (B, D) and labels (B,) in order, so that no copy of the whole is made."""
        for start in range(0, len(self.labels), size):
            yield self.stored[start : start + size].float(), self.labels[start : start + size]


@dataclass(frozen=True)
class CachedViews:
    """Views that were computed once: a visit takes one of them at random."""

    stored: Tensor  # (N, K, D), as `Features.stored`
    count: int  # the first so many of the K are used

    def draw(self, indices: Tensor, seed: int, *position: int) -> Tensor:
        """Return float32 rows (B, D)."""
        chosen = torch.from_numpy(make_rng(seed, "view", *position).integers(self.count, size=len(indices)))
        places = indices * self.stored.shape[1] + chosen
        return self.stored.flatten(0, 1).index_select(0, places).float()


@dataclass(frozen=True)
class CacheKey:
    """What decides the content of a cache; one that differs in any of it is another's."""

    weights: str  # hash of the file
    data: str  # fingerprint of the images
    transform: str  # what is done to the images, in words
    split: str
    precision: StorageDtype


_REASONS: dict[str, str] = {  # for each part of the key, in the order in which they are worth telling
    "weights": "belongs to other stage-one weights",
    "data": "belongs to other images",
    "transform": "was made with another preprocessing of the images",
    "split": "belongs to another split",
    "precision": "is stored at another precision",
}


def write_features(path: Path, rows: TensorStream, labels: Tensor, key: CacheKey) -> None:
    """Write a split's features, or its views, part by part, so that only a part of them is in memory.

    Raises:
        DataError: a feature is not finite, or too large for float16.
    """
    dtype = STORAGE_DTYPES[key.precision]
    checked = TensorStream(rows.shape, dtype, (_fitting(part, dtype, path) for part in rows.parts))
    write_stream(path, {"labels": labels}, "features", checked, record_to_json(key))


def read_features(path: Path, key: CacheKey) -> Features:
    """Return a split's features, mapped: what is not looked at is not read.

    Raises:
        RunError: the file is missing or damaged, or `key` says that it is another's; the message says which.
    """
    metadata = parse_record(CacheKey, read_metadata(path), path)
    for name, reason in _REASONS.items():
        if getattr(metadata, name) != getattr(key, name):
            raise RunError(f"{path} {reason}")
    tensors, _ = read_tensors(path)
    missing = {"features", "labels"} - tensors.keys()
    if missing:
        raise RunError(f"{path} is damaged: it holds no {', '.join(sorted(missing))}")
    found = Features(tensors["features"], tensors["labels"])
    if len(found.stored) != len(found.labels) or found.stored.dtype != STORAGE_DTYPES[key.precision]:
        raise RunError(f"{path} is damaged: it holds {len(found.stored)} features and {len(found.labels)} labels")
    return found


def stored_dtype(path: Path) -> StorageDtype | None:
    """Return the precision of a cache, or None where there is none that can be read."""
    try:
        return parse_record(CacheKey, read_metadata(path), path).precision
    except RunError:
        return None


def _fitting(part: Tensor, dtype: torch.dtype, path: Path) -> Tensor:
    if not part.isfinite().all():
        raise DataError(f"a feature for {path.name} is infinite or not a number; the weights have diverged")
    converted = part.to(dtype)
    if not converted.isfinite().all():
        raise DataError(f"a feature of {part.abs().max():g} does not fit float16; use --feature-precision bfloat16")
    return converted
