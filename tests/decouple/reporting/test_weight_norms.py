from collections.abc import Callable

import numpy as np
import pytest

from decouple.reporting.weight_norms import draw_weight_norms, median_by_size, rank_correlation


@pytest.mark.parametrize("num_classes", [2, 1000])
def test_is_written_for_any_number_of_classes(
    num_classes: int, long_tail: Callable[[int], list[int]], check_figure: Callable[..., object]
) -> None:
    norms = {"stage one": np.linspace(2, 1, num_classes).tolist(), "$tau$": [1.0] * num_classes}
    check_figure(lambda: draw_weight_norms(long_tail(num_classes), norms))


def test_balanced_counts_leave_the_correlation_open(check_figure: Callable[..., object]) -> None:
    check_figure(lambda: draw_weight_norms([50, 50, 50], {"stage one": [1.0, 2.0, 3.0]}), again=True)


def test_norms_are_relative_to_the_mean_of_their_method() -> None:
    # Means 3 and 10: both methods have the same relative norms.
    figure = draw_weight_norms([10, 100], {"stage one": [2.0, 4.0], "ncm": [20 / 3, 40 / 3]})
    for line in figure.axes[0].lines:
        np.testing.assert_allclose(line.get_xydata(), [[10, 2 / 3], [100, 4 / 3]])


def test_many_classes_become_medians() -> None:
    counts, norms = [1] * 150 + [8] * 151, [1.0] * 149 + [9.0] + [3.0] * 151
    (line,) = draw_weight_norms(counts, {"stage one": norms}).axes[0].lines
    mean = sum(norms) / 301
    # 20 ranges of a factor 8^(1/20); the middles are half a range from the ends.
    np.testing.assert_allclose(line.get_xydata(), [[8 ** (1 / 40), 1 / mean], [8 ** (39 / 40), 3 / mean]])


def test_no_norm_at_all_has_no_median() -> None:
    sizes, medians = median_by_size(np.array([1.0, 2.0]), np.array([np.nan, np.nan]))
    assert (len(sizes), len(medians)) == (0, 0)


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
