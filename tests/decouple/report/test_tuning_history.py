from collections.abc import Callable

import numpy as np
import pytest

from decouple.report.tuning_history import Column, best_so_far, draw_tuning_history, draw_tuning_slices

OBJECTIVES = [30.0, 41.0, None, None, 12.0]
COLUMNS = [
    Column("weight_decay", [1e-5, 3e-4, None, 0.1, 0.0], log=True),
    Column("epochs", [1, 2, 3, 4, 5]),
    Column("sampler", ["class", "sqrt", "class", None, "sqrt"], choices=("class", "sqrt")),
]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_is_written_with_failed_and_pruned_trials(column: Column, check_figure: Callable[..., object]) -> None:
    pruned = [False, False, False, False, True]
    check_figure(lambda path: draw_tuning_history(path, [column], OBJECTIVES, best=1, pruned=pruned), again=True)


def test_history_alone_and_slices_alone(check_figure: Callable[..., object]) -> None:
    check_figure(lambda path: draw_tuning_history(path, [], OBJECTIVES, best=1))
    check_figure(lambda path: draw_tuning_slices(path, COLUMNS, OBJECTIVES, best=1))


@pytest.mark.parametrize("objectives", [[41.0], [None], []])
def test_one_trial_or_none(objectives: list[float | None], check_figure: Callable[..., object]) -> None:
    column = Column("$\u732b$", [1e-3] * len(objectives), log=True)
    best = 0 if objectives == [41.0] else None
    check_figure(lambda path: draw_tuning_history(path, [column], objectives, best=best))


def test_best_so_far_by_hand() -> None:
    objectives = np.array([np.nan, 3.0, 2.0, np.nan, 5.0, 1.0])
    np.testing.assert_array_equal(best_so_far(objectives), [np.nan, 3, 3, 3, 5, 5])
