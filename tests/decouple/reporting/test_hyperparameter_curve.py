from collections.abc import Callable

import numpy as np
import pytest

from decouple.reporting.figure_files import figure_svg
from decouple.reporting.hyperparameter_curve import draw_hyperparameter_curve, end_of_range_note


def test_is_written(check_figure: Callable[..., object]) -> None:
    taus = [i / 50 for i in range(101)]
    curves: dict[str, list[float | None]] = {
        "balanced": [50 - (tau - 0.8) ** 2 for tau in taus],
        "many": [70 - 5 * tau for tau in taus],
        "medium": [None] * 101,
        "few": [20 * tau for tau in taus],
    }
    check_figure(lambda: draw_hyperparameter_curve("tau", taus, curves, 0.8))


def test_the_order_of_the_values_does_not_matter() -> None:
    in_order = draw_hyperparameter_curve("tau", [0.0, 0.5, 1.0], {"balanced": [10.0, 30.0, 20.0]}, None)
    shuffled = draw_hyperparameter_curve("tau", [1.0, 0.0, 0.5], {"balanced": [20.0, 10.0, 30.0]}, None)
    assert figure_svg(in_order) == figure_svg(shuffled)


def test_no_value_at_all(check_figure: Callable[..., object]) -> None:
    check_figure(lambda: draw_hyperparameter_curve("tau", [0.0, 1.0], {"balanced": [None, None]}, None))


def test_the_axis_is_named_after_the_hyper_parameter_and_that_of_k_is_logarithmic() -> None:
    figures = [
        draw_hyperparameter_curve(name, values, {"balanced": [10.0, 20.0, 30.0][: len(values)]}, values[0])
        for name, values in (("tau", [0.0, 2.0]), ("k", [10, 1, 200]))
    ]
    axes = [figure.axes[0] for figure in figures]
    assert [panel.get_xlabel() for panel in axes] == ["τ", "k, neighbours that vote"]
    assert [panel.get_xscale() for panel in axes] == ["linear", "log"]
    assert axes[1].lines[0].get_xydata().tolist() == [[1, 20], [10, 10], [200, 30]]  # type: ignore[union-attr]
    assert [tick.get_text() for tick in axes[1].get_xticklabels()] == ["1", "10", "100"]
    labels = [text.get_text() for figure in figures for legend in figure.legends for text in legend.get_texts()]
    assert labels == ["balanced", "chosen: τ = 0", "balanced", "chosen: k = 10"]


@pytest.mark.parametrize(
    ("chosen", "note"),
    [(2.0, ", the end of the range"), (1.0, ""), (0.5, ", the end of the range"), (3.0, ", the end of the range")],
)
def test_a_choice_at_the_end_of_the_range_is_said(chosen: float, note: str) -> None:
    assert end_of_range_note("tau", np.array([0.5, 1.0, 2.0]), chosen) == note


def test_neither_the_smallest_possible_nor_a_single_value_is_an_end() -> None:
    assert end_of_range_note("tau", np.array([0.0, 2.0]), 0.0) == ""
    assert end_of_range_note("k", np.array([1.0, 3.0]), 1.0) == ""
    assert end_of_range_note("tau", np.array([2.0]), 2.0) == ""


def test_one_value_is_drawn(check_figure: Callable[..., object]) -> None:
    check_figure(lambda: draw_hyperparameter_curve("k", [5], {"balanced": [50.0], "few": [None]}, 5))
