"""Schemes of class groups: every form of the command line and of YAML, and what is refused."""

import pytest

from decouple.class_counts import class_groups
from decouple.errors import ConfigError
from decouple.group_schemes import describe_scheme, group_names, read_group_scheme, scheme_text


@pytest.mark.parametrize(
    "value",
    ["thirds", "halves", "many_medium_few", "3,4,3", "2, 8", "many=100,few=20", [33, 33, 34], {"many": 9, "few": 3}],
)
def test_the_text_of_a_scheme_reads_back(value: object) -> None:
    scheme = read_group_scheme(value)
    assert read_group_scheme(scheme_text(scheme)) == scheme
    assert describe_scheme(scheme)


def test_sizes_cut_the_classes_by_falling_count() -> None:
    # Counts 10, 40, 30, 20, 50: by falling count the classes are 4, 1, 2, 3, 0.
    groups = class_groups([10, 40, 30, 20, 50], read_group_scheme("1,3,1"))
    assert {name: members.tolist() for name, members in groups.items()} == {
        "head": [4],
        "middle": [1, 2, 3],
        "tail": [0],
    }


def test_bounds_are_exclusive_above_and_below() -> None:
    # many: more than 30; few: fewer than 20; 20 and 30 are medium.
    groups = class_groups([31, 30, 20, 19], read_group_scheme("many=30,few=20"))
    assert {name: members.tolist() for name, members in groups.items()} == {"many": [0], "medium": [1, 2], "few": [3]}
    assert group_names({"many": 30, "few": 20}) == tuple(groups)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("third", "groups must be many_medium_few, thirds"),
        ("5", "groups must be"),
        (5, "groups must be"),
        ([3], "two or more whole numbers"),
        ([3, -1], "two or more whole numbers"),
        ([3, True], "two or more whole numbers"),
        ("many=100", "many=NUMBER,few=NUMBER"),
        ("many=100,fw=20", "many=NUMBER,few=NUMBER"),
        ("many=100,few=x", "many=NUMBER,few=NUMBER"),
        ({"many": 10, "few": 20}, "many and few at once"),
    ],
)
def test_refusals(value: object, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        read_group_scheme(value)


def test_sizes_that_do_not_sum_to_the_classes_are_refused() -> None:
    with pytest.raises(ConfigError, match="sum to the 4 classes"):
        class_groups([4, 3, 2, 1], read_group_scheme("3,4,3"))
