import numpy as np
import pytest

from decouple.datasets.data import ArrayPixels, SourceImages
from decouple.datasets.make_splits import make_splits
from decouple.datasets.settings import DataConfig
from decouple.errors import ConfigError, DataError

CLASSES = 100


def _cifar100_like(train=500, test=100):
    """Return 100 classes with 500 training and 100 test images each, as CIFAR-100 has, without pixels."""
    labels = np.concatenate([np.repeat(np.arange(CLASSES), train), np.repeat(np.arange(CLASSES), test)])
    splits = {"train": np.arange(CLASSES * train), "test": np.arange(CLASSES * train, len(labels))}
    names = tuple(f"c{label:02d}" for label in range(CLASSES))
    return SourceImages(ArrayPixels(np.zeros((1, 1, 1, 3), np.uint8)), labels, names, splits, flippable=True)


SOURCE = _cifar100_like()


def _split(**options):
    splits, group_counts = make_splits(SOURCE, SOURCE.splits, DataConfig(data="cifar100", **options))
    return splits, group_counts, {name: np.bincount(SOURCE.labels[indices]) for name, indices in splits.items()}


FROM_TRAIN = {"test_from": "train", "val_from": "test", "test_fraction": 0.1}


def test_test_images_from_train_and_validation_images_from_test():
    splits, _, counts = _split(**FROM_TRAIN, profile="balanced")
    assert counts["train"].tolist() == [450] * 100
    assert counts["test"].tolist() == [50] * 100
    assert splits["val"].tolist() == SOURCE.splits["test"].tolist()
    assert sorted([*splits["train"], *splits["test"]]) == list(range(50_000))


@pytest.mark.parametrize("profile", ["exp", "balanced"])
def test_a_published_protocol_of_cifar100_for_balanced_and_long_tailed_training(profile):
    # 450 int(0.01^(i/99)) images train and 50 of them, one at least, test: 9,754 and 1,051 images, of which 844, 169
    # and 38 are of the first 33, the next 33 and the last 34 classes (as published).
    cut = {"ratio": 100} if profile == "exp" else {}
    _, group_counts, counts = _split(
        **FROM_TRAIN, **cut, profile=profile, max_count=450, longtailed_test=True, test_ratio=100, test_max_count=50
    )
    assert group_counts.sum() == (9754 if profile == "exp" else 45_000)
    longtailed = counts["test_longtailed"]
    assert (longtailed[0], longtailed[-1], longtailed.sum()) == (50, 1, 1051)
    assert [part.sum() for part in np.split(longtailed, [33, 66])] == [844, 169, 38]


def test_the_test_set_has_a_ratio_of_its_own():
    _, _, counts = _split(ratio=10, longtailed_test=True, test_ratio=100)
    assert (counts["test_longtailed"].max(), counts["test_longtailed"].min()) == (100, 1)
    _, _, counts = _split(ratio=10, longtailed_test=True)
    assert (counts["test_longtailed"].max(), counts["test_longtailed"].min()) == (100, 10)


def test_a_test_set_that_needs_more_images_than_there_are_is_refused():
    with pytest.raises(DataError, match=r"class 0 needs 101 test images and has 100; lower test_max_count"):
        _split(longtailed_test=True, test_max_count=101)


def test_numbers_of_training_images_replace_the_profile():
    numbers = tuple(range(1, 101))
    _, group_counts, counts = _split(counts=numbers, val_fraction=0)
    assert counts["train"].tolist() == group_counts.tolist() == list(numbers)
    assert counts["test"].tolist() == [100] * 100


def test_the_images_of_a_number_are_those_that_a_profile_selects():
    by_profile, _, counts = _split(ratio=100, val_fraction=0)
    by_number, _, _ = _split(counts=tuple(counts["train"].tolist()), val_fraction=0)
    assert by_number["train"].tolist() == by_profile["train"].tolist()


def test_too_large_a_number_and_too_few_numbers_are_refused():
    with pytest.raises(DataError, match=r"class 'c03' has 500 training images, not 501"):
        _split(counts=(1, 2, 3, 501, *[1] * 96))
    with pytest.raises(ConfigError, match=r"counts has 3 numbers for 100 classes"):
        _split(counts=(1, 2, 3))


def test_validation_from_test_needs_a_test_split():
    train = {"train": SOURCE.splits["train"]}
    config = DataConfig(data="folder", root="x", test_from="train", val_from="test")
    with pytest.raises(DataError, match=r"val_from=test needs a predefined test split"):
        make_splits(SOURCE, train, config)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"val_from": "test"}, r"val_from=test needs test_from=train"),
        ({"test_fraction": 0.1}, r"test_fraction has no meaning for data=cifar100, which has a test split"),
        ({**FROM_TRAIN, "val_fraction": 0.3}, r"val_fraction has no meaning with val_from=test"),
        ({"profile": "balanced", "ratio": 10}, r"ratio has no meaning for profile=balanced.*; test_ratio is that of"),
        ({"profile": "balanced", "class_order": "shuffled"}, r"class_order has no meaning for profile=balanced"),
        ({"test_ratio": 10}, r"test_ratio has no meaning without longtailed_test"),
        ({"test_max_count": 10}, r"test_max_count has no meaning without longtailed_test"),
        ({"longtailed_test": True, "test_ratio": 0.5}, r"test_ratio must be 1 or more, got 0\.5"),
        ({"counts": (3, 2), "ratio": 10}, r"ratio has no meaning with counts"),
        ({"counts": (3, 2), "profile": "exp"}, r"profile has no meaning with counts"),
        ({"counts": (3, 0)}, r"counts must be 1 or more, got 0"),
        ({"classes_only": ("a",)}, r"classes_only must name 2 classes or more"),
        ({"classes_only": ("a", "b", "a")}, r"classes_only names 'a' twice"),
        ({"classes_only": ("a", "b"), "counts": (1, 2, 3)}, r"counts has 3 numbers, and classes_only names 2 classes"),
        ({"label_noise": 1.0}, r"label_noise must be 0 or more and below 1, got 1\.0"),
    ],
)
def test_options_without_effect_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        DataConfig(data="cifar100", **options)


def test_balanced_training_needs_a_ratio_for_a_long_tailed_test_set():
    with pytest.raises(ConfigError, match=r"longtailed_test has no meaning .* test_ratio=100"):
        _split(profile="balanced", longtailed_test=True)
