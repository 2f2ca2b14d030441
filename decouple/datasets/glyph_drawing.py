"""Draw characters: random font, position and colours; clutter from other characters, strokes, blur and noise."""

import functools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from decouple.datasets.glyph_alphabet import characters
from decouple.datasets.glyph_fonts import MASK_EXTENT, MASK_SIDE, character_masks
from decouple.seeding import make_rng

SIDE = 32  # pixels
_SHEET_SIDE = 256  # pixels of the sheet of characters that clutter is cut from
_CLUTTER_CHARACTERS = 24  # characters on it
_NUMBERS = 39  # random numbers that one image takes
_Floats = NDArray[np.floating]


def draw_glyphs(glyphs: Sequence[str], rngs: Sequence[np.random.Generator]) -> NDArray[np.uint8]:
    """Return one image per character, uint8 (B, 32, 32, 3); image k depends on ``glyphs[k]`` and ``rngs[k]`` alone.

    Raises:
        DataError: matplotlib, whose fonts are used, is not installed, or none of its fonts has a character.
    """
    draws = _Draws(rngs)
    background, ink = _colours(draws)
    image = np.broadcast_to(background[..., None, None], (len(glyphs), 3, SIDE, SIDE))
    image = _paint(image, _clutter(draws), background + draws.uniform(-20, 60, 3))
    image = _paint(image, _draw_characters(glyphs, draws), ink)
    for _ in range(2):
        image = _paint(image, _strokes(draws), draws.uniform(0, 255, 3))
    image = _blur(image, draws.uniform(0, 0.9))
    noise = np.stack([np.frombuffer(rng.bytes(SIDE * SIDE * 3), np.int8) for rng in rngs]).reshape(image.shape)
    image += noise * (draws.uniform(2, 60) / 128)[:, None, None, None]
    return np.clip(image, 0, 255, out=image).astype(np.uint8).transpose(0, 2, 3, 1)


class _Draws:
    """The random numbers of B images, drawn image by image and handed out in columns, so that arithmetic is batched."""

    def __init__(self, rngs: Sequence[np.random.Generator]) -> None:
        self._numbers = np.stack([rng.random(_NUMBERS, dtype=np.float32) for rng in rngs])
        self._used = 0

    def uniform(self, low: float, high: float, width: int | None = None) -> _Floats:
        """Return numbers from [low, high), float32, (B,) or (B, width)."""
        start, self._used = self._used, self._used + (width or 1)
        columns = self._numbers[:, start : self._used]
        return np.float32(low) + np.float32(high - low) * (columns[:, 0] if width is None else columns)


def _colours(draws: _Draws) -> tuple[_Floats, _Floats]:
    """Return backgrounds and inks, (B, 3). Ink is the lighter one, sometimes only by a little.

    If either one could be the lighter one, no single pixel would carry information about the class, and a small network
    trained by SGD would stay at chance for many epochs.
    """
    background = draws.uniform(0, 150, 3)
    ink = background + draws.uniform(50, 200)[:, None] * draws.uniform(0.6, 1, 3)
    return background, np.clip(ink, 0, 255).astype(np.float32)


def _paint(image: _Floats, mask: _Floats, colour: _Floats) -> _Floats:
    """Return the images (B, 3, 32, 32) with a colour (B, 3) blended in by the mask (B, 32, 32)."""
    return image + mask[:, None] * (colour[..., None, None] - image)


def _draw_characters(glyphs: Sequence[str], draws: _Draws) -> _Floats:
    """Return masks of the characters in a random font, turned, sheared, scaled and shifted."""
    affine = _affine_parameters(draws, turn=0.25, extent=(17, 27), centre=np.full(2, MASK_SIDE / 2, np.float32))
    faces = draws.uniform(0, 1)
    sources = []
    for glyph, face in zip(glyphs, faces.tolist(), strict=True):
        masks = character_masks(glyph)
        sources.append(masks[int(face * len(masks))])
    return _transform(sources, affine)


def _clutter(draws: _Draws) -> _Floats:
    """Return masks (B, 32, 32) of pieces of other characters, cut from anywhere in the sheet at any angle."""
    centre = draws.uniform(40, _SHEET_SIDE - 40, 2)
    affine = _affine_parameters(draws, turn=math.pi, extent=(20, 32), centre=centre)
    return _transform([_clutter_sheet()] * len(affine), affine)


def _affine_parameters(draws: _Draws, *, turn: float, extent: tuple[float, float], centre: _Floats) -> _Floats:
    """Return the six parameters (B, 6) of the affine map from a pixel of the image to its position in the source."""
    angle, shear, stretch = draws.uniform(-turn, turn), draws.uniform(-0.2, 0.2), draws.uniform(0.85, 1.2)
    zoom = MASK_EXTENT / draws.uniform(*extent)
    x, y = (SIDE / 2 + draws.uniform(-3, 3, 2)).T
    a, b = zoom * np.cos(angle) * stretch, zoom * (np.sin(angle) + shear)
    d, e = -zoom * np.sin(angle), zoom * np.cos(angle) / stretch
    return np.stack([a, b, centre[..., 0] - a * x - b * y, d, e, centre[..., 1] - d * x - e * y], axis=1)


def _transform(sources: Sequence[Image.Image], affine: _Floats) -> _Floats:
    """Return the sources resampled by the maps `affine`, (B, 32, 32) in [0, 1]."""
    masks = np.empty((len(sources), SIDE, SIDE), np.float32)
    for mask, source, parameters in zip(masks, sources, affine.tolist(), strict=True):
        mask[:] = np.asarray(
            source.transform((SIDE, SIDE), Image.Transform.AFFINE, parameters, Image.Resampling.BILINEAR)
        )
    return masks / np.float32(255)


def _strokes(draws: _Draws) -> _Floats:
    """Return masks (B, 32, 32) of a straight line, about half of them empty."""
    angle, offset = draws.uniform(0, math.pi)[:, None, None], draws.uniform(-16, 16)[:, None, None]
    half_width = draws.uniform(-2.5, 2.0)[:, None, None]
    coordinates = np.arange(SIDE, dtype=np.float32) - (SIDE - 1) / 2
    distance = np.abs(np.cos(angle) * coordinates + np.sin(angle) * coordinates[:, None] - offset)
    mask: _Floats = np.clip(half_width + 0.5 - distance, 0, 1)
    return mask


def _blur(image: _Floats, amount: _Floats) -> _Floats:
    """Return the images mixed with their mean over 3 x 3 pixels, by the weights (B,) in `amount`."""
    padded = np.pad(image, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")
    rows = padded[..., :-2, :] + padded[..., 1:-1, :] + padded[..., 2:, :]
    mean = (rows[..., :-2] + rows[..., 1:-1] + rows[..., 2:]) / 9
    return image + amount[:, None, None, None] * (mean - image)


@functools.cache
def _clutter_sheet() -> Image.Image:
    """Return a sheet with characters at random positions, mode "L"."""
    rng = make_rng(0, "clutter sheet")
    sheet = Image.new("L", (_SHEET_SIDE, _SHEET_SIDE))
    for character in characters(_CLUTTER_CHARACTERS):
        mask = character_masks(character)[0].rotate(rng.uniform(0, 360))
        x, y = rng.integers(0, _SHEET_SIDE - MASK_SIDE, 2).tolist()
        sheet.paste(255, (x, y), mask)
    return sheet
