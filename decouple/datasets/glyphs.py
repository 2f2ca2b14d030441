"""Glyphs: small pictures of characters, drawn when they are read; up to 1,000 classes and no download."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.datasets.data import TEST, TRAIN, VAL, Indices, SourceImages
from decouple.datasets.glyph_alphabet import characters
from decouple.datasets.glyph_drawing import SIDE, draw_glyphs
from decouple.datasets.settings import DataConfig
from decouple.errors import ConfigError
from decouple.seeding import make_rng

_SEED = 0  # fixed, so that image i of a class is the same for all users
_ALPHABET = characters(1000)
_SIDES = (4, 8, 16, SIDE)  # pixels
_BATCH = 64  # images drawn together: enough to share the arithmetic, small enough for the processor's cache
_PER_CLASS = {TRAIN: 500, VAL: 50, TEST: 100}  # images; `max_count` changes the first
_FIRST_SERIAL = {
    TRAIN: 0,
    VAL: 10**9,
    TEST: 2 * 10**9,
}  # far apart, so that no number of images makes two splits overlap


@dataclass(frozen=True)
class GlyphPixels:
    """Drawn images: image k shows character ``labels[k]``, and depends on (labels[k], serials[k]) alone."""

    labels: NDArray[np.int64]  # (N,)
    serials: NDArray[np.int64]  # (N,)
    side: int = SIDE  # pixels, a divisor of 32; smaller images are means over squares of the drawing

    def __len__(self) -> int:
        return len(self.labels)

    def read(self, indices: Indices) -> NDArray[np.uint8]:
        """Draw those images, uint8 (len(indices), side, side, 3)."""
        images = np.empty((len(indices), self.side, self.side, 3), np.uint8)
        for start in range(0, len(indices), _BATCH):
            chunk = slice(start, start + _BATCH)
            labels, serials = self.labels[indices[chunk]].tolist(), self.serials[indices[chunk]].tolist()
            rngs = [make_rng(_SEED, "glyph", *image) for image in zip(labels, serials, strict=True)]
            images[chunk] = _reduced(draw_glyphs([_ALPHABET[label] for label in labels], rngs), self.side)
        return images


def _reduced(images: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return images (B, 32, 32, 3) with squares of pixels as their mean."""
    if side == SIDE:
        return images
    factor = SIDE // side
    squares = images.reshape(len(images), side, factor, side, factor, 3)
    means: NDArray[np.float64] = squares.mean(axis=(2, 4))
    return np.rint(means).astype(np.uint8)


def load(config: DataConfig) -> SourceImages:
    """Return `config.classes` classes with `config.max_count` (or 500) training, 50 validation and 100 test images.

    Where `config.counts` are given, the largest of them is the number of training images.

    Example:
        >>> images = load(DataConfig(data="glyphs", classes=11, max_count=4))
        >>> images.class_names[-1], {split: len(images.splits[split]) for split in images.splits}
        ('A U+0041', {'train': 44, 'val': 550, 'test': 1100})
        >>> images.pixels.read(images.splits["test"][:2]).shape
        (2, 32, 32, 3)

    Raises:
        ConfigError: `config.image_size` does not divide 32.
    """
    side = config.image_size or SIDE
    if side not in _SIDES:
        raise ConfigError(f"`image_size` of glyphs must be 4, 8, 16 or 32, got {side}")
    per_class = {**_PER_CLASS, TRAIN: max(config.counts, default=config.max_count or _PER_CLASS[TRAIN])}
    serials = np.concatenate([_FIRST_SERIAL[split] + np.arange(count) for split, count in per_class.items()])
    labels = np.repeat(np.arange(config.classes), len(serials))
    position = np.arange(len(labels)) % len(serials)
    splits, start = {}, 0
    for split, count in per_class.items():
        splits[split] = np.flatnonzero((start <= position) & (position < start + count))
        start += count
    return SourceImages(
        pixels=GlyphPixels(labels, np.tile(serials, config.classes), side),
        labels=labels,
        class_names=tuple(f"{character} U+{ord(character):04X}" for character in characters(config.classes)),
        splits=splits,
        flippable=False,
    )
