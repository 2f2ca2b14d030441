"""What the tests of the image cache share: a folder of images, the folder of the cache, and the decoded files."""

import os

import pytest
from PIL import Image

from decouple.datasets import image_files


@pytest.fixture
def root(tmp_path):
    """Ten training images in each of two classes and one test image in each; the red of image k is 10 k."""
    for number in range(22):
        split, index = ("train", number) if number < 20 else ("test", number - 20)
        path = tmp_path / "images" / split / "ab"[index % 2] / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), (10 * number, 0, 0)).save(path)
    return tmp_path / "images"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "runs" / ".cache"


@pytest.fixture
def decoded(monkeypatch):
    """The files that are decoded, in a list."""
    names, read = [], image_files.read_image

    def noted(path, size):
        names.append(os.path.basename(path))
        return read(path, size)

    monkeypatch.setattr(image_files, "read_image", noted)
    return names
