import numpy as np
import pytest

from decouple.datasets.data import ArrayPixels, Data
from tuning.split import hold_out

COUNTS = [50, 10, 3, 2, 1]


def _data() -> Data:
    """Training images of five classes, mixed with two of each class for validation and two for testing."""
    labels = np.concatenate([np.repeat(np.arange(5), COUNTS), np.arange(5).repeat(4)])
    rng = np.random.default_rng(0)
    order = rng.permutation(len(labels))
    place = np.argsort(order)  # where each image went
    train, rest = np.sort(place[: sum(COUNTS)]), place[sum(COUNTS) :]
    splits = {"train": train, "val": np.sort(rest[::2]), "test": np.sort(rest[1::2])}
    pixels = ArrayPixels(np.zeros((len(labels), 2, 2, 3), np.uint8))
    return Data(pixels, labels[order], tuple("abcde"), splits, np.array(COUNTS), mirror=False, fingerprint="f")


@pytest.mark.parametrize("fraction", [0.01, 0.2, 0.5, 0.99])
@pytest.mark.parametrize("seed", [0, 1])
def test_it_divides_the_training_set_and_nothing_else(fraction: float, seed: int) -> None:
    data = _data()
    assert data.class_counts.tolist() == COUNTS
    judged = hold_out(data, fraction, seed)
    assert set(judged.splits) == {"train", "val"}
    parts = np.concatenate([judged.splits["train"], judged.splits["val"]])
    assert np.array_equal(np.sort(parts), data.splits["train"])
    kept, held = judged.counts("train"), judged.counts("val")
    assert kept.min() >= 1
    assert held[:4].min() >= 1
    assert held[4] == 0  # the only image of its class is trained on


def test_a_fifth_of_each_class_is_held() -> None:
    judged = hold_out(_data(), 0.2, 0)
    assert judged.counts("val").tolist() == [10, 2, 1, 1, 0]  # of 50, 10, 3, 2 and 1; at least one where there are two


def test_the_rest_of_the_data_stays() -> None:
    data = _data()
    judged = hold_out(data, 0.2, 0)
    assert judged.pixels is data.pixels
    assert judged.labels is data.labels
    assert judged.group_counts is data.group_counts


def test_a_seed_decides() -> None:
    first, again, other = (hold_out(_data(), 0.2, seed).splits["val"].tolist() for seed in (0, 0, 1))
    assert first == again
    assert first != other
