from collections.abc import Callable

import numpy as np
import pytest

from decouple.report.per_class_accuracy import draw_per_class_accuracy, moving_average, window_of


@pytest.mark.parametrize("num_classes", [2, 1000])
def test_is_written_for_any_number_of_classes(
    num_classes: int, long_tail: Callable[[int], list[int]], check_figure: Callable[..., object]
) -> None:
    names = [f"class_{label}" for label in range(num_classes)]
    before: list[float | None] = [100.0 * label / num_classes for label in range(num_classes)]
    after: list[float | None] = [None, *before[1:]]
    accuracies: dict[str, list[float | None]] = {"stage one": before, "_crt_": after}
    check_figure(lambda path: draw_per_class_accuracy(path, names, long_tail(num_classes), accuracies))


@pytest.mark.parametrize("num_classes", [10, 40])
def test_all_values_missing(
    num_classes: int,
    awkward_names: list[str],
    long_tail: Callable[[int], list[int]],
    check_figure: Callable[..., object],
) -> None:
    names, missing = awkward_names * (num_classes // 10), {"stage one": [None] * num_classes}
    check_figure(lambda path: draw_per_class_accuracy(path, names, long_tail(num_classes), missing), again=True)


def test_moving_average_takes_fewer_at_the_ends_and_skips_gaps() -> None:
    values = np.array([1.0, 2.0, 6.0, np.nan, 4.0])
    # (1+2)/2, (1+2+6)/3, (2+6)/2, (6+4)/2, 4
    np.testing.assert_allclose(moving_average(values, 3), [1.5, 3, 4, 5, 4])
    np.testing.assert_array_equal(moving_average(np.array([np.nan, np.nan]), 1), [np.nan, np.nan])


def test_the_window_is_odd_and_about_a_tenth() -> None:
    assert [window_of(c) for c in (31, 100, 1000)] == [3, 11, 101]
