import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from decouple.datasets import image_decoding
from decouple.datasets.image_files import read_image
from decouple.errors import DataError


def _write_png_of_16_bits(path: Path, colours: np.ndarray) -> None:
    height, width, _ = colours.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in colours)
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0),
        b"IDAT": zlib.compress(rows),
        b"IEND": b"",
    }
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in chunks.items()
        )
    )


@pytest.mark.parametrize("factor", [87, 1390])
def test_colours_of_16_bits_in_a_png(tmp_path: Path, factor: int) -> None:
    # Pillow reads the upper byte; of 12 bits that byte is at most 15, and is scaled to 255.
    colours = np.arange(48).reshape(4, 4, 3) * factor
    _write_png_of_16_bits(tmp_path / "a.png", colours)
    assert np.array_equal(read_image(str(tmp_path / "a.png"), 4), colours // 256 * (17 if factor == 87 else 1))


def test_a_grey_map_that_states_its_maximum(tmp_path: Path) -> None:
    # 1000 of 10000 is a tenth of white, 25.5, however dark the image is.
    (tmp_path / "a.pgm").write_bytes(b"P5 1 1 10000\n" + np.array([1000], ">u2").tobytes())
    assert read_image(str(tmp_path / "a.pgm"), 1)[0, 0, 0] in (25, 26)


@pytest.mark.parametrize("ending", [".jpg", ".tif"])
def test_cmyk_without_a_profile(tmp_path: Path, ending: str) -> None:
    Image.new("CMYK", (8, 8), (255, 0, 0, 0)).save(tmp_path / f"a{ending}")
    assert read_image(str(tmp_path / f"a{ending}"), 4)[0, 0].tolist() == [0, 255, 255]


def test_a_damaged_profile_is_ignored(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8), (0, 255, 0, 0)).save(tmp_path / "a.jpg", icc_profile=b"no profile")
    assert read_image(str(tmp_path / "a.jpg"), 4)[0, 0].tolist() == [255, 0, 255]


def test_a_profile_of_cmyk_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A profile of CMYK is too large to be made here; the conversion by profile is replaced by a colour of its own.
    monkeypatch.setattr(ImageCms, "ImageCmsProfile", lambda file: file.read())
    converted = Image.new("RGB", (8, 8), (0, 174, 239))
    monkeypatch.setattr(
        ImageCms, "profileToProfile", lambda image, profile, *_, outputMode: converted if profile == b"icc" else None
    )
    Image.new("CMYK", (8, 8), (255, 0, 0, 0)).save(tmp_path / "a.jpg", icc_profile=b"icc")
    assert read_image(str(tmp_path / "a.jpg"), 4)[0, 0].tolist() == [0, 174, 239]


def test_an_image_of_one_pixel(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1), (9, 8, 7)).save(tmp_path / "a.png")
    assert read_image(str(tmp_path / "a.png"), 4).reshape(-1, 3).tolist() == [[9, 8, 7]] * 16


@pytest.mark.parametrize("ending", [".jpg", ".png"])
def test_an_image_of_12000_pixels_a_side(tmp_path: Path, ending: str, recwarn: pytest.WarningsRecorder) -> None:
    limit = Image.MAX_IMAGE_PIXELS
    Image.new("L", (12_000, 12_000), 77).save(tmp_path / f"a{ending}", compress_level=1)
    assert np.unique(read_image(str(tmp_path / f"a{ending}"), 8)).tolist() == [77]
    assert limit == Image.MAX_IMAGE_PIXELS
    assert not recwarn.list


def test_an_image_beyond_the_limit(tmp_path: Path) -> None:
    Image.new("1", (25_000, 20_001)).save(tmp_path / "a.png")
    with pytest.raises(DataError, match=r"it has 25,000 x 20,001 pixels, and at most 500,000,000 are decoded; store"):
        read_image(str(tmp_path / "a.png"), 8)
    assert Image.MAX_IMAGE_PIXELS is not None


def test_a_file_of_another_format_than_its_ending_is_read(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4), (1, 2, 3)).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    assert read_image(str(tmp_path / "a.jpg"), 4)[0, 0].tolist() == [1, 2, 3]


@pytest.mark.parametrize("ending", [".jp2", ".avif", ".heic", ".heif", ".jxl"])
def test_formats_of_plug_ins(tmp_path: Path, ending: str) -> None:
    image_decoding.register_plug_ins()
    if ending not in Image.registered_extensions():
        pytest.skip(f"nothing installed reads {ending}")
    Image.new("RGB", (64, 64), (200, 30, 60)).save(tmp_path / f"a{ending}")
    assert np.abs(read_image(str(tmp_path / f"a{ending}"), 8).astype(int) - [200, 30, 60]).max() <= 3


def test_a_format_without_a_plug_in_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("decouple.datasets.image_endings.readable_endings", lambda: (".png",))
    (tmp_path / "a.heic").write_bytes(b"0000ftypheic0000")
    with pytest.raises(DataError, match=r"damaged, or no image; install the package pillow-heif to read"):
        read_image(str(tmp_path / "a.heic"), 8)


@pytest.mark.parametrize("content", [b"II*\0abc", b"II*\0\x08\0\0\0" + b"\xff" * 40, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_words_of_the_decoders_internals_do_not_appear(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(DataError) as info:
        read_image(str(tmp_path / "a.tif"), 8)
    assert "unpack" not in str(info.value)
    assert "Error" not in str(info.value)
