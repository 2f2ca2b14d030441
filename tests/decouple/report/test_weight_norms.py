from collections.abc import Callable

import numpy as np
import pytest

from decouple.report.weight_norms import draw_weight_norms, rank_correlation


@pytest.mark.parametrize("num_classes", [2, 1000])
def test_is_written_for_any_number_of_classes(
    num_classes: int, long_tail: Callable[[int], list[int]], check_figure: Callable[..., object]
) -> None:
    norms = {"stage one": np.linspace(2, 1, num_classes).tolist(), "$tau$": [1.0] * num_classes}
    check_figure(lambda: draw_weight_norms(long_tail(num_classes), norms))


def test_balanced_counts_leave_the_correlation_open(check_figure: Callable[..., object]) -> None:
    check_figure(lambda: draw_weight_norms([50, 50, 50], {"stage one": [1.0, 2.0, 3.0]}), again=True)


def test_rank_correlation_by_hand() -> None:
    # Ranks (0, 1, 2, 3) and (1, 0, 2, 3): 1 - 6 * (1 + 1) / (4 * 15) = 0.8.
    assert rank_correlation(np.array([1.0, 5.0, 20.0, 21.0]), np.array([2.0, 1.0, 3.0, 9.0])) == pytest.approx(0.8)
    assert rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])) == pytest.approx(-1)


def test_ties_share_their_mean_rank() -> None:
    # Ranks (0.5, 0.5, 2) and (0, 1, 2): covariance 1.5, variances 1.5 and 2, so 1.5 / sqrt(3).
    tied = rank_correlation(np.array([4.0, 4.0, 8.0]), np.array([1.0, 2.0, 3.0]))
    assert tied == pytest.approx(1.5 / 3**0.5)


def test_equal_norms_up_to_rounding_have_no_correlation() -> None:
    counts = np.array([3.0, 2.0, 1.0])
    assert rank_correlation(counts, np.array([1.0, 1.0000001, 0.9999999])) is None
    assert rank_correlation(counts, np.array([1.0, np.nan, np.nan])) is None
    assert rank_correlation(counts, np.full(3, np.nan)) is None
    assert rank_correlation(counts, np.zeros(3)) is None
