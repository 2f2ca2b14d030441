from collections.abc import Callable

import numpy as np
import pytest

from decouple.report.tuning_history import best_so_far, best_trial, draw_tuning_history


@pytest.mark.parametrize("log", [True, False])
def test_is_written_with_failed_trials(log: bool, check_figure: Callable[..., object]) -> None:
    values = [1e-5, 3e-4, None, 0.1, 0.0]
    objectives = [30.0, 41.0, None, None, 12.0]
    check_figure(lambda path: draw_tuning_history(path, values, objectives, name="weight_decay", log=log), again=log)


@pytest.mark.parametrize("objectives", [[41.0], [None], []])
def test_one_trial_or_none(objectives: list[float | None], check_figure: Callable[..., object]) -> None:
    values = [1e-3] * len(objectives)
    check_figure(lambda path: draw_tuning_history(path, values, objectives, name="$\u732b$", log=True, maximise=False))


def test_best_so_far_by_hand() -> None:
    objectives = np.array([np.nan, 3.0, 2.0, np.nan, 5.0, 1.0])
    np.testing.assert_array_equal(best_so_far(objectives, maximise=True), [np.nan, 3, 3, 3, 5, 5])
    np.testing.assert_array_equal(best_so_far(objectives, maximise=False), [np.nan, 3, 2, 2, 2, 1])


def test_best_trial_is_the_first_of_equals() -> None:
    objectives = np.array([np.nan, 4.0, 1.0, 4.0, 1.0])
    assert best_trial(objectives, maximise=True) == 1
    assert best_trial(objectives, maximise=False) == 2
    assert best_trial(np.array([np.nan]), maximise=True) is None
