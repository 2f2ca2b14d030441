"""Figure: many small images in rows, each with a caption below it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from decouple.errors import DataError
from decouple.reporting.figure_files import save_figure
from decouple.reporting.palette import INK
from decouple.reporting.style import drawable, new_figure, styled

MAX_IMAGES = 400  # on one sheet; more would make a file that no viewer opens
_TILE = 1.15  # inches, width and height of an image
_GAP = 0.1  # of a tile, between neighbours
_LINE = 0.13  # of a tile, height of one line of a caption
_LETTERS = 19  # of a caption line that fit below a tile


def contact_sheet(
    images: NDArray[np.uint8],
    captions: Sequence[str],
    path: Path,
    title: str,
    *,
    columns: int = 8,
    colours: Sequence[str] | None = None,
) -> None:
    """Draw images in rows from left to right and write a PNG, SVG or PDF by the ending of `path`.

    Args:
        images: uint8, (N, H, W, 3), 1 to 400 of them.
        captions: N texts; a line break starts another line. Long lines are cut with an ellipsis, and letters that the
            font lacks are left out.
        path: the file to write.
        title: a line above the images.
        columns: images in a row, at most.
        colours: N colours of the captions in matplotlib's notation; default: all in the colour of the text.

    Raises:
        DataError: the numbers of images and captions differ, there are none or more than 400, or the shape is another.

    Example:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> grey = np.full((3, 8, 8, 3), 128, np.uint8)
        >>> contact_sheet(grey, ["moth", "bee", "wasp\\n12 images"], Path(folder.name, "sheet.png"), "insects")
        >>> Path(folder.name, "sheet.png").is_file()
        True
        >>> folder.cleanup()
    """
    save_figure(draw_contact_sheet(images, captions, title, columns=columns, colours=colours), path)


@styled
def draw_contact_sheet(
    images: NDArray[np.uint8],
    captions: Sequence[str],
    title: str,
    *,
    columns: int = 8,
    colours: Sequence[str] | None = None,
) -> Figure:
    """Return a figure of images in rows from left to right; arguments and errors as of `contact_sheet`."""
    _check(images, captions, colours)
    columns = max(1, min(columns, len(images)))
    rows = -(-len(images) // columns)
    lines = max(caption.count("\n") + 1 for caption in captions)
    pitch = 1 + _GAP + _LINE * lines  # from row to row, in tiles
    width = max(4.0, _TILE * (columns + _GAP * (columns - 1)) + 0.2)
    figure = new_figure(title, width=width, height=_TILE * pitch * rows + 0.2)
    axes = figure.add_subplot()
    for position, image in enumerate(images):
        left, top = (position % columns) * (1 + _GAP), (position // columns) * pitch
        axes.imshow(image, extent=(left, left + 1, top + 1, top), interpolation="auto")
        _write_caption(axes, captions[position], left + 0.5, top, INK if colours is None else colours[position])
    axes.set(xlim=(0, columns * (1 + _GAP) - _GAP), ylim=(rows * pitch, 0), aspect="equal")
    axes.axis("off")
    return figure


def _write_caption(axes: Axes, caption: str, centre: float, top: float, colour: str) -> None:
    for number, line in enumerate(caption.split("\n")):
        text = drawable(line, "?", limit=_LETTERS) if line else ""
        axes.text(centre, top + 1.02 + _LINE * number, text, ha="center", va="top", fontsize=7, color=colour)


def _check(images: NDArray[np.uint8], captions: Sequence[str], colours: Sequence[str] | None) -> None:
    if images.ndim != 4 or images.shape[-1] != 3 or images.dtype != np.uint8:
        raise DataError(f"`images` must be uint8 of shape (N, H, W, 3), got {images.dtype} {images.shape}")
    if not 1 <= len(images) <= MAX_IMAGES:
        raise DataError(f"a contact sheet holds 1 to {MAX_IMAGES} images, got {len(images)}")
    if len(captions) != len(images) or (colours is not None and len(colours) != len(images)):
        raise DataError(f"{len(images)} images need as many captions and colours, got {len(captions)} captions")
