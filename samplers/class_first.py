"""The sampler of every class distribution: first a class, then one of its images; seeded, epoch-aware, rank-aware."""

import math
from collections.abc import Iterator
from itertools import chain

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.utils.data import Sampler

from decouple.checks import require_whole
from decouple.config.table_options import Options, OptionValue
from decouple.errors import ConfigError, DataError
from decouple.seeding import make_rng
from samplers.draws import draw_class_first, draw_cycled, draw_permutations, index_classes
from samplers.formulas import hybrid_target
from samplers.probabilities import class_probabilities, complete_options, sampler_at

OVERSAMPLE, UNDERSAMPLE, HYBRID = "oversample", "undersample", "hybrid"

_MAX_EPOCH_DRAWS = 10**9  # where `num_draws` is not given: 8 GB of indices, and eight times that to draw them
_INT_CHUNK = 1 << 12  # indices converted to Python integers together: few enough for the cache of the processor


class ClassFirstSampler(Sampler[int]):
    """Draw a class by `class_probabilities(name, ...)`, then one of its images uniformly, with replacement.

    Some samplers draw without replacement. "instance" draws every image once per epoch, in random order. "oversample",
    "undersample", "hybrid", and "class" with ``replacement=False`` draw the classes in turn and the images of a class
    in turn; when all are used, they come again in another order. "deferred" draws as "instance" first, then as its
    `then`.

    The draw depends on (seed, epoch) alone and is the same on every rank. Rank r gets its positions
    ``r, r + R, r + 2 R, ...``. If R does not divide the draw, it is extended by its own beginning, so that all ranks
    get ``ceil(num_draws / R)`` indices, as distributed training requires.

    Args:
        labels: class of each image, shape (N,), integers from 0, on any device. Every class up to the largest label
            needs an image, except with "instance".
        name: a sampler of `class_probabilities`; `options` are its options.
        num_draws: images per epoch over all ranks. None: N, but C times the largest class for "oversample", and C
            times the smallest for "undersample", and C times its target for "hybrid".
        seed: of the draws.
        epochs: length of the training; epoch / epochs is the progress of "progressive" and "deferred".
        num_replicas: R, the number of processes that share the epoch.
        rank: number of this process, 0 to R-1.

    Raises:
        ConfigError: no such name or option, a number out of its range, or more draws than "undersample" has images.
        DataError: labels are not (N,) integers from 0 with N at least 1, or a class has no image.

    Example:
        >>> sampler = ClassFirstSampler([0, 0, 0, 1], "class", num_draws=8, replacement=False)
        >>> sampler.set_epoch(1)
        >>> drawn = sampler.draw()
        >>> [int((drawn == 3).sum()), int((drawn < 3).sum())]  # as often the image of class 1 as those of class 0
        [4, 4]
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
        if num_draws is not None:
            require_whole("num_draws", num_draws, at_least=1)
        require_whole("seed", seed)
        require_whole("epochs", epochs, at_least=1)
        require_whole("num_replicas", num_replicas, at_least=1)
        require_whole("rank", rank, at_least=0, at_most=num_replicas - 1)
        self.name, self.options, self.seed, self.epochs = name, complete_options(name, options), seed, epochs
        self.num_replicas, self.rank = num_replicas, rank
        self._index = index_classes(_as_labels(labels))
        self.set_epoch(0)
        self.num_draws = _epoch_length(name, self._index.counts, self.options) if num_draws is None else num_draws
        if UNDERSAMPLE in (name, self.options.get("then")):
            _require_unrepeated(self.num_draws, self._index.counts)

    def set_epoch(self, epoch: int) -> None:
        """Move to an epoch, 0 or more: another draw, and with "progressive" and "deferred" other probabilities."""
        require_whole("epoch", epoch, at_least=0)
        progress = min(1.0, epoch / self.epochs)
        self.epoch = epoch
        self.probabilities = class_probabilities(self.name, self._index.counts, progress, **self.options)
        self._current_sampler = sampler_at(progress, self.name, self.options)

    def draw(self) -> Tensor:
        """Return this rank's image indices for the current epoch, in order, shape (len(self),) int64."""
        drawn = self._draw_all()
        if self.num_replicas > 1:
            drawn = np.resize(drawn, len(self) * self.num_replicas)[
                self.rank :: self.num_replicas
            ]  # repeats its beginning
        return torch.from_numpy(np.ascontiguousarray(drawn))

    def __len__(self) -> int:
        return math.ceil(self.num_draws / self.num_replicas)

    def __iter__(self) -> Iterator[int]:
        drawn = self.draw().numpy()
        starts = range(0, len(drawn), _INT_CHUNK)
        return chain.from_iterable(drawn[start : start + _INT_CHUNK].tolist() for start in starts)

    def _draw_all(self) -> NDArray[np.int64]:
        """Return the global draw of the epoch, shape (num_draws,)."""
        rng = make_rng(self.seed, "sampler", self.epoch)
        if self._current_sampler == "instance":
            return draw_permutations(len(self._index.order), self.num_draws, rng)
        if self._current_sampler in (OVERSAMPLE, UNDERSAMPLE, HYBRID) or not self.options.get("replacement", True):
            return draw_cycled(self._index, self.num_draws, rng)
        return draw_class_first(self._index, self.probabilities, self.num_draws, rng)


def _epoch_length(name: str, counts: NDArray[np.int64], options: Options) -> int:
    """Return the default number of draws in an epoch; counts (C,)."""
    if name == UNDERSAMPLE:
        return len(counts) * int(counts.min())
    if name not in (OVERSAMPLE, HYBRID):
        return int(counts.sum())
    per_class = int(counts.max()) if name == OVERSAMPLE else hybrid_target(counts, int(str(options["target"])))
    length = len(counts) * per_class
    if length > _MAX_EPOCH_DRAWS:
        raise ConfigError(
            f"an epoch of '{name}' would have {length} draws here, {len(counts)} classes times {per_class}, "
            "too many for the memory; give num_draws, or take 'class' with replacement=False"
        )
    return length


def _require_unrepeated(num_draws: int, counts: NDArray[np.int64]) -> None:
    max_draws = len(counts) * int(counts.min())
    if num_draws > max_draws:
        raise ConfigError(
            f"'{UNDERSAMPLE}' has {max_draws} draws at most, {len(counts)} times the {counts.min()} of the smallest "
            f"class, and would repeat images in the {num_draws} of this epoch; take 'class' with replacement=False "
            "(in Python, num_draws can be lowered)"
        )


def _as_labels(labels: Tensor | ArrayLike) -> NDArray[np.integer]:
    try:
        array = labels.cpu().numpy() if isinstance(labels, Tensor) else np.asarray(labels)
    except (TypeError, ValueError, NotImplementedError):  # nested lists of different lengths; the device meta
        raise DataError(f"labels must be (N,) integers from 0, at least one, got {type(labels).__name__}") from None
    if array.ndim != 1 or not len(array) or not np.issubdtype(array.dtype, np.integer) or array.min() < 0:
        raise DataError(f"labels must be (N,) integers from 0, at least one, got {array.dtype} {array.shape}")
    return array
