import pytest

from decouple.class_counts import largest_first
from decouple.reporting.class_axis import class_labels, rank_step


def test_classes_stand_by_descending_count_and_then_by_label() -> None:
    assert largest_first([5, 9, 5, 7]).tolist() == [1, 3, 0, 2]


@pytest.mark.parametrize(("num_classes", "step"), [(31, 10), (100, 20), (365, 100), (1000, 200), (8142, 2000)])
def test_rank_ticks_are_few_and_round(num_classes: int, step: int) -> None:
    assert rank_step(num_classes) == step


def test_a_name_without_drawable_letters_becomes_its_label() -> None:
    assert class_labels(["ship", "\u732b"]) == ["ship", "class 1"]
