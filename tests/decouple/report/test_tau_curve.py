from collections.abc import Callable

from decouple.report.tau_curve import draw_tau_curve


def test_is_written(check_figure: Callable[..., object]) -> None:
    taus = [i / 50 for i in range(101)]
    curves: dict[str, list[float | None]] = {
        "balanced": [50 - (tau - 0.8) ** 2 for tau in taus],
        "many": [70 - 5 * tau for tau in taus],
        "medium": [None] * 101,
        "few": [20 * tau for tau in taus],
    }
    check_figure(lambda path: draw_tau_curve(path, taus, curves, 0.8))


def test_the_order_of_the_values_does_not_matter(check_figure: Callable[..., object]) -> None:
    def draw(order: list[int]) -> Callable[..., None]:
        taus, accuracy = [0.0, 0.5, 1.0], [10.0, 30.0, 20.0]
        curve = {"balanced": [accuracy[i] for i in order]}
        return lambda path: draw_tau_curve(path, [taus[i] for i in order], curve, None)

    in_order, shuffled = draw([0, 1, 2]), draw([2, 0, 1])
    check_figure(lambda path: in_order(path) if path.stem == "first" else shuffled(path), again=True)


def test_no_value_at_all(check_figure: Callable[..., object]) -> None:
    check_figure(lambda path: draw_tau_curve(path, [0.0, 1.0], {"balanced": [None, None]}, None))
