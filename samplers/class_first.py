"""Class first, then image: the sampler behind every class distribution; seeded, epoch-aware, rank-aware."""

import math
from collections.abc import Iterator
from itertools import chain

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.utils.data import Sampler

from decouple.config.table_options import OptionValue
from decouple.errors import ConfigError, DataError
from decouple.seeding import make_rng
from samplers.draws import draw_class_first, draw_cycled, draw_permutations, index_classes
from samplers.probabilities import class_probabilities, complete_options, sampler_at

OVERSAMPLE, UNDERSAMPLE = "oversample", "undersample"

_MOST_DRAWS = 10**9  # of an epoch that nobody asked for by number: 8 GB of indices, and eight times that to draw them
_INTS_AT_ONCE = 1 << 12  # Python integers made ahead of the loop that eats them: few enough to stay in the cache


class ClassFirstSampler(Sampler[int]):
    """Draw a class by `class_probabilities(name, ...)`, then one of its images uniformly, with replacement.

    Without replacement draw "instance", every image once per epoch in random order, and "oversample", "undersample"
    and "class" with ``replacement=False``, classes in turn and the images of a class in turn; what is used up comes
    again in another order. "deferred" draws as "instance" first, and then as the sampler that its `then` names.

    (seed, epoch) decides the draw, the same on every rank. Of that one global draw rank r gets the positions
    ``r, r + R, r + 2 R, ...``; if R does not divide it, it is first filled up from its own start, so that all ranks
    get ``ceil(num_draws / R)`` indices, as distributed training needs.

    Args:
        labels: class of each image, shape (N,), integers from 0, on any device. Every class up to the largest needs an
            image, except under "instance".
        name: a name `class_probabilities` knows; `options` are its options.
        num_draws: images per epoch over all ranks. None is N, but C times the largest class for "oversample" and C
            times the smallest for "undersample".
        epochs: length of the training; epoch / epochs is the progress that moves "progressive" and "deferred".
        num_replicas: R, processes that share the epoch.
        rank: which of them this is, 0..R-1.
    Raises:
        ConfigError: no such name or option, a number out of its range, or more draws than "undersample" has images.
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
        **options: OptionValue,
    ) -> None:
        if epochs < 1 or (num_draws is not None and num_draws < 1):
            raise ConfigError(f"num_draws and epochs must be 1 or more, got {num_draws} and {epochs}")
        if not 0 <= rank < num_replicas:
            raise ConfigError(f"rank must be in 0..num_replicas-1, got {rank} of {num_replicas}")
        self.name, self.options, self.seed, self.epochs = name, complete_options(name, options), seed, epochs
        self.num_replicas, self.rank = num_replicas, rank
        self._index = index_classes(_as_labels(labels))
        self.set_epoch(0)
        self.num_draws = _epoch_length(name, self._index.counts) if num_draws is None else num_draws
        if UNDERSAMPLE in (name, self.options.get("then")):
            _require_unrepeated(self.num_draws, self._index.counts)

    def set_epoch(self, epoch: int) -> None:
        """Move to an epoch, 0 or more: another draw, and for "progressive" and "deferred" other probabilities."""
        if epoch < 0:
            raise ConfigError(f"epoch must be 0 or more, got {epoch}")
        progress = min(1.0, epoch / self.epochs)
        self.epoch = epoch
        self.probabilities = class_probabilities(self.name, self._index.counts, progress, **self.options)
        self._drawn_as = sampler_at(progress, self.name, self.options)

    def draw(self) -> Tensor:
        """Return this rank's image indices for the current epoch, in order, shape (len(self),) int64."""
        drawn = self._draw_all()
        if self.num_replicas > 1:
            drawn = np.resize(drawn, len(self) * self.num_replicas)[self.rank :: self.num_replicas]  # repeats its start
        return torch.from_numpy(np.ascontiguousarray(drawn))

    def __len__(self) -> int:
        return math.ceil(self.num_draws / self.num_replicas)

    def __iter__(self) -> Iterator[int]:
        drawn = self.draw().numpy()
        starts = range(0, len(drawn), _INTS_AT_ONCE)
        return chain.from_iterable(drawn[start : start + _INTS_AT_ONCE].tolist() for start in starts)

    def _draw_all(self) -> NDArray[np.int64]:
        """Return the global draw of the epoch, shape (num_draws,)."""
        rng = make_rng(self.seed, "sampler", self.epoch)
        if self._drawn_as == "instance":
            return draw_permutations(len(self._index.order), self.num_draws, rng)
        if self._drawn_as in (OVERSAMPLE, UNDERSAMPLE) or not self.options.get("replacement", True):
            return draw_cycled(self._index, self.num_draws, rng)
        return draw_class_first(self._index, self.probabilities, self.num_draws, rng)


def _epoch_length(name: str, counts: NDArray[np.int64]) -> int:
    """Return the images of an epoch for which nobody gave a number; counts (C,)."""
    if name == UNDERSAMPLE:
        return len(counts) * int(counts.min())
    if name != OVERSAMPLE:
        return int(counts.sum())
    length = len(counts) * int(counts.max())
    if length > _MOST_DRAWS:
        raise ConfigError(
            f"an epoch of '{OVERSAMPLE}' would have {length} draws here, {len(counts)} classes times {counts.max()}, "
            "and take more memory than there is; give num_draws, or take 'class' with replacement=False"
        )
    return length


def _require_unrepeated(num_draws: int, counts: NDArray[np.int64]) -> None:
    most = len(counts) * int(counts.min())
    if num_draws > most:
        raise ConfigError(
            f"'{UNDERSAMPLE}' has {most} draws at most, {len(counts)} times the {counts.min()} of the smallest class, "
            f"and would repeat images in the {num_draws} of this epoch; take 'class' with replacement=False "
            "(in Python, num_draws can be lowered)"
        )


def _as_labels(labels: Tensor | ArrayLike) -> NDArray[np.integer]:
    array = labels.cpu().numpy() if isinstance(labels, Tensor) else np.asarray(labels)
    if array.ndim != 1 or not len(array) or not np.issubdtype(array.dtype, np.integer) or array.min() < 0:
        raise DataError(f"labels must be (N,) integers from 0, at least one, got {array.dtype} {array.shape}")
    return array
