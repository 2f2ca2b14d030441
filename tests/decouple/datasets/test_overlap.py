from dataclasses import replace

import numpy as np
import pytest

from decouple.datasets.data import ArrayPixels, Data
from decouple.datasets.image_files import LoadedFiles
from decouple.datasets.overlap import check_overlap, find_overlap, warn_of_overlap
from decouple.errors import DataError

# Images 0 and 3 are the same, and so are 2 and 5, and 1 and 6; all others differ.
KINDS = np.array([0, 1, 2, 0, 4, 2, 1])
IMAGES = np.repeat(KINDS, 12).reshape(7, 2, 2, 3).astype(np.uint8)


def _data(pixels=None, **splits):
    return Data(
        pixels=pixels or ArrayPixels(IMAGES),
        labels=np.zeros(7, np.int64),
        class_names=("ant", "bee"),
        splits={split: np.array(indices) for split, indices in splits.items()},
        group_counts=np.array([4, 0]),
        flippable=False,
        fingerprint="",
    )


def test_pairs_are_found_between_splits_and_not_within_one():
    # 0 and 3 are both in train; 2 recurs in val as 5, and 1 in test as 6.
    data = _data(train=[0, 1, 2, 3], val=[4, 5], test=[6])
    assert find_overlap(data.pixels, data.splits) == ((2, 5), (1, 6))


def test_the_long_tailed_test_split_is_a_part_of_the_test_split():
    data = _data(train=[0, 1], test=[2, 4], test_longtailed=[2])
    assert find_overlap(data.pixels, data.splits) == ()
    check_overlap(data)


def test_the_error_counts_and_names_images():
    with pytest.raises(
        DataError, match=r"2 images are in two splits .* image 2 \(train, class 'ant'\) and image 5 \(val,"
    ):
        check_overlap(_data(train=[0, 1, 2, 3], val=[4, 5], test=[6]))


def test_the_error_names_files():
    files = LoadedFiles(IMAGES, tuple(f"{index}.png" for index in range(7)))
    with pytest.raises(DataError, match=r"1 image is in two splits .* for example 2\.png and 5\.png"):
        check_overlap(_data(files, train=[0, 2], test=[5]))


def test_images_that_agree_in_the_compared_sample_alone_are_no_pair():
    # 64 of 32 * 32 * 3 values are compared first, the first and the last among them; these images differ in one other.
    images = np.zeros((2, 32, 32, 3), np.uint8)
    images[1, 0, 0, 1] = 1
    assert find_overlap(ArrayPixels(images), {"train": np.array([0]), "test": np.array([1])}) == ()
    images[1] = images[0]
    assert find_overlap(ArrayPixels(images), {"train": np.array([0]), "test": np.array([1])}) == ((0, 1),)


@pytest.mark.parametrize("count", [0, 3000])
def test_many_images_and_none(count):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
    splits = {"train": np.arange(0, count, 2), "test": np.arange(1, count, 2)}
    if count:
        images[2501] = images[2000]
        images[1] = images[2002]
    assert find_overlap(ArrayPixels(images), splits) == (((2002, 1), (2000, 2501)) if count else ())


def test_what_is_known_is_not_read_again():
    data = replace(_data(train=[0], test=[1]), overlap=((0, 1),))
    with pytest.raises(DataError, match="1 image is in two splits"):
        check_overlap(data)


def test_pairs_are_warned_of_and_an_unknown_state_is_said(caplog):
    data = _data(train=[0, 1, 2, 3], val=[4, 5], test=[6])
    with caplog.at_level("INFO", "decouple"):
        warn_of_overlap(replace(data, overlap=find_overlap(data.pixels, data.splits)))
        warn_of_overlap(replace(data, overlap=()))
        warn_of_overlap(data)
    warning, information = (record.message for record in caplog.records)
    assert warning.startswith(
        "2 images are in two splits with the same content, for example image 2 (train, class 'ant')"
    )
    assert "accuracy on them is too high" in warning
    assert information.startswith("images that are in two splits were not looked for")
