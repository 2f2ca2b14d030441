"""Pictures in a page: their size, and runs whose images cannot be read."""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from decouple.files.run_dir import RunDir
from decouple.pages.example_images import ExampleImages, make_picture, open_example_images


def read(address: str) -> Image.Image:
    head, data = address.split(",", 1)
    assert head == "data:image/webp;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_small_image_keeps_every_pixel() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    picture = make_picture(pixels)
    assert picture.pixelated
    np.testing.assert_array_equal(np.asarray(read(picture.address).convert("RGB")), pixels)


def test_a_large_image_shrinks() -> None:
    picture = make_picture(np.full((400, 200, 3), 120, np.uint8))
    assert read(picture.address).size == (56, 112)
    assert not picture.pixelated
    assert len(picture.address) < 1000


def test_images_of_a_run_are_those_of_its_splits(report_runs: Path) -> None:
    images = open_example_images(RunDir(report_runs / "a"))
    assert isinstance(images, ExampleImages)
    positions = images.of_class("test", 3, 2)
    assert images.data.labels[images.data.splits["test"][positions]].tolist() == [3, 3]
    assert images.path("test", 0) == ""  # digits are no files
    pixels = images.data.pixels.read(images.data.splits["test"][positions[:1]])[0]
    np.testing.assert_array_equal(np.asarray(read(images.picture("test", positions[0]).address).convert("RGB")), pixels)


def test_other_images_than_those_of_the_run_are_a_sentence(reported: Path) -> None:
    path = reported / "a" / "data.json"
    path.write_text(path.read_text().replace('"fingerprint": "', '"fingerprint": "other'))
    note = open_example_images(RunDir(reported / "a"))
    assert isinstance(note, str)
    assert note.startswith("The images cannot be read: the images are not those that")
