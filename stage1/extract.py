"""Features of every split, computed once and cached in the run folder; views of the training images, cached or live."""

import dataclasses
import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping
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
from decouple.files.json_records import read_once
from decouple.files.run_dir import RunDir
from decouple.files.tensor_files import TensorStream
from decouple.precision import autocast
from stage1.augment import Augmentation
from stage1.batches import BatchSource
from stage1.fuse_conv_bn import fused
from stage1.network import Network
from stage1.trainer import EVALUATION_BATCH, Training

CPU_CHUNK = 128  # images in one pass through the backbone on a CPU: activations of more do not fit into its cache
CPU_CHUNK_PIXELS = 2**19  # the same for images of more than 64 x 64 pixels: 32 of 128 x 128
MIN_CPU_CHUNK = 8
FUSION_TEST_IMAGES = 2  # on which the fused backbone is compared with the original
VIEWS = "train_views"  # name of the views of the training split, in place of that of a split


class FeatureExtractor:
    """The backbone of a network for evaluation, with batch norm fused into the convolutions.

    It is fused at the first batch, on which it is compared with the original; see `stage1.fuse_conv_bn`.
    """

    def __init__(self, network: Network) -> None:
        self._network = network.eval()
        self._backbone: nn.Module | None = None

    @torch.no_grad()
    def features(self, images: Tensor) -> Tensor:
        """Return float32 features (B, D) of normalized images (B, 3, H, W), on their device."""
        if self._backbone is None:
            self._backbone = fused(self._network.backbone, images[:FUSION_TEST_IMAGES])
        size = _cpu_chunk(images) if images.device.type == "cpu" else len(images)
        with autocast(images.device, self._network.bf16):  # around all chunks: it caches the converted weights
            return torch.cat(
                [
                    self._network.features(images[start : start + size], self._backbone)
                    for start in range(0, len(images), size)
                ]
            )


def extract(network: Network, batches: BatchSource, indices: Indices) -> Features:
    """Return the backbone's features of images without augmentation, batch norm in evaluation mode, on the CPU."""
    features = torch.cat(list(_extract_batches(FeatureExtractor(network), batches.clean(indices, EVALUATION_BATCH))))
    return Features(features, torch.from_numpy(batches.data.labels[indices]))


def _extract_batches(
    extractor: FeatureExtractor, batches: Iterator[tuple[Tensor, Tensor]], report: Callable[[int], None] | None = None
) -> Iterator[Tensor]:
    """Yield features (B, D) on the CPU."""
    for images, _ in batches:
        yield extractor.features(images).cpu()
        if report is not None:
            report(len(images))


def _cpu_chunk(images: Tensor) -> int:
    return min(CPU_CHUNK, max(MIN_CPU_CHUNK, CPU_CHUNK_PIXELS // images[0, 0].numel()))


def weights_fingerprint(run: RunDir, checkpoint: str) -> str:
    """Return a hash of what the features depend on: the weights, the data and the preprocessing."""
    data = run.read_data()
    inputs = (_hash_file(run.weights(checkpoint)), data.fingerprint, list(data.mean), list(data.std), data.image_size)
    return hashlib.blake2b(repr(inputs).encode(), digest_size=16).hexdigest()


def cache_key(run: RunDir, checkpoint: str, precision: StorageDtype) -> CacheKey:
    """Return the key of the cached features of a run, without the split."""
    data = run.read_data()
    transform = f"side {data.image_size}, mean {list(data.mean)}, std {list(data.std)}"
    return CacheKey(_hash_file(run.weights(checkpoint)), data.fingerprint, transform, "", precision)


def cache_features(
    run: RunDir,
    checkpoint: str,
    network: Network,
    batches: BatchSource,
    precision: StorageDtype = "float32",
    *,
    report: Callable[[int], None] | None = None,
) -> dict[str, Features]:
    """Compute the features of every split, write them batch by batch, and return them memory-mapped.

    `report` is called after each batch with the number of its images.
    """
    key, extractor = cache_key(run, checkpoint, precision), FeatureExtractor(network)
    for split, indices in batches.data.splits.items():
        features = _extract_batches(extractor, batches.clean(indices, EVALUATION_BATCH), report)
        labels = torch.from_numpy(batches.data.labels[indices])
        path = run.features(checkpoint, split)
        write_features(path, _stream(features, len(indices), precision), labels, dataclasses.replace(key, split=split))
    return read_cached(run, checkpoint, precision)


def read_cached(run: RunDir, checkpoint: str, precision: StorageDtype = "float32") -> dict[str, Features]:
    """Return the features of every split, memory-mapped.

    Raises:
        RunError: a file is missing or damaged, or belongs to other weights, images, preprocessing or precision.
    """
    key = cache_key(run, checkpoint, precision)
    splits = run.read_data().images
    return {
        split: read_features(run.features(checkpoint, split), dataclasses.replace(key, split=split)) for split in splits
    }


def keep_features(run: RunDir, checkpoint: str, features: Mapping[str, Features]) -> dict[str, Features]:
    """Write features again, as those of the present weights: another classifier on the backbone that they are of."""
    key = cache_key(run, checkpoint, "float32")
    for split, cached in features.items():
        stream = TensorStream(tuple(cached.stored.shape), torch.float32, (chunk for chunk, _ in cached.chunks()))
        write_features(run.features(checkpoint, split), stream, cached.labels, dataclasses.replace(key, split=split))
    return read_cached(run, checkpoint)


def cache_views(run: RunDir, checkpoint: str, training: Training, count: int, precision: StorageDtype) -> CachedViews:
    """Compute `count` views of every training image under stage one's augmentation, and write and return them.

    The result is memory-mapped. View k depends neither on `count` nor on the seed of stage two.
    """
    batches, indices = training.batches, training.batches.data.splits[TRAIN]
    passes = [
        batches.augmented(indices, EVALUATION_BATCH, training.augmentation, (0, -1, view))  # -1: no epoch of stage one
        for view in range(count)
    ]
    extractor = FeatureExtractor(training.network)
    views = zip(*(_extract_batches(extractor, images) for images in passes), strict=True)
    features = (torch.stack(batch_views, dim=1) for batch_views in views)
    labels = torch.from_numpy(batches.data.labels[indices])
    path, key = _views_file(run, checkpoint, precision)
    write_features(path, _stream(features, len(indices), precision), labels, key)
    return read_views(run, checkpoint, count, precision)


def read_views(run: RunDir, checkpoint: str, count: int, precision: StorageDtype) -> CachedViews:
    """Return the views, memory-mapped; of more cached views, the first `count`.

    Raises:
        RunError: as `read_cached`, or there are too few.
    """
    path, key = _views_file(run, checkpoint, precision)
    stored = read_features(path, key).stored
    if stored.ndim != 3 or stored.shape[1] < count:
        raise RunError(f"{path} holds {stored.shape[1]} views of an image, and {count} are needed")
    return CachedViews(stored, count)


@dataclass(frozen=True)
class LiveViews:
    """The frozen backbone on freshly augmented images at every draw, which the cached views approximate."""

    network: Network
    batches: BatchSource
    augmentation: Augmentation

    @torch.no_grad()
    def draw(self, indices: Tensor, seed: int, *position: int) -> Tensor:
        """Return float32 rows (B, D) on the CPU."""
        order = self.batches.data.splits[TRAIN][indices.numpy()]
        ((images, _),) = self.batches.augmented(order, len(order), self.augmentation, (seed, *position))
        self.network.eval()
        return self.network.features(images).cpu()


def _stream(chunks: Iterator[Tensor], count: int, precision: StorageDtype) -> TensorStream:
    """Return a stream of `count` rows in chunks; the first chunk is computed here, for it says the width."""
    first = next(chunks)
    return TensorStream((count, *first.shape[1:]), STORAGE_DTYPES[precision], itertools.chain([first], chunks))


def _views_file(run: RunDir, checkpoint: str, precision: StorageDtype) -> tuple[Path, CacheKey]:
    key = cache_key(run, checkpoint, precision)
    return run.features(checkpoint, VIEWS), dataclasses.replace(
        key, split=VIEWS, transform=f"{key.transform}, augmented"
    )


@read_once
def _hash_file(path: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
