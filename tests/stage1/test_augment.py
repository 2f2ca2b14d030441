import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from stage1.augment import Augmentation, crop_and_flip, draw_params


def _images(count: int, height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(1, 256, (count, height, width, 3), dtype=np.uint8)


def _augmented(images: NDArray[np.uint8], padding: int, hflip: bool, rng: np.random.Generator) -> NDArray[np.uint8]:
    return crop_and_flip(images, padding, draw_params(len(images), Augmentation(padding, hflip), rng))


@pytest.mark.parametrize("hflip", [False, True])
def test_equals_pil_one_image_at_a_time(hflip: bool) -> None:
    images, padding = _images(40, 5, 7), 2
    images_out = _augmented(images, padding, hflip, np.random.default_rng(3))
    draws = np.random.default_rng(3)
    tops, lefts = draws.integers(0, 5, size=(2, 40))
    flipped = draws.random(40) < 0.5
    for number, image in enumerate(images):
        padded = ImageOps.expand(Image.fromarray(image), border=padding, fill=0)
        left, top = int(lefts[number]), int(tops[number])
        expected = padded.crop((left, top, left + 7, top + 5))
        if hflip and flipped[number]:
            expected = ImageOps.mirror(expected)
        assert np.array_equal(images_out[number], np.asarray(expected)), number
    assert 10 < flipped.sum() < 30  # both kinds were compared


def test_no_padding_and_no_mirror_is_the_identity() -> None:
    images = _images(6, 4, 4)
    assert np.array_equal(_augmented(images, 0, False, np.random.default_rng(0)), images)


def test_the_input_is_not_changed() -> None:
    images = _images(20, 4, 4)
    before = images.copy()
    for padding in (0, 1):
        _augmented(images, padding, True, np.random.default_rng(0))[:] = 0
        assert np.array_equal(images, before)


def test_every_offset_is_reached_equally_often() -> None:
    # One bright pixel in the middle of 3 x 3, moved by -1, 0 or 1 both ways: each of 9 places has 1,000 of 9,000
    # draws, give or take 30 (the square root of 9000 * 1/9 * 8/9); five times that is 150.
    images = np.zeros((9000, 3, 3, 3), np.uint8)
    images[:, 1, 1] = 255
    images_out = _augmented(images, 1, False, np.random.default_rng(1))
    assert np.abs((images_out[..., 0] == 255).sum(axis=0) - 1000).max() < 150


def test_half_of_the_images_are_mirrored() -> None:
    images = np.zeros((10_000, 1, 2, 3), np.uint8)
    images[:, 0, 0] = 255
    flipped = _augmented(images, 0, True, np.random.default_rng(1))[:, 0, 1, 0] == 255
    assert abs(flipped.sum() - 5000) < 250  # five standard deviations: sqrt(10000) / 2 = 50


def test_the_generator_decides() -> None:
    images = _images(30, 6, 6)
    first, again, other = (_augmented(images, 2, True, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
