from collections.abc import Callable

import pytest

from decouple.reporting.sweep_accuracy import Point, draw_sweep_accuracy

Check = Callable[..., tuple[int, int]]


def _grid(data: int, stage1: int, stage2: int) -> list[Point]:
    return [
        Point(f"d{a}", f"$s_{b}", f"_m{c}", 50.0 + a + b - c, None if c == 0 else 1.5)
        for a in range(data)
        for b in range(stage1)
        for c in range(stage2)
    ]


def test_the_same_points_give_the_same_picture(check_figure: Check) -> None:
    check_figure(lambda: draw_sweep_accuracy(_grid(2, 2, 3)), again=True)


def test_cells_without_a_value_and_a_data_set_of_nothing_else(check_figure: Check) -> None:
    points = [*_grid(1, 2, 2), *(Point("bad", f"$s_{b}", f"_m{c}", None, None) for b in (0, 1) for c in (0, 1))]
    check_figure(lambda: draw_sweep_accuracy(points))
    check_figure(lambda: draw_sweep_accuracy(points[4:]))
    check_figure(lambda: draw_sweep_accuracy([]))


@pytest.mark.parametrize(("data", "rows"), [(3, 1), (4, 2), (12, 4), (40, 4)])
def test_at_most_twelve_panels_three_in_a_row(data: int, rows: int) -> None:
    figure = draw_sweep_accuracy(_grid(data, 1, 9))
    # A row is 0.5 + 9 * 0.3 inches tall, the axis' name takes 0.9, the title 0.28 and the legend of one row about 0.3.
    width, height = figure.get_size_inches().tolist()
    assert width == pytest.approx(2 + 2.7 * 3)
    assert 0.25 < height - (0.9 + rows * 3.2 + 0.28) < 0.45
