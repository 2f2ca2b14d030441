from dataclasses import replace

import numpy as np
import pytest

from decouple.datasets.label_noise import add_label_noise
from decouple.datasets.load import load_data
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError

CLEAN = DataConfig(ratio=10)


def test_exactly_the_share_is_wrong_and_other_splits_are_clean():
    clean, noisy = load_data(CLEAN), load_data(replace(CLEAN, label_noise=0.2))
    train = clean.splits["train"]
    changed = np.flatnonzero(clean.labels != noisy.labels)
    assert len(changed) == round(0.2 * len(train)) == noisy.wrong_labels
    assert set(changed) <= set(train)
    assert noisy.group_counts.tolist() == clean.group_counts.tolist()
    assert noisy.class_counts.tolist() == np.bincount(noisy.labels[train], minlength=10).tolist()
    assert noisy.fingerprint != clean.fingerprint
    assert clean.wrong_labels == 0


def test_noise_is_fixed_by_the_seed_of_the_subset():
    first, again, other = (
        load_data(replace(CLEAN, label_noise=0.3, subset_seed=seed, profile="none", ratio=None)) for seed in (0, 0, 1)
    )
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_wrong_labels_are_equally_often_each_of_the_others():
    # 30,000 wrong labels of class 2 of 4 classes: 10,000 each, with a deviation of 82.
    noisy = add_label_noise(np.full(60_000, 2), np.arange(60_000), 4, share=0.5, seed=1)
    counts = np.bincount(noisy, minlength=4)
    assert counts[2] == 30_000
    assert np.abs(counts[[0, 1, 3]] - 10_000).max() < 330


def test_a_class_that_loses_all_its_images_is_an_error():
    # One of two images gets the label of the other, and its class is left without any.
    with pytest.raises(DataError, match=r"label noise of 0\.5 takes all training images of class [01]; lower"):
        add_label_noise(np.array([0, 1]), np.arange(2), 2, share=0.5, seed=0)
