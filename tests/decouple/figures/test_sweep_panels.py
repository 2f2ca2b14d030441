from pathlib import Path

import numpy as np
import pytest

from decouple.errors import ConfigError
from decouple.figures.request import FigureRequest
from decouple.figures.settings import FigureConfig
from decouple.figures.sources import SweepTable, TableRow
from decouple.figures.sweep_panels import draw_categories, draw_samplers, draw_spread, estimates, setting_key
from decouple.reporting.category_panels import Estimate

SETTINGS = {
    ("data", "c10"): {"ratio": 100},
    ("stage1", "r-ce"): {"model": "resnet20", "loss": "ce"},
    ("stage1", "r-ldam"): {"model": "resnet20", "loss": "ldam"},
    ("stage1", "m-ce"): {"model": "mobilenet", "loss": "ce"},
    ("stage2", "none"): {"method": "none"},
    ("stage2", "tau"): {},
}
VALUES = {"r-ce": (50.0, 10.0), "r-ldam": (60.0, 30.0), "m-ce": (40.0, 0.0)}  # all, few under stage one


def table() -> SweepTable:
    rows = [
        TableRow("c10", stage1, stage2, f"{split}/top1", value + (5.0 if stage2 == "tau" else 0.0), 1.5)
        for stage1, values in VALUES.items()
        for stage2 in ("none", "tau")
        for split, value in zip(("all", "few"), values, strict=True)
    ]
    rows.append(TableRow("c10", "r-ce", "none", "all/nll", 1.2, None))
    return SweepTable(Path("sweep"), "Losses", rows, SETTINGS)


def request(name: str, **options: object) -> FigureRequest:
    return FigureRequest(FigureConfig(name=name, **options), sweep=table())  # type: ignore[arg-type]


def marks(axes: object) -> dict[str, list[float]]:
    """Return marker -> the values of the series."""
    lines = [line for line in axes.lines if line.get_marker() not in ("_", "|", "None", "")]  # type: ignore[attr-defined]
    return {line.get_marker(): np.asarray(line.get_ydata()).tolist() for line in lines}


def test_one_row_keeps_its_deviation_over_seeds() -> None:
    rows = [TableRow("d", "a", "none", "all/top1", 3.0, 0.5), TableRow("d", "b", "none", "all/top1", None, None)]
    values = estimates(rows, lambda row: row.stage1, lambda row: row.column, ["all/top1", "few/top1"])
    assert values == {"a": [Estimate(3.0, 0.5), Estimate(None)], "b": [Estimate(None), Estimate(None)]}


def test_several_rows_have_the_deviation_over_them() -> None:
    rows = [TableRow("d", name, "none", "all/top1", mean, 9.0) for name, mean in (("a", 1.0), ("b", 2.0), ("c", 6.0))]
    (values,) = estimates(rows, lambda row: row.data, lambda row: row.column, ["all/top1"]).values()
    assert values == [Estimate(3.0, pytest.approx(7**0.5))]  # squares 4, 1, 9 over 2


def test_the_deviation_of_a_population_is_divided_by_its_number() -> None:
    rows = [TableRow("d", name, "none", "all/top1", mean, 9.0) for name, mean in (("a", 1.0), ("b", 2.0), ("c", 6.0))]
    (values,) = estimates(rows, lambda row: row.data, lambda row: row.column, ["all/top1"], population=True).values()
    assert values == [Estimate(3.0, pytest.approx((14 / 3) ** 0.5))]  # squares 4, 1, 9 over 3


def test_settings_are_read_from_the_entries() -> None:
    row = table().rows[-1]
    assert [setting_key(table(), name)(row) for name in ("data", "model", "loss", "ratio")] == [
        "c10",
        "resnet20",
        "ce",
        "100",
    ]
    with pytest.raises(ConfigError, match=r"no entry of the sweep Losses sets 'modle'\. Did you mean 'model'"):
        setting_key(table(), "modle")


def test_samplers_have_a_panel_for_each_split() -> None:
    figure = draw_samplers(request("samplers-joint-decoupled"))
    assert [axes.get_title() for axes in figure.axes] == ["all", "few"]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["joint", "tau"]
    assert marks(figure.axes[0]) == {"o": [50, 55], "s": [60, 65], "^": [40, 45]}
    assert figure.axes[0].get_ylabel() == "accuracy (%)"
    assert figure.get_label() == "Classifiers by class group. Losses · bars: standard deviation over seeds"


def test_categories_have_a_panel_for_each_network() -> None:
    figure = draw_categories(request("categories", series="loss", panels="model"))
    assert [axes.get_title() for axes in figure.axes] == ["resnet20", "mobilenet"]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["all", "few"]
    assert marks(figure.axes[0]) == {"o": [52.5, 12.5], "s": [62.5, 32.5]}  # means over both classifiers
    assert marks(figure.axes[1]) == {"o": [42.5, 2.5]}
    assert "over classifiers" in str(figure.get_label())


def test_spread_is_over_everything_else() -> None:
    (axes,) = draw_spread(request("spread", series="loss", columns=("few/top1",))).axes
    assert marks(axes) == {"o": [pytest.approx((10 + 15 + 0 + 5) / 4)], "s": [32.5]}


def test_columns_of_other_metrics() -> None:
    (axes,) = draw_spread(request("spread", series="model", columns=("all/nll",))).axes
    assert axes.get_ylabel() == "loss (nats)"
    assert marks(axes) == {"o": [1.2]}


def test_an_unknown_column_is_answered_with_the_nearest() -> None:
    with pytest.raises(
        ConfigError, match=r"no column 'fwe/top1'\. Did you mean 'few/top1'\? It has: all/top1, few/top1"
    ):
        draw_spread(request("spread", columns=("fwe/top1",)))


def test_a_sweep_must_be_named() -> None:
    with pytest.raises(ConfigError, match="this figure is of a sweep; name its folder"):
        draw_spread(FigureRequest(FigureConfig(name="spread")))
