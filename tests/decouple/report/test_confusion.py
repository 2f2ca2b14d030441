from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from decouple.errors import DataError
from decouple.report.confusion import draw_confusions, row_shares


@pytest.mark.parametrize("num_classes", [2, 1000])
def test_every_class_has_pixels_of_its_own(num_classes: int, check_figure: Callable[..., tuple[int, int]]) -> None:
    confusion = [*(np.eye(num_classes, dtype=int) * 9 + 1)[:-1].tolist(), [0] * num_classes]
    names = [f"class_{label}" for label in range(num_classes)]
    _, height = check_figure(lambda path: draw_confusions({path: confusion}, names))
    assert height > 1.2 * num_classes


def test_takes_any_name(awkward_names: list[str], check_figure: Callable[..., object]) -> None:
    check_figure(lambda path: draw_confusions({path: np.eye(10, dtype=int).tolist()}, awkward_names), again=True)


def test_rows_become_percent_and_an_empty_row_a_gap() -> None:
    np.testing.assert_array_equal(row_shares(np.array([[3.0, 1.0], [0.0, 0.0]])), [[75, 25], [np.nan, np.nan]])


def test_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"2 classes must be square, got shape \(1, 2\)"):
        draw_confusions({tmp_path / "figure.png": [[1, 2]]}, ["a", "b"])


def test_several_matrices_are_each_drawn_as_if_alone(tmp_path: Path) -> None:
    tables = [np.eye(3, dtype=int).tolist(), [[3, 1, 0], [0, 0, 0], [1, 1, 5]]]
    together, alone = [
        [tmp_path / f"{category}{index}.png" for index in range(2)] for category in ("together", "alone")
    ]
    draw_confusions(dict(zip(together, tables, strict=True)), ["a", "b", "c"])
    for path, table in zip(alone, tables, strict=True):
        draw_confusions({path: table}, ["a", "b", "c"])
    assert [path.read_bytes() for path in together] == [path.read_bytes() for path in alone]
