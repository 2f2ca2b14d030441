from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure

from decouple.figures.run_roc import GRID, class_roc
from decouple.files.run_dir import RunDir

Draw = Callable[..., Figure]


def test_a_perfect_ranking_reaches_one_at_once() -> None:
    assert class_roc(np.array([0.9, 0.8, 0.2]), np.array([True, True, False])).tolist() == [1.0] * len(GRID)


def test_rates_by_hand() -> None:
    # From the largest score: +, -, +, -; so 1/2 up to a rate of 1/2, then 1.
    rates = class_roc(np.array([0.9, 0.7, 0.5, 0.3]), np.array([True, False, True, False]))
    assert rates[0] == 0.5
    assert rates[GRID == 0.25] == pytest.approx([0.5])
    assert rates[GRID == 0.75] == pytest.approx([1.0])


def test_equal_scores_give_the_diagonal() -> None:
    np.testing.assert_allclose(class_roc(np.zeros(4), np.array([True, False, True, False])), GRID)


def test_a_panel_for_each_group(draw: Draw, run_a: RunDir) -> None:
    figure = draw("roc", "a", "b")
    groups = [name for name, members in run_a.read_data().groups.items() if members]
    assert [axes.get_title() for axes in figure.axes] == groups
    for axes in figure.axes:
        assert len(axes.lines) == 2
        for line in axes.lines:
            assert (np.diff(np.asarray(line.get_ydata())) >= 0).all()
            assert np.asarray(line.get_ydata())[-1] == 1
