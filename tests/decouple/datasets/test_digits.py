import importlib.util

import numpy as np
import pytest

from decouple.datasets import digits
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError


def test_all_digits_are_there_as_rgb():
    pool = digits.load(DataConfig())
    images = pool.pixels.read(np.arange(1797))
    assert images.shape == (1797, 8, 8, 3)
    assert images.dtype == np.uint8
    # The first image of the file is a zero whose first row is 0 0 5 13 9 1 0 0 of 16: 5 * 255 / 16 = 79.7.
    assert pool.labels[0] == 0
    assert images[0, 0].tolist() == [[v] * 3 for v in (0, 0, 80, 207, 143, 16, 0, 0)]


def test_splits_are_balanced_and_share_nothing():
    pool = digits.load(DataConfig())
    assert np.bincount(pool.labels[pool.splits["test"]]).tolist() == [40] * 10
    assert np.bincount(pool.labels[pool.splits["val"]]).tolist() == [20] * 10
    # The file has 178 182 177 183 181 182 181 179 174 180 images of 0 to 9; 60 of each are held out.
    expected = [118, 122, 117, 123, 121, 122, 121, 119, 114, 120]
    assert np.bincount(pool.labels[pool.splits["train"]]).tolist() == expected
    assert np.sort(np.concatenate(list(pool.splits.values()))).tolist() == list(range(1797))


def test_splits_follow_the_subset_seed():
    first, again, other = (digits.load(DataConfig(subset_seed=seed)).splits["test"] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_without_scikit_learn_the_error_says_so(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="a file of scikit-learn; install it"):
        digits.load(DataConfig())
