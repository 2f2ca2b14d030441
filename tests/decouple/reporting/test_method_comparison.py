from collections.abc import Callable

import pytest

from decouple.reporting.columns import ResultRow
from decouple.reporting.method_comparison import draw_method_comparison, error_lengths


def _row(many: float | None, few: float | None) -> ResultRow:
    return {
        "balanced": 40.0,
        "groups": {"many_medium_few": {"many": many, "medium": None, "few": few}},
        "intervals": {"balanced": [38.0, 42.5], "many_medium_few": {"many": [60.0, 70.0], "medium": None, "few": None}},
    }


def test_is_written_for_one_and_for_many_methods(check_figure: Callable[..., tuple[int, int]]) -> None:
    narrow, _ = check_figure(lambda: draw_method_comparison({"$none_$": _row(65.0, None)}), again=True)
    rows = {f"method {i} with options": _row(60.0 + i, 20.0 - i) for i in range(12)}
    wide, _ = check_figure(lambda: draw_method_comparison(rows))
    assert wide > narrow


@pytest.mark.parametrize("rows", [{}, {"crt": {"groups": None}}])
def test_no_value_at_all(rows: dict[str, ResultRow], check_figure: Callable[..., object]) -> None:
    check_figure(lambda: draw_method_comparison(rows))


def test_error_bars_reach_to_the_interval_and_never_backwards() -> None:
    assert error_lengths(40.0, (38.0, 43.0)) == (2.0, 3.0)
    assert error_lengths(40.0, (41.0, 43.0)) == (0.0, 3.0)
    assert error_lengths(40.0, None) == (0.0, 0.0)
