"""Means over seeds, and differences seed by seed, against values worked by hand."""

import math

import pytest

from benchmarks.over_seeds import difference_columns, spread_columns


def test_mean_and_sample_standard_deviation() -> None:
    # Deviations -1, 0, 1 from 3: the variance is 2 / (3 - 1) = 1.
    assert spread_columns("few", [2.0, 3.0, 4.0]) == {"few": 3.0, "few sd": 1.0}


def test_differences_are_taken_seed_by_seed() -> None:
    # 1, 2 and 3: the mean is 2, the standard deviation 1, and the standard error 1 / sqrt(3).
    columns = difference_columns("gap", [11.0, 22.0, 33.0], [10.0, 20.0, 30.0])
    assert columns == {"gap": 2.0, "gap se": pytest.approx(1 / math.sqrt(3))}


def test_equal_gaps_have_no_error_however_far_the_seeds_lie_apart() -> None:
    assert difference_columns("gap", [1.0, 51.0], [0.0, 50.0]) == {"gap": 1.0, "gap se": 0.0}
