"""TIFF files whose values Pillow does not read, or not in full: several channels of more than 8 bits, and other floats.

The optional package tifffile reads them; without it, an error names it.
"""

from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from decouple.datasets.value_range import to_uint8
from decouple.errors import DataError

_BITS_PER_SAMPLE, _ORIENTATION, _PLANAR, _SAMPLE_FORMAT = 258, 274, 284, 339  # numbers of TIFF tags
_SEPARATE = 2  # value of _PLANAR: red, green and blue one after the other
_UNSIGNED, _SIGNED = 1, 2  # values of _SAMPLE_FORMAT
_MAX_COLOUR_CHANNELS = 4  # red, green, blue, and perhaps one of transparency


def is_misread(image: Image.Image) -> bool:
    """Return whether Pillow reads an opened TIFF wrongly: signed bytes, unsigned 32 bits, separate deep channels."""
    tags = getattr(image, "tag_v2", {})
    bits, sample_format = tags.get(_BITS_PER_SAMPLE, (1,)), tags.get(_SAMPLE_FORMAT, (_UNSIGNED,))[0]
    if len(bits) == 1:
        return (bits[0], sample_format) in ((8, _SIGNED), (32, _UNSIGNED))
    return max(bits) > 8 and tags.get(_PLANAR) == _SEPARATE


def is_cut(image: Image.Image) -> bool:
    """Return whether Pillow reads only the upper 8 bits of an opened TIFF, and tifffile is installed."""
    bits = getattr(image, "tag_v2", {}).get(_BITS_PER_SAMPLE, (1,))
    return len(bits) > 1 and max(bits) > 8 and image.mode != "CMYK" and find_spec("tifffile") is not None


def read_deep_tiff(path: str) -> Image.Image:
    """Return the first page of a TIFF as an RGB image, its values scaled by `to_uint8`.

    One channel is grey, and so are two, the second of which is transparency; three are red, green and blue, and a
    fourth is left out.

    Raises:
        DataError: tifffile is not installed, or the page has more channels.
        ValueError: tifffile cannot read the file, or needs the package imagecodecs for its compression.
    """
    if find_spec("tifffile") is None:
        raise DataError("Pillow does not read such a TIFF; install the package tifffile to read it")
    import tifffile  # optional

    with tifffile.TiffFile(path) as file:
        page = file.pages.first
        values, axes, orientation = page.asarray(), page.axes, page.tags.valueof(_ORIENTATION, 1)
    channels = _channels_last(values, axes)
    if channels.shape[-1] > _MAX_COLOUR_CHANNELS:
        raise DataError(f"it has {channels.shape[-1]} channels; store red, green and blue, or one of them")
    colours = channels[..., :3] if channels.shape[-1] >= 3 else channels[..., :1]
    image = Image.fromarray(np.broadcast_to(to_uint8(colours), (*colours.shape[:2], 3)).copy())
    image.getexif()[_ORIENTATION] = int(orientation)
    return ImageOps.exif_transpose(image)


def _channels_last(values: NDArray[np.generic], axes: str) -> NDArray[np.generic]:
    """Return a page as (H, W, channels)."""
    order = [axes.index(axis) for axis in "YXS" if axis in axes]
    if not {"Y", "X"} <= set(axes) or len(order) != values.ndim:
        raise DataError(f"its first page has the axes {axes}; store images of height, width and colours")
    ordered = values.transpose(order)
    return ordered if "S" in axes else ordered[..., None]
