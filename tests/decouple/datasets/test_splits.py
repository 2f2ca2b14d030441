import numpy as np
import pytest

from decouple.datasets.splits import stratified_folds, stratified_holdout
from decouple.errors import ConfigError

# Class 0 has 10 images, class 1 has 4, class 2 has 2, class 3 has 1; index 17 belongs to none of the given ones.
LABELS = np.repeat([0, 1, 2, 3, 0], [10, 4, 2, 1, 1])
INDICES = np.arange(17)


def _counts(indices):
    return np.bincount(LABELS[indices], minlength=4).tolist()


def test_holdout_takes_the_rounded_share_of_each_class_and_leaves_one_on_either_side():
    # 0.1 of 10, 4, 2 and 1 is 1, 0.4, 0.2 and 0.1: at least one is held where there are two, and a single one is kept.
    remaining, held = stratified_holdout(LABELS, INDICES, 0.1, seed=0)
    assert _counts(held) == [1, 1, 1, 0]
    assert _counts(remaining) == [9, 3, 1, 1]


def test_holdout_never_takes_the_last_image_of_a_class():
    # 0.9 of 10, 4 and 2 is 9, 3.6 and 1.8, rounded 9, 4 and 2; one image of each stays.
    _, held = stratified_holdout(LABELS, INDICES, 0.9, seed=0)
    assert _counts(held) == [9, 3, 1, 0]


def test_holdout_divides_the_given_images_and_no_others():
    remaining, held = stratified_holdout(LABELS, INDICES, 0.3, seed=1)
    assert np.array_equal(np.sort(np.concatenate([remaining, held])), INDICES)


def test_holdout_depends_on_the_seed_and_not_on_the_order_of_the_images():
    first = stratified_holdout(LABELS, INDICES, 0.5, seed=0)[1]
    assert np.array_equal(first, stratified_holdout(LABELS, INDICES[::-1], 0.5, seed=0)[1])
    assert not np.array_equal(first, stratified_holdout(LABELS, INDICES, 0.5, seed=1)[1])


def test_holdout_of_a_class_does_not_depend_on_other_classes():
    only_class_0 = stratified_holdout(LABELS, np.arange(10), 0.5, seed=0)[1]
    with_others = stratified_holdout(LABELS, INDICES, 0.5, seed=0)[1]
    assert np.array_equal(only_class_0, with_others[with_others < 10])


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, float("nan")])
def test_holdout_refuses_a_share_outside_0_to_1(fraction):
    with pytest.raises(ConfigError, match="fraction must be above 0 and below 1"):
        stratified_holdout(LABELS, INDICES, fraction, seed=0)


@pytest.mark.parametrize("folds", [2, 3, 5, 20])
def test_folds_hold_each_image_once_but_the_only_one_of_a_class_never(folds):
    divided = stratified_folds(LABELS, INDICES, folds, seed=0)
    assert len(divided) == folds
    assert np.sort(np.concatenate([held for _, held in divided])).tolist() == list(range(16))  # 16 is all of class 3
    for remaining, held in divided:
        assert np.array_equal(np.sort(np.concatenate([remaining, held])), INDICES)
        assert min(_counts(remaining)) >= 1


def test_folds_share_a_class_out_evenly():
    # 10 images over 5 folds are 2 in each; 16 images over 5 folds are 3 or 4.
    held = [held for _, held in stratified_folds(LABELS, INDICES, 5, seed=0)]
    assert [_counts(entry)[0] for entry in held] == [2] * 5
    assert sorted(len(entry) for entry in held) == [3, 3, 3, 3, 4]


def test_folds_follow_the_seed():
    def held(seed):
        return [entry.tolist() for _, entry in stratified_folds(LABELS, INDICES, 2, seed=seed)]

    assert held(0) == held(0)
    assert held(0) != held(1)


def test_one_fold_is_refused():
    with pytest.raises(ConfigError, match="folds must be 2 or more, got 1"):
        stratified_folds(LABELS, INDICES, 1, seed=0)
