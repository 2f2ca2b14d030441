"""Features of every split, computed once and kept in the run folder; views of the training images, cached or live."""

import dataclasses
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from decouple.datasets.data import TRAIN, Indices
from decouple.errors import RunError
from decouple.files.features import (
    STORAGE_DTYPES,
    CachedViews,
    CacheKey,
    Features,
    StorageDtype,
    read_features,
    write_features,
)
from decouple.files.run_dir import RunDir
from decouple.files.tensor_files import TensorStream
from decouple.precision import autocast
from stage1.augment import Augmentation
from stage1.batches import Batches
from stage1.fuse_conv_bn import fused
from stage1.network import Network
from stage1.trainer import EVALUATION_BATCH, Training

AT_ONCE = 128  # images that a CPU takes through the backbone together: the activations of more leave its cache
TRIED = 2  # images that the folded backbone is tried on
VIEWS = "train_views"  # the name that the views of the training split go by, beside those of the splits


@torch.no_grad()
def extract(network: Network, batches: Batches, indices: Indices) -> Features:
    """Return the backbone's features of images without augmentation, batch norm in evaluation mode, on the CPU."""
    parts = list(_features_of(network, batches.clean(indices, EVALUATION_BATCH)))
    return Features(torch.cat(parts), torch.from_numpy(batches.data.labels[indices]))


@torch.no_grad()
def _features_of(network: Network, images: Iterator[tuple[Tensor, Tensor]]) -> Iterator[Tensor]:
    """Yield features (B, D) on the CPU; batch norm is folded into the convolutions, see `stage1.fuse_conv_bn`."""
    network.eval()
    backbone: nn.Module | None = None
    for batch, _ in images:
        if backbone is None:
            backbone = fused(network.backbone, batch[:TRIED])
        size = AT_ONCE if batch.device.type == "cpu" else len(batch)
        with autocast(batch.device, network.bf16):  # around all parts: it keeps the weights that it has converted
            parts = [network.features(batch[start : start + size], backbone) for start in range(0, len(batch), size)]
        yield torch.cat(parts).cpu()


def weights_fingerprint(run: RunDir, checkpoint: str) -> str:
    """Return what decides the features: a hash of the weights, the data and the preprocessing."""
    data = run.read_data()
    parts = (_hash_file(run.weights(checkpoint)), data.fingerprint, list(data.mean), list(data.std), data.image_size)
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def cache_key(run: RunDir, checkpoint: str, precision: StorageDtype) -> CacheKey:
    """Return what decides the cached features of a run; the split is still to be filled in."""
    data = run.read_data()
    transform = f"side {data.image_size}, mean {list(data.mean)}, std {list(data.std)}"
    return CacheKey(_hash_file(run.weights(checkpoint)), data.fingerprint, transform, "", precision)


def cache_features(
    run: RunDir, checkpoint: str, network: Network, batches: Batches, precision: StorageDtype = "float32"
) -> dict[str, Features]:
    """Compute the features of every split, write them as they come, and return them mapped."""
    key = cache_key(run, checkpoint, precision)
    for split, indices in batches.data.splits.items():
        parts = _features_of(network, batches.clean(indices, EVALUATION_BATCH))
        labels = torch.from_numpy(batches.data.labels[indices])
        path = run.features(checkpoint, split)
        write_features(path, _rows(parts, len(indices), precision), labels, dataclasses.replace(key, split=split))
    return read_cached(run, checkpoint, precision)


def read_cached(run: RunDir, checkpoint: str, precision: StorageDtype = "float32") -> dict[str, Features]:
    """Return the features of every split, mapped.

    Raises:
        RunError: a file is missing or damaged, or belongs to other weights, images, preprocessing or precision.
    """
    key = cache_key(run, checkpoint, precision)
    splits = run.read_data().images
    return {
        split: read_features(run.features(checkpoint, split), dataclasses.replace(key, split=split)) for split in splits
    }


def cache_views(run: RunDir, checkpoint: str, training: Training, count: int, precision: StorageDtype) -> CachedViews:
    """Compute `count` views of every training image under stage one's augmentation, write them, return them mapped.

    View k is the same however many are asked for, and whatever the seed of stage two.
    """
    batches, indices = training.batches, training.batches.data.splits[TRAIN]
    passes = [
        batches.augmented(indices, EVALUATION_BATCH, training.augmentation, (0, -1, view))  # -1: no epoch of stage one
        for view in range(count)
    ]
    each = zip(*(_features_of(training.network, images) for images in passes), strict=True)
    parts = (torch.stack(views, dim=1) for views in each)
    labels = torch.from_numpy(batches.data.labels[indices])
    path, key = _views_file(run, checkpoint, precision)
    write_features(path, _rows(parts, len(indices), precision), labels, key)
    return read_views(run, checkpoint, count, precision)


def read_views(run: RunDir, checkpoint: str, count: int, precision: StorageDtype) -> CachedViews:
    """Return the views, mapped; where more are cached than `count`, the first ones.

    Raises:
        RunError: as `read_cached`, or there are too few; the message says which.
    """
    path, key = _views_file(run, checkpoint, precision)
    stored = read_features(path, key).stored
    if stored.ndim != 3 or stored.shape[1] < count:
        raise RunError(f"{path} holds {stored.shape[1]} views of an image, and {count} are asked for")
    return CachedViews(stored, count)


@dataclass(frozen=True)
class LiveViews:
    """The backbone run again on augmented images at every visit, batch norm frozen: what the cached views stand for."""

    network: Network
    batches: Batches
    augmentation: Augmentation

    @torch.no_grad()
    def draw(self, indices: Tensor, seed: int, *position: int) -> Tensor:
        """Return float32 rows (B, D) on the CPU."""
        order = self.batches.data.splits[TRAIN][indices.numpy()]
        ((images, _),) = self.batches.augmented(order, len(order), self.augmentation, (seed, *position))
        self.network.eval()
        return self.network.features(images).cpu()


def _rows(parts: Iterator[Tensor], count: int, precision: StorageDtype) -> TensorStream:
    """Return rows whose width is that of the first part, which is computed for it."""
    first = next(parts)

    def all_parts() -> Iterator[Tensor]:
        yield first
        yield from parts

    return TensorStream((count, *first.shape[1:]), STORAGE_DTYPES[precision], all_parts())


def _views_file(run: RunDir, checkpoint: str, precision: StorageDtype) -> tuple[Path, CacheKey]:
    key = cache_key(run, checkpoint, precision)
    return run.features(checkpoint, VIEWS), dataclasses.replace(
        key, split=VIEWS, transform=f"{key.transform}, augmented"
    )


def _hash_file(path: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as opened:
        while block := opened.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
