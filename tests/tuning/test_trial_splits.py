import dataclasses

import numpy as np
import pytest

from decouple.datasets.data import ArrayPixels, Data
from decouple.errors import DataError
from tuning.trial_splits import hold_out, in_folds

COUNTS = [50, 10, 3, 2, 1]


def _data() -> Data:
    """Training images of five classes, mixed with two of each class for validation and two for testing."""
    labels = np.concatenate([np.repeat(np.arange(5), COUNTS), np.arange(5).repeat(4)])
    rng = np.random.default_rng(0)
    order = rng.permutation(len(labels))
    index = np.argsort(order)  # where each image went
    train, rest = np.sort(index[: sum(COUNTS)]), index[sum(COUNTS) :]
    splits = {"train": train, "val": np.sort(rest[::2]), "test": np.sort(rest[1::2])}
    pixels = ArrayPixels(np.zeros((len(labels), 2, 2, 3), np.uint8))
    return Data(pixels, labels[order], tuple("abcde"), splits, np.array(COUNTS), flippable=False, fingerprint="f")


@pytest.mark.parametrize("fraction", [0.01, 0.2, 0.5, 0.99])
@pytest.mark.parametrize("seed", [0, 1])
def test_it_divides_the_training_set_and_nothing_else(fraction: float, seed: int) -> None:
    data = _data()
    assert data.class_counts.tolist() == COUNTS
    evaluated = hold_out(data, fraction, seed)
    assert set(evaluated.splits) == {"train", "val"}
    parts = np.concatenate([evaluated.splits["train"], evaluated.splits["val"]])
    assert np.array_equal(np.sort(parts), data.splits["train"])
    remaining, held_out = evaluated.counts("train"), evaluated.counts("val")
    assert remaining.min() >= 1
    assert held_out[:4].min() >= 1
    assert held_out[4] == 0  # the only image of its class is trained on


def test_a_fifth_of_each_class_is_held() -> None:
    evaluated = hold_out(_data(), 0.2, 0)
    assert evaluated.counts("val").tolist() == [
        10,
        2,
        1,
        1,
        0,
    ]  # of 50, 10, 3, 2 and 1; at least one where there are two


def test_the_rest_of_the_data_stays() -> None:
    data = _data()
    evaluated = hold_out(data, 0.2, 0)
    assert evaluated.pixels is data.pixels
    assert evaluated.labels is data.labels
    assert evaluated.group_counts is data.group_counts


def test_a_seed_decides() -> None:
    first, again, other = (hold_out(_data(), 0.2, seed).splits["val"].tolist() for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_in_folds_every_training_image_is_held_once_but_the_only_one_of_a_class() -> None:
    data = _data()
    parts = in_folds(data, 3, 0)
    assert len(parts) == 3
    assert all(set(part.splits) == {"train", "val"} for part in parts)
    held_out = np.concatenate([part.splits["val"] for part in parts])
    assert np.bincount(data.labels[held_out]).tolist() == [50, 10, 3, 2]  # the one image of class 4 is in none
    assert len(set(held_out.tolist())) == 65
    for part in parts:
        both = np.concatenate([part.splits["train"], part.splits["val"]])
        assert np.array_equal(np.sort(both), data.splits["train"])
        assert part.counts("train").min() >= 1


def test_more_folds_than_images_leave_none_empty() -> None:
    data = dataclasses.replace(_data(), splits={"train": np.flatnonzero(_data().labels == 3)[:2]})
    assert [len(part.splits["val"]) for part in in_folds(data, 5, 0)] == [1, 1]


def test_folds_need_a_class_of_two_images() -> None:
    data = dataclasses.replace(_data(), splits={"train": np.unique(_data().labels, return_index=True)[1]})
    with pytest.raises(DataError, match="no class has two training images"):
        in_folds(data, 2, 0)
