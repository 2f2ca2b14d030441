import numpy as np
import pytest

from decouple.datasets.data import ArrayPixels, Data
from decouple.datasets.image_files import LoadedFiles
from decouple.datasets.overlap import check_overlap, find_overlap
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
    assert find_overlap(_data(train=[0, 1, 2, 3], val=[4, 5], test=[6])) == [(2, 5), (1, 6)]


def test_the_long_tailed_test_split_is_a_part_of_the_test_split():
    data = _data(train=[0, 1], test=[2, 4], test_longtailed=[2])
    assert find_overlap(data) == []
    check_overlap(data)


def test_the_error_counts_and_names_images():
    with pytest.raises(
        DataError, match=r"2 images are in two splits .* image 2 \(train, class 'ant'\) and image 5 \(val,"
    ):
        check_overlap(_data(train=[0, 1, 2, 3], val=[4, 5], test=[6]))


def test_the_error_names_files():
    files = LoadedFiles(IMAGES, tuple(f"{index}.png" for index in range(7)))
    with pytest.raises(DataError, match=r"1 images are in two splits .* for example 2\.png and 5\.png"):
        check_overlap(_data(files, train=[0, 2], test=[5]))
