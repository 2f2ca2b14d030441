import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from decouple.datasets import deep_tiff, image_decoding
from decouple.datasets.image_files import read_image
from decouple.errors import DataError

RAMP = np.arange(48).reshape(4, 4, 3)  # of colours
GREY = RAMP[..., 0]  # 0, 3, ... 45


def _read(path: Path, array: NDArray[np.generic], **options: object) -> NDArray[np.uint8]:
    tifffile.imwrite(path / "a.tif", array, **options)
    return read_image(str(path / "a.tif"), 4)


def _as_rgb(grey: NDArray[np.generic]) -> NDArray[np.uint8]:
    return np.repeat(np.rint(grey).astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (GREY.astype("u2") * 91, GREY * 91 * 255 / 4095),
        (GREY.astype(">u2") * 1456, GREY * 1456 * 255 / 65535),
        ((GREY / 45).astype("f4"), GREY / 45 * 255),
        ((GREY / 45).astype("f8"), GREY / 45 * 255),
        ((GREY / 45).astype("f2"), (GREY / 45).astype("f2").astype("f8") * 255),
        (GREY.astype("i2") - 9, GREY / 45 * 255),
        (GREY.astype("i1") - 9, GREY / 45 * 255),
        (GREY.astype("u4") * 90_000_000, GREY / 45 * 255),
    ],
)
def test_grey_of_every_type(tmp_path: Path, array: NDArray[np.generic], expected: NDArray[np.float64]) -> None:
    assert np.array_equal(_read(tmp_path, array), _as_rgb(expected))


@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize(("dtype", "factor", "limit"), [("u2", 87, 4095), ("u2", 1394, 65535), ("f4", 1 / 47, 1)])
def test_colours_of_more_than_8_bits(tmp_path: Path, planes: bool, dtype: str, factor: float, limit: float) -> None:
    colours = (RAMP * factor).astype(dtype)
    array = colours.transpose(2, 0, 1) if planes else colours
    image = _read(tmp_path, array, photometric="rgb", planarconfig="separate" if planes else "contig")
    assert np.abs(image - colours.astype(float) * 255 / limit).max() <= 0.51


def test_colours_of_8_bits_are_read_as_they_are(tmp_path: Path) -> None:
    assert np.array_equal(_read(tmp_path, RAMP.astype("u1"), photometric="rgb"), RAMP)


def test_the_first_of_several_pages_is_read_and_that_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = np.stack([np.full((4, 4), level, np.uint16) for level in (4095, 0, 0)])
    assert _read(tmp_path, pages, photometric="minisblack").min() == 255
    caplog.clear()
    monkeypatch.setattr(image_decoding, "_said_of", set())
    for name in ("a/1.tif", "a/2.tif", "b/1.tif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(tmp_path / "a.tif", tmp_path / name)
        read_image(str(tmp_path / name), 4)
    assert [record.message for record in caplog.records] == [
        f"{tmp_path}/a/1.tif has several pages; of such files in {tmp_path} the first page is read"
    ]


def test_white_may_be_zero(tmp_path: Path) -> None:
    image = _read(tmp_path, np.array([[0, 4095]] * 4, "u2").repeat(2, 1), photometric="miniswhite")
    assert image[0, :, 0].tolist() == [255, 255, 0, 0]


def test_the_orientation_is_applied(tmp_path: Path) -> None:
    upside_down = (274, "H", 1, 3, True)  # the TIFF tag of the orientation
    image = _read(tmp_path, (RAMP * 1394).astype("u2"), photometric="rgb", extratags=[upside_down])
    assert np.array_equal(image[::-1, ::-1], _read(tmp_path, (RAMP * 1394).astype("u2"), photometric="rgb"))


def test_more_channels_than_colours(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="it has 5 channels; store red, green and blue"):
        _read(tmp_path, np.zeros((4, 4, 5), "u1"), photometric="minisblack", planarconfig="contig")


def test_without_tifffile_deep_colours_lose_bits_but_are_not_dark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deep_tiff, "find_spec", lambda name: None)
    image = _read(tmp_path, (RAMP * 87).astype("u2"), photometric="rgb")
    assert np.array_equal(image, RAMP * 87 // 256 * 17)
    with pytest.raises(DataError, match="install the package tifffile to read it"):
        _read(tmp_path, RAMP.astype("f4"), photometric="rgb")


def test_a_compression_that_tifffile_lacks_is_read_by_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> Image.Image:
        raise ValueError("<COMPRESSION.LZW: 5> requires the 'imagecodecs' package")

    monkeypatch.setattr(image_decoding, "read_deep_tiff", refuse)
    image = _read(tmp_path, (RAMP * 1394).astype("u2"), photometric="rgb")
    assert np.array_equal(image, RAMP * 1394 // 256)
