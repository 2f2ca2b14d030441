import numpy as np
import pytest

from decouple.class_counts import class_groups, longtail_counts
from decouple.errors import ConfigError, DataError


@pytest.mark.parametrize(
    ("num_classes", "max_count", "ratio", "total"),
    [
        (10, 5000, 10, 20431),
        (10, 5000, 50, 13996),
        (10, 5000, 100, 12406),
        (10, 5000, 200, 11203),
        (100, 500, 50, 12608),
        (100, 500, 100, 10847),
        (100, 500, 200, 9502),
    ],
)
def test_exp_gives_the_published_totals(num_classes: int, max_count: int, ratio: float, total: int) -> None:
    counts = longtail_counts("exp", num_classes, max_count, ratio)
    assert counts.sum() == total
    assert counts.dtype == np.int64


def test_exp_gives_the_published_cifar10_counts() -> None:
    expected = [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50]
    assert longtail_counts("exp", 10, 5000, 100).tolist() == expected


def test_exp_of_450_ends_at_4() -> None:
    # 450 / 100 = 4.5, floored.
    counts = longtail_counts("exp", 100, 450, 100)
    assert (counts[0], counts[-1]) == (450, 4)


def test_a_count_a_rounding_error_below_a_whole_number_is_that_number() -> None:
    # 0.2 = 1/5 is not exact in binary; the last class of every (max = 7 k, ratio k) is 7 and must never come out as 6.
    for ratio in range(1, 400):
        for profile in ("exp", "step", "pareto"):
            counts = longtail_counts(profile, 7, 7 * ratio, 1 / (1 / ratio))
            assert (counts[0], counts[-1]) == (7 * ratio, 7), (profile, ratio)


def test_step_gives_the_odd_class_to_the_head() -> None:
    # ceil(5 / 2) = 3 classes keep 10 images; floor(10 / 3) = 3.
    assert longtail_counts("step", 5, 10, 3).tolist() == [10, 10, 10, 3, 3]


def test_pareto_by_hand() -> None:
    # 100 -> 25 over 4 classes: 4^-a = 1/4, so a = 1 and n_j = 100 / (j + 1).
    assert longtail_counts("pareto", 4, 100, 4).tolist() == [100, 50, 33, 25]


def test_balanced_and_ratio_1_keep_every_image() -> None:
    assert longtail_counts("balanced", 3, 7, 100).tolist() == [7, 7, 7]
    for profile in ("exp", "step", "pareto"):
        assert longtail_counts(profile, 3, 7, 1).tolist() == [7, 7, 7]


@pytest.mark.parametrize("profile", ["exp", "step", "pareto"])
def test_a_class_without_images_is_named_with_the_way_out(profile: str) -> None:
    with pytest.raises(DataError, match=r"class 9 would have 50/100 images.*lower the ratio to 50"):
        longtail_counts(profile, 10, 50, 100)


def test_a_ratio_that_leaves_one_image_is_accepted() -> None:
    assert longtail_counts("exp", 10, 50, 50)[-1] == 1


@pytest.mark.parametrize("ratio", [0.01, -1, float("nan"), float("inf")])
def test_a_ratio_below_1_is_refused(ratio: float) -> None:
    with pytest.raises(ConfigError, match=r"ratio must be 1 or more, got .*largest class over the smallest"):
        longtail_counts("exp", 10, 5000, ratio)


def test_other_bad_settings_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"unknown profile 'expp'\. Did you mean 'exp'\?"):
        longtail_counts("expp", 10, 5000, 100)
    with pytest.raises(DataError, match="at least 2 classes, got 1"):
        longtail_counts("exp", 1, 5000, 100)
    with pytest.raises(DataError, match="class 0"):
        longtail_counts("balanced", 10, 0, 1)
    with pytest.raises(DataError, match="lower the ratio"):
        longtail_counts("pareto", 10, 5000, 1e9)
    with pytest.raises(ConfigError, match=r"num_classes must be a whole number, got 10\.5"):
        longtail_counts("exp", 10.5, 5000, 100)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="max_count must be a whole number, got True"):
        longtail_counts("exp", 10, True, 100)


def _as_lists(groups: dict[str, np.ndarray]) -> dict[str, list[int]]:
    return {name: classes.tolist() for name, classes in groups.items()}


def test_shots_have_20_and_100_in_the_middle() -> None:
    groups = class_groups([19, 100, 101, 20], "many_medium_few")
    assert _as_lists(groups) == {"many": [2], "medium": [1, 3], "few": [0]}
    assert all(classes.dtype == np.int64 for classes in groups.values())


def test_an_empty_group_stays() -> None:
    assert _as_lists(class_groups([500, 400], "many_medium_few")) == {"many": [0, 1], "medium": [], "few": []}
    assert _as_lists(class_groups([5, 4], "thirds")) == {"head": [0], "middle": [1], "tail": []}


def test_thirds_sort_by_count_and_break_ties_by_the_lower_index() -> None:
    # Sorted: class 3 (9 images), then 0, 1, 2, 4 (5 each) in index order; 5 classes cut 2 / 2 / 1.
    assert _as_lists(class_groups([5, 5, 5, 9, 5], "thirds")) == {"head": [0, 3], "middle": [1, 2], "tail": [4]}


@pytest.mark.parametrize("num_classes", [2, 3, 4, 10, 100, 8142])
def test_thirds_and_halves_are_array_split_of_the_sorted_classes(num_classes: int) -> None:
    counts = np.random.default_rng(0).integers(1, 50, num_classes)
    order = sorted(range(num_classes), key=lambda j: (-counts[j], j))
    for scheme, parts in (("thirds", 3), ("halves", 2)):
        expected = [sorted(part.tolist()) for part in np.array_split(order, parts)]
        assert list(_as_lists(class_groups(counts, scheme)).values()) == expected


def test_thirds_give_the_remainder_to_the_head() -> None:
    for num_classes, sizes in ((10, [4, 3, 3]), (100, [34, 33, 33])):
        groups = class_groups(np.arange(num_classes, 0, -1), "thirds")
        assert [len(classes) for classes in groups.values()] == sizes


def test_halves_of_the_step_profile_are_its_two_levels() -> None:
    groups = class_groups(longtail_counts("step", 5, 100, 10), "halves")
    assert _as_lists(groups) == {"head": [0, 1, 2], "tail": [3, 4]}


def test_explicit_sizes() -> None:
    assert _as_lists(class_groups([1, 2, 3, 4], [1, 1, 2])) == {"head": [3], "middle": [2], "tail": [0, 1]}
    assert _as_lists(class_groups([1, 2, 3], [1, 2])) == {"group 1": [2], "group 2": [0, 1]}
    assert [len(classes) for classes in class_groups(np.arange(100), [33, 33, 34]).values()] == [33, 33, 34]


@pytest.mark.parametrize("sizes", [[1, 1], [2, 2], [-1, 4], []])
def test_sizes_that_do_not_cover_the_classes_are_refused(sizes: list[int]) -> None:
    with pytest.raises(ConfigError, match="sum to the 3 classes"):
        class_groups([1, 2, 3], sizes)


def test_unsigned_counts_sort_like_signed_ones() -> None:
    assert _as_lists(class_groups(np.array([1, 9], dtype=np.uint8), "halves")) == {"head": [1], "tail": [0]}


def test_bad_counts_and_schemes_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"unknown group scheme 'third'\. Did you mean 'thirds'"):
        class_groups([1, 2], "third")
    for counts in ([], [[1, 2]], [-1, 2], [1, float("nan")], ["1", "2"]):
        with pytest.raises(DataError, match="class_counts"):
            class_groups(counts, "many_medium_few")
