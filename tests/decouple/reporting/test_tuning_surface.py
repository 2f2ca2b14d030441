from collections.abc import Callable

import numpy as np
import pytest

from decouple.errors import DataError
from decouple.reporting.tuning_history import TrialParameter
from decouple.reporting.tuning_surface import draw_contours, draw_importance

RNG = np.random.default_rng(0)
LR, DECAY = (10.0 ** RNG.uniform(-4, -1, 12)).tolist(), (10.0 ** RNG.uniform(-5, -1, 12)).tolist()
COLUMNS = [
    TrialParameter("lr", LR, log=True),
    TrialParameter("weight_decay", DECAY, log=True),
    TrialParameter("sampler", ["class", "sqrt"] * 6, choices=("class", "sqrt")),
]


def test_contours_of_two_and_three_parameters(check_figure: Callable[..., object]) -> None:
    objectives = [float(-np.log10(lr)) for lr in LR[:-1]] + [None]
    check_figure(lambda: draw_contours(COLUMNS[:2], objectives, 3), again=True)
    check_figure(lambda: draw_contours(COLUMNS, objectives, 3))


@pytest.mark.parametrize("objectives", [[41.0] * 3, [None] * 3, [1.0, 2.0, 3.0]])
def test_too_little_for_a_surface(objectives: list[float | None], check_figure: Callable[..., object]) -> None:
    columns = [TrialParameter("a", [1.0, 1.0, 1.0]), TrialParameter("b", [1.0, 2.0, 3.0])]
    check_figure(lambda: draw_contours(columns, objectives, None))


def test_points_on_a_line(check_figure: Callable[..., object]) -> None:
    columns = [TrialParameter("a", [1.0, 2.0, 3.0, 4.0]), TrialParameter("b", [1.0, 2.0, 3.0, 4.0])]
    check_figure(lambda: draw_contours(columns, [1.0, 2.0, 3.0, 4.0], 3))


def test_lists_of_other_lengths_are_refused(check_figure: Callable[..., object]) -> None:
    with pytest.raises(DataError, match="'lr' has 12 values for 3 trials"):
        check_figure(lambda: draw_contours(COLUMNS, [1.0, 2.0, 3.0], 0))


def test_importance(check_figure: Callable[..., object]) -> None:
    check_figure(lambda: draw_importance({"lr": 0.7, "weight_decay": 0.3}), again=True)
