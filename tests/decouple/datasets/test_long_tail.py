import numpy as np
import pytest

from decouple.datasets.long_tail import LongTail, choose_long_tail, cut_test, cut_train
from decouple.datasets.settings import DataConfig
from decouple.errors import ConfigError, DataError

NAMES = ("ant", "bee", "cat")
LABELS = np.repeat([0, 1, 2], 100)
ALL = np.arange(300)


def _tail(ratio=100.0, profile="exp", order=(0, 1, 2), seed=0):
    return LongTail(profile, ratio, np.array(order), seed)


def _counts(indices):
    return np.bincount(LABELS[indices], minlength=3).tolist()


def test_classes_are_cut_to_the_profile():
    # 100 * 100^(-j/2) for j = 0, 1, 2 is 100, 10, 1.
    assert _counts(cut_train(_tail(), LABELS, ALL, NAMES, max_count=None)) == [100, 10, 1]


def test_the_order_says_which_class_is_large():
    assert _counts(cut_train(_tail(order=(2, 0, 1)), LABELS, ALL, NAMES, max_count=None)) == [10, 1, 100]


def test_a_smaller_count_is_a_part_of_a_larger_one():
    many = cut_train(_tail(ratio=4), LABELS, ALL, NAMES, max_count=80)  # 80, 40, 20
    few = cut_train(_tail(ratio=16), LABELS, ALL, NAMES, max_count=48)  # 48, 12, 3
    assert _counts(many) == [80, 40, 20]
    assert _counts(few) == [48, 12, 3]
    assert set(few) < set(many)


def test_the_images_of_a_class_depend_on_that_class_and_the_seed_alone():
    first = cut_train(_tail(ratio=4), LABELS, ALL, NAMES, max_count=40)
    fewer_bees = cut_train(_tail(ratio=4), LABELS, np.delete(ALL, range(150, 200)), NAMES, max_count=40)
    other_seed = cut_train(_tail(ratio=4, seed=1), LABELS, ALL, NAMES, max_count=40)
    assert np.array_equal(first[LABELS[first] == 0], fewer_bees[LABELS[fewer_bees] == 0])
    assert not np.array_equal(first, other_seed)


def test_the_default_largest_class_is_what_every_class_allows():
    # Ratio 4 asks for m, m/2, m/4. The 30 bees allow m = 61 (floor(30.5) = 30), whatever the 100 ants would.
    indices = np.concatenate([ALL[:130], ALL[200:]])
    assert _counts(cut_train(_tail(ratio=4), LABELS, indices, NAMES, max_count=None)) == [61, 30, 15]


def test_asking_for_more_than_a_class_has_names_it():
    with pytest.raises(DataError, match=r"class 'bee' needs 60 training images and has 30; lower max_count"):
        # 100 at ratio 2.7778 leaves 100 / sqrt(2.7778) = 60 for the second class.
        cut_train(_tail(ratio=25 / 9), LABELS, np.delete(ALL, range(130, 200)), NAMES, max_count=100)


def test_a_class_that_would_keep_nothing_is_named():
    # 100 at ratio 400: 100, 5 and 0.25.
    with pytest.raises(DataError, match=r"class 'cat' would keep no training image at ratio 400 .* lower ratio to 100"):
        cut_train(_tail(ratio=400), LABELS, ALL, NAMES, max_count=None)


@pytest.mark.parametrize(("max_count", "expected"), [(50, 1051), (450, 9754)])
def test_a_published_long_tailed_cifar100(max_count, expected):
    # Counts of 50 per class at ratio 100 with one image at least sum to 1,051, and of 450 to 9,754 (published splits).
    counts = LongTail("exp", 100.0, np.arange(100), 0).counts(max_count)
    assert np.maximum(counts, 1).sum() == expected


def test_the_test_split_follows_the_profile_with_one_image_at_least():
    # 100 at ratio 400 is 100, 5, 0.25; the last becomes 1.
    assert _counts(cut_test(_tail(ratio=400), LABELS, ALL)) == [100, 5, 1]


def test_a_class_without_test_images_stays_without_and_limits_no_other():
    # Without bees, ratio 100 over three places still leaves 100 ants and 1 cat.
    assert _counts(cut_test(_tail(), LABELS, np.delete(ALL, range(100, 200)))) == [100, 0, 1]


def test_the_test_split_follows_the_class_order():
    assert _counts(cut_test(_tail(order=(1, 2, 0)), LABELS, ALL)) == [1, 100, 10]


@pytest.mark.parametrize(("data", "ratio", "profile"), [("digits", None, "exp"), ("folder", 10.0, "exp")])
def test_auto_is_exp_for_benchmarks_and_where_a_ratio_is_given(data, ratio, profile):
    tail = choose_long_tail(DataConfig(data=data, ratio=ratio), 3)
    assert tail is not None
    assert (tail.profile, tail.ratio) == (profile, ratio or 50)


def test_auto_leaves_other_data_as_they_are():
    assert choose_long_tail(DataConfig(data="folder"), 3) is None
    assert choose_long_tail(DataConfig(data="digits", profile="none"), 3) is None


def test_shuffled_order_is_a_permutation_fixed_by_the_subset_seed():
    def order(seed):
        tail = choose_long_tail(DataConfig(class_order="shuffled", subset_seed=seed), 20)
        assert tail is not None
        return tail.order.tolist()

    assert sorted(order(0)) == list(range(20))
    assert order(0) == order(0) != order(1)
    assert order(0) != list(range(20))


@pytest.mark.parametrize(
    ("options", "flag"),
    [({"ratio": 10.0}, "ratio"), ({"max_count": 5}, "max_count"), ({"longtailed_test": True}, "longtailed_test")],
)
def test_options_of_a_profile_without_one_are_refused(options, flag):
    with pytest.raises(ConfigError, match=f"{flag} has no meaning without a long-tailed profile"):
        choose_long_tail(DataConfig(data="folder", profile="none", **options), 3)


def test_the_number_of_glyphs_is_no_profile():
    assert choose_long_tail(DataConfig(data="glyphs", profile="none", max_count=5), 3) is None
