from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from decouple.errors import DataError
from decouple.reporting.class_distribution import draw_class_distribution, group_runs


@pytest.mark.parametrize("num_classes", [2, 1000])
def test_is_written_for_any_number_of_classes(
    num_classes: int, long_tail: Callable[[int], list[int]], check_figure: Callable[..., object]
) -> None:
    counts = long_tail(num_classes)
    groups = {
        "many": [label for label, count in enumerate(counts) if count > 100],
        "medium": [],
        "few": [label for label, count in enumerate(counts) if count <= 100],
    }
    splits = {"training": counts, "validation": [count // 5 for count in counts], "test": [0] * num_classes}
    names = [f"class_{label}" for label in range(num_classes)]
    check_figure(lambda: draw_class_distribution(names, splits, groups))


def test_takes_any_name(awkward_names: list[str], check_figure: Callable[..., object]) -> None:
    counts = {"$train_$": [7] * 10}
    check_figure(lambda: draw_class_distribution(awkward_names, counts, {}), again=True)


def test_groups_become_runs_of_places() -> None:
    # Places in order of size: labels 2, 0, 3, 1, 4; label 4 is in no group.
    order = np.array([2, 0, 3, 1, 4])
    assert group_runs(order, {"many": [0, 2], "few": [1, 3]}) == [("many", 0, 2), ("few", 2, 4)]
    # A group cut by another one is shaded in two parts.
    assert group_runs(order, {"many": [2, 3], "few": [0]}) == [("many", 0, 1), ("few", 1, 2), ("many", 2, 3)]


def test_a_split_of_other_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'test' has 1 values for 2 classes"):
        draw_class_distribution(["a", "b"], {"training": [2, 1], "test": [1]}, {})
