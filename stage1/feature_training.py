"""Train the classifier on features that are extracted once, by a backbone that stays as it is (`train=none`)."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

import numpy as np
import torch
from torch import Tensor, nn

from decouple.datasets.data import Data, Indices
from decouple.errors import RunError
from decouple.files.features import Features
from decouple.files.run_dir import RunDir
from decouple.interrupt import deferred_interrupt
from decouple.progress import Progress
from stage1.augment import Augmentation
from stage1.batches import split_evenly
from stage1.checkpoint import save_weights
from stage1.extract import cache_features, read_cached
from stage1.network import Network
from stage1.normalization import Normalization
from stage1.trainer import Training


@dataclass(frozen=True)
class FeatureBatches:
    """Batches of extracted features, in the place of batches of images; there is no augmentation."""

    data: Data
    normalization: Normalization  # of the images that the features are of
    device: torch.device
    features: Mapping[str, Features]  # by split, in the order of its images

    def clean(self, indices: Indices, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield features (B, D) float32 and labels (B,) of images of one split, in the order of `indices`."""
        for batch in split_evenly(indices, batch_size):
            features = self.features[list(self.features)[self._split[batch[0]]]]
            rows = torch.from_numpy(self._row[batch])
            yield features.draw(rows, 0).to(self.device), features.labels[rows].to(self.device)

    def augmented(
        self, order: Indices, batch_size: int, _augmentation: Augmentation, _stream: tuple[int, ...], start: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield batches of training from number `start` on, as `clean` does."""
        batches = split_evenly(order, batch_size)[start:]
        return (next(self.clean(batch, len(batch))) for batch in batches)

    @cached_property
    def _row(self) -> Indices:
        """Return the row of each image in the features of its split, (all images,)."""
        return self._fill(lambda _number, count: np.arange(count))

    @cached_property
    def _split(self) -> Indices:
        """Return the number of the split of each image, (all images,)."""
        return self._fill(lambda number, count: np.full(count, number))

    def _fill(self, values: Callable[[int, int], Indices]) -> Indices:
        filled = np.zeros(len(self.data.labels), dtype=np.int64)
        for number, split in reversed(list(enumerate(self.features))):  # the long-tailed test split is within the test
            indices = self.data.splits[split]
            filled[indices] = values(number, len(indices))
        return filled


def train_classifier_only(training: Training, features: Mapping[str, Features]) -> Training:
    """Return a training of the same classifier that reads features in place of images."""
    network = Network(nn.Identity(), training.network.classifier)
    batches = training.batches
    return dataclasses.replace(
        training,
        network=network,
        forward=network,
        batches=FeatureBatches(batches.data, batches.normalization, batches.device, features),
    )


def extract_once(run: RunDir, training: Training, on_stop: Callable[[], NoReturn]) -> dict[str, Features]:
    """Return the features of every split, cached in the run: those of an interrupted training, or new ones.

    Args:
        run: a run that is not finished.
        training: with the backbone of the run.
        on_stop: called when Ctrl-C came.
    """
    if run.weights("last").exists():
        with contextlib.suppress(RunError):  # they are not complete
            return read_cached(run, "last")
    save_weights(run.weights("last"), training.network, 0)
    images = sum(len(indices) for indices in training.batches.data.splits.values())
    with (
        deferred_interrupt() as interrupted,
        Progress(f"features ({run.name})", total=images, unit="images") as progress,
    ):

        def report(count: int) -> None:
            progress.advance(count)
            if interrupted():
                on_stop()

        return cache_features(run, "last", training.network, training.batches, report=report)
