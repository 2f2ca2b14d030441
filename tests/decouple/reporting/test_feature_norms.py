from collections.abc import Callable

import pytest

from decouple.errors import DataError
from decouple.reporting.feature_norms import draw_feature_norms
from decouple.reporting.palette import GROUP_COLOURS


def test_a_line_for_each_group_that_continues_over_gaps() -> None:
    figure = draw_feature_norms([1, 2, 3], {"many": [5.0, None, 7.0], "medium": [None] * 3, "few": [1.0, 2.0, 3.0]})
    lines = figure.axes[0].lines
    assert [line.get_xydata().tolist() for line in lines] == [[[1, 5], [3, 7]], [[1, 1], [2, 2], [3, 3]]]  # type: ignore[union-attr]
    assert [line.get_color() for line in lines] == [GROUP_COLOURS["many"], GROUP_COLOURS["few"]]
    assert [text.get_text() for text in figure.legends[0].texts] == ["many", "few"]


def test_is_written_also_without_a_value(check_figure: Callable[..., object]) -> None:
    check_figure(lambda: draw_feature_norms([1, 2], {"many": [5.0, 6.0]}, subtitle="run r"), again=True)
    check_figure(lambda: draw_feature_norms([1], {"many": [None]}))


def test_another_length_is_refused() -> None:
    with pytest.raises(DataError, match="'many' has 1 values for 2 epochs"):
        draw_feature_norms([1, 2], {"many": [5.0]})
