"""Endings of image files, and the plug-ins of Pillow that read those which Pillow itself does not."""

import functools
import importlib
import os
from importlib.util import find_spec

from PIL import features

from decouple.log import logger

_ALWAYS = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".bmp", ".dib", ".gif", ".tif", ".tiff",
    ".webp", ".ppm", ".pgm", ".pbm", ".pnm", ".pfm",
)  # fmt: skip
_BY_FEATURE = {"jpg_2000": (".jp2", ".j2k", ".jpx", ".j2c"), "avif": (".avif",)}  # where Pillow is built with it
_PLUG_INS = {"pillow_heif": (".heic", ".heif", ".hif"), "pillow_avif": (".avif",), "pillow_jxl": (".jxl",)}
_PACKAGES = {  # ending -> the package to install; JPEG 2000 has none, it comes with Pillow
    ".heic": "pillow-heif", ".heif": "pillow-heif", ".hif": "pillow-heif",
    ".avif": "pillow-avif-plugin", ".jxl": "pillow-jxl-plugin",
}  # fmt: skip
_RAW = (".cr2", ".cr3", ".nef", ".arw", ".dng", ".raf", ".orf", ".rw2")  # of cameras
_JPEG_2000_HINT = "install a Pillow that is built with OpenJPEG"
_RAW_HINT = "export them as JPEG or TIFF"


@functools.cache
def readable_endings() -> tuple[str, ...]:
    """Return the endings, in lower case and with their dot, of the files that can be read on this machine."""
    endings = [*_ALWAYS]
    for feature, of_feature in _BY_FEATURE.items():
        endings += of_feature if features.check(feature) else ()
    for module in register_plug_ins():
        endings += _PLUG_INS[module]
    return tuple(dict.fromkeys(endings))


def is_image(name: str) -> bool:
    """Return whether the ending of a file name, in any case, is one that can be read."""
    return name.lower().endswith(readable_endings())


def hint_for(ending: str) -> str:
    """Return what makes the images of an ending readable; "" for an ending that is no image's.

    Example:
        >>> hint_for(".heic"), hint_for(".txt")
        ('install the package pillow-heif to read them', '')
    """
    if ending in _PACKAGES:
        return f"install the package {_PACKAGES[ending]} to read them"
    if ending in _BY_FEATURE["jpg_2000"]:
        return f"{_JPEG_2000_HINT} to read them"
    return _RAW_HINT if ending in _RAW else ""


def ending_of(name: str) -> str:
    """Return the ending of a file name in lower case with its dot; "" if it has none."""
    return os.path.splitext(name)[1].lower()


@functools.cache
def register_plug_ins() -> tuple[str, ...]:
    """Import the plug-ins that are installed, so that Pillow opens their files, and return their modules.

    A plug-in that fails to load is left out, with a warning.
    """
    return tuple(module for module in _PLUG_INS if find_spec(module) is not None and _register(module))


def _register(module: str) -> bool:
    try:
        plug_in = importlib.import_module(module)  # pillow_avif and pillow_jxl register themselves
        if module == "pillow_heif":
            plug_in.register_heif_opener()
    except Exception as error:  # a compiled library may fail in any way
        logger.warning(f"the image plug-in {module} cannot be loaded: {error}; its files are not read")
        return False
    return True
