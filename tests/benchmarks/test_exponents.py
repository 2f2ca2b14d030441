"""Fitted exponents, on laws whose exponent is known."""

import math

import pytest

from benchmarks.exponents import exponent

SIZES = [100, 200, 400, 800]


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_a_power_law_gives_its_power(power: float) -> None:
    assert exponent(SIZES, [3e-5 * size**power for size in SIZES]) == pytest.approx(power, abs=1e-12)


def test_least_squares_weighs_all_sizes() -> None:
    # log2 of the costs 0, 0, 3 at log2 of the sizes 0, 1, 2: the slope is sum((x - 1) (y - 1)) / 2 = (1 + 0 + 2) / 2.
    assert exponent([1, 2, 4], [1, 1, 8]) == pytest.approx(1.5)


def test_a_cost_of_zero_has_none() -> None:
    assert math.isnan(exponent([1, 2], [0.0, 1.0]))


@pytest.mark.parametrize(("sizes", "costs"), [([1], [1.0]), ([1, 2], [1.0])])
def test_too_little_is_refused(sizes: list[float], costs: list[float]) -> None:
    with pytest.raises(ValueError, match="two sizes or more"):
        exponent(sizes, costs)
