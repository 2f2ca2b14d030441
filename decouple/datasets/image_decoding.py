"""One image file of any format and colour mode as an upright RGB image of 8 bits.

Transparency lies on white, EXIF rotation is applied, CMYK follows the colour profile of the file if there is one, and
values of more than 8 bits are scaled by `decouple.datasets.value_range.to_uint8`. Of several pages or frames the first
is read. A JPEG is decoded at 1/2, 1/4 or 1/8 of its size where that is still large enough.
"""

import contextlib
import io
import os
import threading
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError

from decouple.datasets.deep_tiff import is_cut, is_misread, read_deep_tiff
from decouple.datasets.image_endings import ending_of, hint_for, is_image, register_plug_ins
from decouple.datasets.value_range import to_uint8
from decouple.errors import DataError
from decouple.files.read_errors import reason_of
from decouple.log import logger

SKIP_ADVICE = "; leave out such files with `skip_bad_images=True`"  # ends the message of a file that is not readable
MAX_PIXELS = 500 * 10**6  # of an image as it is decoded: 1.5 GB in memory
_LARGE = 32 * 10**6  # pixels; images beyond are decoded one at a time, so that threads do not fill the memory
_TRANSPARENT_MODES = ("RGBA", "LA", "PA", "RGBa", "La")
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0  # a TIFF tag and a value of it
_TWELVE_BIT_WHITE = 15  # the upper byte of 4095

_large_images = threading.Lock()
_limit_lock = threading.Lock()
_said_of: set[str] = set()  # folders with files of several pages
_limit_users: list[int | None] = []  # Pillow's own limit, once for each image that is being read


def decode_image(path: str, size: int) -> Image.Image:
    """Return the image in a file, RGB, both sides at least `size` where the file's are.

    Raises:
        DataError: the file is missing, damaged, not an image, or has more than 500 million pixels.
    """
    with _named_errors(path), _without_pixel_limit():
        return _decode(path, size)


def read_header(path: str) -> tuple[int, int, str]:
    """Return width, height and Pillow's name of the format of the image in a file, without decoding it.

    Raises:
        DataError: the file is missing, damaged, or not an image.
    """
    with _named_errors(path), _without_pixel_limit():
        try:
            with Image.open(path) as file:
                return file.width, file.height, str(file.format)
        except UnidentifiedImageError:
            return (*_read_unidentified(path).size, "TIFF")


@contextlib.contextmanager
def _named_errors(path: str) -> Iterator[None]:
    """Raise an error of reading a file as a `DataError` that names the file."""
    register_plug_ins()
    try:
        yield
    except Exception as error:  # decoders raise any exception for a damaged file
        reason = _reason(path, error)
        raise DataError(
            f"cannot read the image {path}: {reason}; leave out such files with `skip_bad_images=True`"
        ) from None


def _decode(path: str, size: int) -> Image.Image:
    try:
        file = Image.open(path)
    except UnidentifiedImageError:
        return _read_unidentified(path)
    with file:
        file.draft("RGB", (size, size))  # JPEG only
        if file.width * file.height > MAX_PIXELS:
            raise DataError(
                f"it has {file.width:,} x {file.height:,} pixels, and at most {MAX_PIXELS:,} are decoded; "
                "store it in a smaller size"
            )
        with _large_images if file.width * file.height > _LARGE else contextlib.nullcontext():
            if file.format == "TIFF" and getattr(file, "n_frames", 1) > 1:
                _say_that_the_first_page_is_read(path)
            if is_misread(file):
                return read_deep_tiff(path)
            if is_cut(file):
                with contextlib.suppress(ValueError):  # tifffile lacks the compression
                    return read_deep_tiff(path)
            return _upright_rgb(file)


@contextlib.contextmanager
def _without_pixel_limit() -> Iterator[None]:
    """Lift Pillow's limit, which is global and lies below 12,000 x 12,000 pixels, until no image is being read."""
    with _limit_lock:
        _limit_users.append(_limit_users[0] if _limit_users else Image.MAX_IMAGE_PIXELS)
        Image.MAX_IMAGE_PIXELS = None
    try:
        yield
    finally:
        with _limit_lock:
            limit = _limit_users.pop()
            if not _limit_users:
                Image.MAX_IMAGE_PIXELS = limit


def _say_that_the_first_page_is_read(path: str) -> None:
    split = os.path.dirname(os.path.dirname(path))  # of all class folders in it the first says it
    if split not in _said_of:
        _said_of.add(split)
        logger.warning(f"{path} has several pages; of such files in {split or os.curdir} the first page is read")


def _upright_rgb(file: ImageFile.ImageFile) -> Image.Image:
    has_sixteen_bits = any(";16" in str(tile[3]) for tile in file.tile)  # Pillow forgets it when it decodes
    ImageOps.exif_transpose(file, in_place=True)
    rgb = to_rgb(file)
    return _from_twelve_bits(rgb) if has_sixteen_bits and file.mode == "RGB" else rgb


def to_rgb(image: Image.Image) -> Image.Image:
    """Return an image of any mode as RGB: transparency on white, values of more than 8 bits scaled by their range."""
    if image.mode.startswith(("I", "F")):
        return _from_deep_grey(image)
    if image.mode in _TRANSPARENT_MODES or "transparency" in image.info:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    if image.mode == "CMYK" and image.info.get("icc_profile"):
        return _by_profile(image)
    return image.convert("RGB")


def _from_deep_grey(image: Image.Image) -> Image.Image:
    limit = 65535 if image.format == "PPM" and image.mode == "I" else None  # Pillow has scaled it by the file's maximum
    grey = to_uint8(np.asarray(image), limit=limit)
    white_is_zero = getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    return Image.fromarray(255 - grey if white_is_zero else grey).convert("RGB")


def _from_twelve_bits(rgb: Image.Image) -> Image.Image:
    """Return an image of which Pillow has read the upper 8 of 16 bits, brighter if only the lower 12 are used."""
    array = np.asarray(rgb)
    return rgb if array.max() > _TWELVE_BIT_WHITE else Image.fromarray(array * np.uint8(255 // _TWELVE_BIT_WHITE))


def _by_profile(image: Image.Image) -> Image.Image:
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        converted = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):  # a damaged profile
        converted = None
    return converted or image.convert("RGB")


def _read_unidentified(path: str) -> Image.Image:
    """Return the image in a TIFF that Pillow does not know; an error for other files."""
    if ending_of(path) not in (".tif", ".tiff"):
        raise UnidentifiedImageError
    return read_deep_tiff(path)


def _reason(path: str, error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        hint = "" if is_image(path) else hint_for(ending_of(path))
        return f"it is damaged, or no image{f'; {hint}' if hint else ''}"
    return error.message if isinstance(error, DataError) else reason_of(error)
