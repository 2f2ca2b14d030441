"""Class first, then image: the sampler behind every class distribution; seeded, epoch-aware, rank-aware."""

import math
from collections.abc import Iterator
from itertools import chain

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.utils.data import Sampler

from decouple.errors import ConfigError, DataError
from decouple.seeding import make_rng
from samplers.draws import draw_class_first, draw_permutations, index_classes
from samplers.probabilities import class_probabilities

_INTS_AT_ONCE = 1 << 16  # Python integers made ahead of the loop that eats them


class ClassFirstSampler(Sampler[int]):
    """Draw a class by `class_probabilities(name, ...)`, then one of its images uniformly, with replacement.

    "instance" alone draws without: every image once per epoch in random order, and once again if `num_draws` asks for
    more. (seed, epoch) decides the draw, the same on every rank. Of that one global draw rank r gets the positions
    ``r, r + R, r + 2 R, ...``; if R does not divide it, it is first filled up from its own start, so that all ranks
    get ``ceil(num_draws / R)`` indices, as distributed training needs.

    Args:
        labels: class of each image, shape (N,), integers from 0, on any device. Every class up to the largest needs an
            image, except under "instance".
        name: a name `class_probabilities` knows; `options` are its options.
        num_draws: images per epoch over all ranks; N if None.
        epochs: length of the training; epoch / epochs is the progress that moves "progressive".
        num_replicas: R, processes that share the epoch.
        rank: which of them this is, 0..R-1.
    Raises:
        ConfigError: no such name or option, or a number out of its range.
        DataError: labels are not (N,) integers from 0 with N at least 1, or a class has no image.
    """

    def __init__(
        self,
        labels: Tensor | ArrayLike,
        name: str = "class",
        *,
        num_draws: int | None = None,
        seed: int = 0,
        epochs: int = 1,
        num_replicas: int = 1,
        rank: int = 0,
        **options: float,
    ) -> None:
        self._index = index_classes(_as_labels(labels))
        self.num_draws = len(self._index.order) if num_draws is None else num_draws
        if self.num_draws < 1 or epochs < 1:
            raise ConfigError(f"num_draws and epochs must be 1 or more, got {self.num_draws} and {epochs}")
        if not 0 <= rank < num_replicas:
            raise ConfigError(f"rank must be in 0..num_replicas-1, got {rank} of {num_replicas}")
        self.name, self.options, self.seed, self.epochs = name, options, seed, epochs
        self.num_replicas, self.rank = num_replicas, rank
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Move to an epoch, 0 or more: another draw, and for "progressive" other probabilities."""
        if epoch < 0:
            raise ConfigError(f"epoch must be 0 or more, got {epoch}")
        progress = min(1.0, epoch / self.epochs)
        self.epoch = epoch
        self.probabilities = class_probabilities(self.name, self._index.counts, progress, **self.options)

    def draw(self) -> Tensor:
        """Return this rank's image indices for the current epoch, in order, shape (len(self),) int64."""
        padded = np.resize(self._draw_all(), len(self) * self.num_replicas)  # repeats from the start
        return torch.from_numpy(np.ascontiguousarray(padded[self.rank :: self.num_replicas]))

    def __len__(self) -> int:
        return math.ceil(self.num_draws / self.num_replicas)

    def __iter__(self) -> Iterator[int]:
        drawn = self.draw().numpy()
        starts = range(0, len(drawn), _INTS_AT_ONCE)
        return chain.from_iterable(drawn[start : start + _INTS_AT_ONCE].tolist() for start in starts)

    def _draw_all(self) -> NDArray[np.int64]:
        """Return the global draw of the epoch, shape (num_draws,)."""
        rng = make_rng(self.seed, "sampler", self.epoch)
        if self.name == "instance":
            return draw_permutations(len(self._index.order), self.num_draws, rng)
        return draw_class_first(self._index, self.probabilities, self.num_draws, rng)


def _as_labels(labels: Tensor | ArrayLike) -> NDArray[np.integer]:
    array = labels.cpu().numpy() if isinstance(labels, Tensor) else np.asarray(labels)
    if array.ndim != 1 or not len(array) or not np.issubdtype(array.dtype, np.integer) or array.min() < 0:
        raise DataError(f"labels must be (N,) integers from 0, at least one, got {array.dtype} {array.shape}")
    return array
