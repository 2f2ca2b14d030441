"""How the images in files are stored: the format, and the quality of JPEG files, read from their headers."""

from collections.abc import Sequence

from PIL import Image

_ANNEX_K = (  # luminance quantisation of JPEG at quality 50, sorted; ITU-T T.81, table K.1
    10, 11, 12, 12, 13, 14, 14, 14, 16, 16, 16, 17, 18, 19, 22, 22, 24, 24, 24, 26, 29, 35, 37, 40, 40, 49, 51, 51, 55,
    55, 56, 56, 57, 58, 60, 61, 62, 64, 64, 68, 69, 72, 77, 78, 80, 81, 87, 87, 92, 92, 95, 98, 99, 100, 101, 103, 103,
    103, 104, 109, 112, 113, 120, 121,
)  # fmt: skip


def storage_of(paths: Sequence[str]) -> str:
    """Return the format of image files in words, with the quality or its range if all are JPEG files.

    Example:
        >>> storage_of([])
        'no files'
    """
    formats, qualities = set(), set()
    for path in paths:
        with Image.open(path) as image:
            formats.add(str(image.format))
            if image.format == "JPEG":
                qualities.add(jpeg_quality(getattr(image, "quantization", {}).get(0, ())))
    if not formats:
        return "no files"
    names = f"{' and '.join(sorted(formats))} files"
    known = sorted(quality for quality in qualities if quality is not None)
    if not known or None in qualities or len(formats) > 1:
        return names
    return f"{names} of quality {known[0]}" + (f" to {known[-1]}" if len(known) > 1 else "")


def jpeg_quality(table: Sequence[int]) -> int | None:
    """Return the quality, 1 to 100, whose luminance table is `table` in any order; None where libjpeg has none such.

    Source: Independent JPEG Group, libjpeg, jpeg_quality_scaling: at quality q every number n of Annex K becomes
    ``(n s + 50) // 100`` within 1 to 255, where s is ``5000 // q`` below 50 and ``200 - 2 q`` from there on.

    Example:
        >>> jpeg_quality([1] * 64)
        100
        >>> jpeg_quality([7] * 64) is None
        True
    """
    return _QUALITY_OF.get(tuple(sorted(table)))


def _scaled(quality: int) -> tuple[int, ...]:
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return tuple(min(255, max(1, (number * percent + 50) // 100)) for number in _ANNEX_K)


_QUALITY_OF = {_scaled(quality): quality for quality in range(1, 101)}
