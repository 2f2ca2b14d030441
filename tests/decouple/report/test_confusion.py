from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from decouple.errors import DataError
from decouple.report.confusion import draw_confusion, row_shares


@pytest.mark.parametrize("num_classes", [2, 1000])
def test_every_class_has_pixels_of_its_own(num_classes: int, check_figure: Callable[..., tuple[int, int]]) -> None:
    confusion = [*(np.eye(num_classes, dtype=int) * 9 + 1)[:-1].tolist(), [0] * num_classes]
    names = [f"class_{label}" for label in range(num_classes)]
    _, height = check_figure(lambda path: draw_confusion(path, names, confusion))
    assert height > 1.2 * num_classes


def test_takes_any_name(awkward_names: list[str], check_figure: Callable[..., object]) -> None:
    check_figure(lambda path: draw_confusion(path, awkward_names, np.eye(10, dtype=int).tolist()), again=True)


def test_rows_become_percent_and_an_empty_row_a_gap() -> None:
    np.testing.assert_array_equal(row_shares(np.array([[3.0, 1.0], [0.0, 0.0]])), [[75, 25], [np.nan, np.nan]])


def test_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"2 classes must be square, got shape \(1, 2\)"):
        draw_confusion(tmp_path / "figure.png", ["a", "b"], [[1, 2]])
