import numpy as np
import pytest

from decouple.reporting.log_axis import log_range, log_ticks, plain_number


def test_ticks_are_powers_of_ten_or_finer_where_those_are_few() -> None:
    assert log_ticks(0.7, 1500) == [1, 10, 100, 1000]
    assert log_ticks(4, 700) == [10, 30, 100, 300]
    assert log_ticks(15, 120) == [20, 50, 100]
    assert log_ticks(20, 60) == [20, 30, 40, 50, 60]


def test_ticks_of_a_narrow_range_are_those_there_are() -> None:
    assert log_ticks(11, 12) == []


@pytest.mark.parametrize(
    ("value", "text"), [(1, "1"), (1000, "1,000"), (2e6, "2e6"), (0.05, "0.05"), (1e-3, "1e-3"), (3e-5, "3e-5")]
)
def test_numbers_are_plain(value: float, text: str) -> None:
    assert plain_number(value) == text


def test_range_is_widened_around_the_positive_values() -> None:
    assert log_range(np.array([0.0, 10.0, 1000.0, np.nan]), margin=2) == (5.0, 2000.0)
    assert log_range(np.array([np.nan])) == (1.0, 10.0)
