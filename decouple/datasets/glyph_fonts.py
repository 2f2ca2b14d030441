"""Masks of single characters, in the fonts that matplotlib includes."""

import functools
import importlib.util
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from decouple.errors import DataError

MASK_SIDE = 48  # pixels
MASK_EXTENT = 36  # pixels, of the longer side of the character
_FACES = tuple(
    family + style
    for family, styles in {
        "DejaVuSans": ("", "-Bold", "-Oblique", "-BoldOblique"),
        "DejaVuSansMono": ("", "-Bold", "-Oblique", "-BoldOblique"),
        "DejaVuSerif": ("", "-Bold", "-Italic", "-BoldItalic"),
        "STIXGeneral": ("", "Bol", "Italic", "BolIta"),
    }.items()
    for style in styles
)
_MISSING = "\uffff"  # not a character: fonts draw the box of a missing character


@functools.cache
def character_masks(character: str) -> tuple[Image.Image, ...]:
    """Return the character in each font that has it: mode "L", side 48, scaled to the middle 36 pixels.

    Raises:
        DataError: matplotlib is not installed, or none of its fonts has the character.
    """
    masks = tuple(
        mask
        for face in _FACES
        if (mask := _mask(character, face)).getbbox() and mask.tobytes() != _missing_mask(face).tobytes()
    )
    if not masks:
        raise DataError(f"no font of matplotlib has the character U+{ord(character):04X}; install matplotlib again")
    return masks


def _mask(character: str, face: str) -> Image.Image:
    font = _font(face)
    left, top, right, bottom = font.getbbox(character)
    drawn = Image.new("L", (max(1, int(right - left)), max(1, int(bottom - top))))
    ImageDraw.Draw(drawn).text((-left, -top), character, fill=255, font=font)
    factor = MASK_EXTENT / max(drawn.size)
    drawn = drawn.resize((max(1, round(drawn.width * factor)), max(1, round(drawn.height * factor))))
    mask = Image.new("L", (MASK_SIDE, MASK_SIDE))
    mask.paste(drawn, ((MASK_SIDE - drawn.width) // 2, (MASK_SIDE - drawn.height) // 2))
    return mask


@functools.cache
def _missing_mask(face: str) -> Image.Image:
    return _mask(_MISSING, face)


@functools.cache
def _font(face: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_font_folder() / f"{face}.ttf"), MASK_SIDE)


@functools.cache
def _font_folder() -> Path:
    # Located without importing matplotlib, which takes most of a second.
    spec = importlib.util.find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise DataError(
            "the glyphs data set draws with the fonts of matplotlib; install it, or choose another data set with `data`"
        )
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
