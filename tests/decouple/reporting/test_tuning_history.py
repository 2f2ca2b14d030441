from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from decouple.errors import DataError
from decouple.reporting.series import with_gaps
from decouple.reporting.tuning_history import (
    TrialParameter,
    best_so_far,
    draw_trials,
    draw_tuning_history,
    draw_tuning_slices,
)

OBJECTIVES = [30.0, 41.0, None, None, 12.0]
COLUMNS = [
    TrialParameter("weight_decay", [1e-5, 3e-4, None, 0.1, 0.0], log=True),
    TrialParameter("epochs", [1, 2, 3, 4, 5]),
    TrialParameter("sampler", ["class", "sqrt", "class", None, "sqrt"], choices=("class", "sqrt")),
]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_is_written_with_failed_and_pruned_trials(column: TrialParameter, check_figure: Callable[..., object]) -> None:
    pruned = [False, False, False, False, True]
    check_figure(lambda: draw_tuning_history([column], OBJECTIVES, best=1, pruned=pruned), again=True)


def test_each_trial_shows_its_method(check_figure: Callable[..., object]) -> None:
    methods = ["tau", "ncm", None, "tau", None]  # the fourth and the third failed, the last was pruned
    pruned = [False, False, False, False, True]
    check_figure(lambda: draw_tuning_history([], OBJECTIVES, best=1, pruned=pruned, methods=methods), again=True)
    legend = _legend(OBJECTIVES, best=1, pruned=pruned, methods=methods)
    assert legend == ["tau", "ncm", "pruned", "best, ncm", "failed"]
    assert _legend(OBJECTIVES, best=1, pruned=pruned, methods=[]) == ["trial", "pruned", "best", "failed"]


def test_the_methods_are_one_a_trial(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="methods"):
        draw_tuning_history([], OBJECTIVES, best=1, methods=["tau"])


def _legend(objectives: list[float | None], *, best: int, pruned: list[bool], methods: list[str | None]) -> list[str]:
    axes, indices = Figure().add_subplot(), np.arange(len(objectives), dtype=np.float64)
    draw_trials(axes, indices, with_gaps(objectives), best, np.array(pruned), methods)
    return axes.get_legend_handles_labels()[1]


def test_history_alone_and_slices_alone(check_figure: Callable[..., object]) -> None:
    check_figure(lambda: draw_tuning_history([], OBJECTIVES, best=1))
    check_figure(lambda: draw_tuning_slices(COLUMNS, OBJECTIVES, best=1))


@pytest.mark.parametrize("objectives", [[41.0], [None], []])
def test_one_trial_or_none(objectives: list[float | None], check_figure: Callable[..., object]) -> None:
    column = TrialParameter("$\u732b$", [1e-3] * len(objectives), log=True)
    best = 0 if objectives == [41.0] else None
    check_figure(lambda: draw_tuning_history([column], objectives, best=best))


def test_best_so_far_by_hand() -> None:
    objectives = np.array([np.nan, 3.0, 2.0, np.nan, 5.0, 1.0])
    np.testing.assert_array_equal(best_so_far(objectives), [np.nan, 3, 3, 3, 5, 5])
