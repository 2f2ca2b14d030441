import numpy as np
import pytest
from PIL import Image

from decouple.datasets.image_files import FilePixels, read_image, readable
from decouple.errors import DataError


def _saved(path, array, **options):
    Image.fromarray(np.asarray(array)).save(path, **options)
    return str(path)


def _grid(height, width):
    """Return an image (height, width, 3) whose red is the row and whose green is the column."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack([rows, columns, np.zeros_like(rows)], axis=2).astype(np.uint8)


def test_an_image_of_the_right_size_is_read_as_it_is(tmp_path):
    array = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    assert np.array_equal(read_image(_saved(tmp_path / "a.png", array), 8), array)


@pytest.mark.parametrize(("height", "width", "top", "left"), [(4, 10, 0, 3), (10, 4, 3, 0), (4, 7, 0, 1)])
def test_the_middle_square_is_cut_out(tmp_path, height, width, top, left):
    image = read_image(_saved(tmp_path / "a.png", _grid(height, width)), 4)
    assert np.array_equal(image, _grid(height, width)[top : top + 4, left : left + 4])


def test_the_shorter_side_is_scaled_without_aliasing(tmp_path):
    # Stripes of 0 and 200 one pixel wide are grey at a quarter of the size; picking pixels would give 0 or 200.
    stripes = np.zeros((32, 64, 3), np.uint8)
    stripes[:, ::2] = 200
    image = read_image(_saved(tmp_path / "a.png", stripes), 8)
    assert image.shape == (8, 8, 3)
    assert np.abs(image.astype(int) - 100).max() <= 10


def test_small_images_are_enlarged(tmp_path):
    assert np.array_equal(
        read_image(_saved(tmp_path / "a.png", np.full((2, 3, 3), 7, np.uint8)), 8), np.full((8, 8, 3), 7)
    )


def test_grey_palette_and_two_colour_images_become_rgb(tmp_path):
    grey = np.array([[0, 100], [200, 255]], np.uint8)
    expected = np.repeat(grey[..., None], 3, axis=2)
    assert np.array_equal(read_image(_saved(tmp_path / "grey.png", grey), 2), expected)
    Image.fromarray(grey).convert("P").save(tmp_path / "palette.png")
    assert np.array_equal(read_image(str(tmp_path / "palette.png"), 2), expected)
    Image.fromarray(grey).point(lambda value: 255 * (value > 150), "1").save(tmp_path / "two.png")
    assert read_image(str(tmp_path / "two.png"), 2)[..., 1].tolist() == [[0, 0], [255, 255]]


def test_sixteen_bits_are_scaled_not_clipped(tmp_path):
    # 65535 / 257 = 255 and 25700 / 257 = 100.
    path = _saved(tmp_path / "deep.png", np.array([[0, 25700], [65535, 257]], np.uint16))
    assert read_image(path, 2)[..., 0].tolist() == [[0, 100], [255, 1]]


def test_transparency_lies_over_white(tmp_path):
    # Alpha 0 shows white, 255 the colour, 51 (a fifth) of black 204.
    pixels = np.array([[[9, 9, 9, 0], [9, 9, 9, 255]], [[0, 0, 0, 51], [1, 2, 3, 255]]], np.uint8)
    image = read_image(_saved(tmp_path / "a.png", pixels), 2)
    assert image.tolist() == [[[255] * 3, [9] * 3], [[204] * 3, [1, 2, 3]]]


def test_a_transparent_palette_colour_lies_over_white(tmp_path):
    image = Image.new("P", (2, 2), 0)
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    image.save(tmp_path / "a.png", transparency=0)
    assert read_image(str(tmp_path / "a.png"), 2).tolist() == [[[255] * 3, [40, 50, 60]], [[255] * 3, [255] * 3]]


def test_exif_turns_the_image(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    path = _saved(tmp_path / "a.png", _grid(4, 4), exif=exif)
    assert np.array_equal(read_image(path, 4), _grid(4, 4)[::-1, ::-1])


def test_a_jpeg_is_decoded_at_no_less_than_the_size_asked_for(tmp_path):
    # Stripes four pixels wide are one pixel wide at a quarter of the size; decoded at an eighth they would be gone.
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, np.arange(64) // 4 % 2 == 1] = 240
    image = read_image(_saved(tmp_path / "a.jpg", stripes, quality=95), 16)
    assert np.abs(image.astype(int) - np.tile([0, 240], 8)[:, None]).max() < 12


@pytest.mark.parametrize("count", [3, 40])
def test_files_are_read_in_the_order_asked_for(tmp_path, count):
    paths = [_saved(tmp_path / f"{i}.png", np.full((4, 4, 3), i, np.uint8)) for i in range(count)]
    pixels = FilePixels(tuple(paths), 4)
    assert len(pixels) == count
    order = np.arange(count)[::-1]
    images = pixels.read(order)
    assert images.shape == (count, 4, 4, 3)
    assert images[:, 0, 0, 0].tolist() == order.tolist()


def _truncated(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = tmp_path / "cut.jpg"
    _saved(path, noise)
    path.write_bytes(path.read_bytes()[:1500])
    return str(path)


def test_a_truncated_file_is_an_error_that_names_it_and_the_way_out(tmp_path):
    path = _truncated(tmp_path)
    with pytest.raises(DataError, match=r"cannot read the image .*cut\.jpg: .*truncated.*skip_bad_images=True"):
        FilePixels((path,), 8).read(np.array([0]))


@pytest.mark.parametrize(
    "content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"GIF89a", b"\xff\xd8\xff"]
)
def test_a_file_that_is_no_image_is_an_error(tmp_path, content):
    (tmp_path / "odd.png").write_bytes(content)
    with pytest.raises(DataError, match=r"cannot read the image .*odd\.png"):
        read_image(str(tmp_path / "odd.png"), 8)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(DataError, match=r"cannot read the image .*gone\.png.*No such file"):
        read_image(str(tmp_path / "gone.png"), 8)


def test_readable_tells_good_from_bad_and_reports_progress(tmp_path):
    good = _saved(tmp_path / "a.png", np.zeros((4, 4, 3), np.uint8))
    reports = []
    result = readable(
        FilePixels((good, _truncated(tmp_path), good), 4),
        np.array([2, 1, 0]),
        lambda done, total: reports.append((done, total)),
    )
    assert result.tolist() == [True, False, True]
    assert reports == [(3, 3)]
