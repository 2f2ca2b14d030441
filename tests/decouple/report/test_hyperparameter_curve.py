from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.axes import Axes

from decouple.report.hyperparameter_curve import draw_hyperparameter_curve


def test_is_written(check_figure: Callable[..., object]) -> None:
    taus = [i / 50 for i in range(101)]
    curves: dict[str, list[float | None]] = {
        "balanced": [50 - (tau - 0.8) ** 2 for tau in taus],
        "many": [70 - 5 * tau for tau in taus],
        "medium": [None] * 101,
        "few": [20 * tau for tau in taus],
    }
    check_figure(lambda path: draw_hyperparameter_curve(path, "tau", taus, curves, 0.8))


def test_the_order_of_the_values_does_not_matter(check_figure: Callable[..., object]) -> None:
    def draw(order: list[int]) -> Callable[..., None]:
        taus, accuracy = [0.0, 0.5, 1.0], [10.0, 30.0, 20.0]
        curve = {"balanced": [accuracy[i] for i in order]}
        return lambda path: draw_hyperparameter_curve(path, "tau", [taus[i] for i in order], curve, None)

    in_order, shuffled = draw([0, 1, 2]), draw([2, 0, 1])
    check_figure(lambda path: in_order(path) if path.stem == "first" else shuffled(path), again=True)


def test_no_value_at_all(check_figure: Callable[..., object]) -> None:
    check_figure(lambda path: draw_hyperparameter_curve(path, "tau", [0.0, 1.0], {"balanced": [None, None]}, None))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Axes]:
    """Return a list that gets the axes of every figure that is saved."""
    result: list[Axes] = []
    monkeypatch.setattr("decouple.report.style.save", lambda figure, _: result.extend(figure.axes))
    return result


def test_the_axis_is_named_after_the_hyper_parameter_and_that_of_k_is_logarithmic(shown: list[Axes]) -> None:
    for hyperparameter, values in (("tau", [0.0, 2.0]), ("k", [200, 1, 10])):
        draw_hyperparameter_curve(
            Path("x.png"), hyperparameter, values, {"balanced": [10.0, 20.0, 30.0][: len(values)]}, values[0]
        )
    assert [axes.get_xlabel() for axes in shown] == ["τ", "k, neighbours that vote"]
    assert [axes.get_xscale() for axes in shown] == ["linear", "log"]
    assert shown[1].lines[0].get_xydata().tolist() == [[1, 20], [10, 30], [200, 10]]  # type: ignore[union-attr]
    assert [tick.get_text() for tick in shown[1].get_xticklabels()] == ["1", "10", "100"]
    labels = [text.get_text() for axes in shown for legend in axes.figure.legends for text in legend.get_texts()]
    assert labels == ["balanced", "chosen: τ = 0", "balanced", "chosen: k = 200"]


def test_one_value_is_drawn(check_figure: Callable[..., object]) -> None:
    check_figure(lambda path: draw_hyperparameter_curve(path, "k", [5], {"balanced": [50.0], "few": [None]}, 5))
