"""Figures of the table of a sweep: values with their deviations by class group, for samplers, losses or networks."""

from collections.abc import Callable, Iterable, Sequence

from matplotlib.figure import Figure

from decouple.errors import ConfigError
from decouple.evaluation.statistics import mean_and_std
from decouple.figures.request import FigureRequest
from decouple.figures.sources import AXES, SweepTable, TableRow
from decouple.nearest_name import did_you_mean
from decouple.reporting.category_panels import Estimate, draw_category_panels

TOP1 = "/top1"
_UNITS = {
    "top1": "accuracy (%)", "micro": "accuracy over the images (%)", "balanced": "balanced accuracy (%)",
    "nll": "loss (nats)", "macro_f1": "macro F1 (%)", "recall": "recall (%)", "precision": "precision (%)",
}  # fmt: skip
_WORDS = {"data": "data set", "stage1": "training", "stage2": "classifier"}
_JOINT = "joint"  # what the classifier of stage one is called beside those of stage two

Key = Callable[[TableRow], str]


def draw_samplers(request: FigureRequest) -> Figure:
    """Draw the accuracy of classifiers on representations of several trainings: a panel for each class group."""
    table, columns, rows = _picked(request)
    series = setting_key(table, request.config.series)
    classifiers = list(dict.fromkeys(_classifier(row) for row in rows))
    panels = {
        _split(column): estimates(
            [row for row in rows if row.column == column],
            series,
            _classifier,
            classifiers,
            population=_population(request),
        )
        for column in columns
    }
    return draw_category_panels(
        "Classifiers by class group",
        classifiers,
        panels,
        y_label=_y_label(columns),
        connected=False,
        subtitle=_subtitle(request, rows, lambda row: (series(row), _classifier(row), row.column)),
    )


def draw_categories(request: FigureRequest) -> Figure:
    """Draw values over the columns of the table: a panel and a colour for each value of two axes or settings."""
    table, columns, rows = _picked(request)
    series, panel = setting_key(table, request.config.series), setting_key(table, request.config.panels)
    names = list(dict.fromkeys(panel(row) for row in rows))
    panels = {
        name: estimates(
            [row for row in rows if panel(row) == name],
            series,
            lambda row: row.column,
            columns,
            population=_population(request),
        )
        for name in names
    }
    return draw_category_panels(
        "Test categories",
        _column_names(columns),
        panels,
        y_label=_y_label(columns),
        subtitle=_subtitle(request, rows, lambda row: (series(row), panel(row), row.column)),
    )


def draw_spread(request: FigureRequest) -> Figure:
    """Draw the mean and the deviation over all cells of each value of one axis or setting."""
    table, columns, rows = _picked(request)
    series = setting_key(table, request.config.series)
    values = estimates(rows, series, lambda row: row.column, columns, population=_population(request))
    return draw_category_panels(
        f"Mean and deviation by {_WORDS.get(request.config.series, request.config.series)}",
        _column_names(columns),
        {"": values},
        y_label=_y_label(columns),
        subtitle=_subtitle(request, rows, lambda row: (series(row), row.column)),
    )


def estimates(
    rows: Sequence[TableRow], series: Key, category: Key, categories: Sequence[str], *, population: bool = False
) -> dict[str, list[Estimate]]:
    """Return series to an estimate for each category: of one row its mean over seeds, of several the mean over them.

    Example:
        >>> rows = [TableRow("d", loss, "none", "all/top1", mean, None) for loss, mean in (("a", 1.0), ("b", 3.0))]
        >>> estimates(rows, lambda row: row.data, lambda row: row.column, ["all/top1"])["d"][0].mean
        2.0
    """
    names = dict.fromkeys(series(row) for row in rows)
    return {
        name: [
            _estimate([row for row in rows if (series(row), category(row)) == (name, key)], population)
            for key in categories
        ]
        for name in names
    }


def setting_key(table: SweepTable, name: str) -> Key:
    """Return the function that reads an axis, or a setting of the entries, from a row.

    Raises:
        ConfigError: no entry has such a setting.
    """
    if name in AXES:
        return lambda row: str(getattr(row, name))
    axis = next((axis for axis, entry in table.settings if name in table.settings[axis, entry]), None)
    if axis is None:
        known = [*AXES, *dict.fromkeys(setting for entry in table.settings.values() for setting in entry)]
        raise ConfigError(f"no entry of the sweep {table.title} sets '{name}'.{did_you_mean(name, known)}")
    return lambda row: str(table.settings[axis, getattr(row, axis)].get(name, "default"))


def _picked(request: FigureRequest) -> tuple[SweepTable, list[str], list[TableRow]]:
    """Return the table, the columns to draw, and the rows of these columns."""
    table = request.table()
    present = list(dict.fromkeys(row.column for row in table.rows))
    columns = list(request.config.columns) or [column for column in present if column.endswith(TOP1)]
    unknown = [column for column in columns if column not in present]
    if unknown or not columns:
        name = unknown[0] if unknown else TOP1
        raise ConfigError(
            f"the table of {table.title} has no column '{name}'.{did_you_mean(name, present)} "
            f"It has: {', '.join(present) or 'none'}"
        )
    return table, columns, [row for row in table.rows if row.column in columns]


def _estimate(rows: Sequence[TableRow], population: bool) -> Estimate:
    known = [(row.mean, row.std) for row in rows if row.mean is not None]
    if len(known) <= 1:
        return Estimate(*known[0]) if known else Estimate(None)
    mean, std = mean_and_std([mean for mean, _ in known])
    count = len(known)
    return Estimate(mean, std if std is None or not population else std * ((count - 1) / count) ** 0.5)


def _subtitle(request: FigureRequest, rows: Sequence[TableRow], group: Callable[[TableRow], Iterable[str]]) -> str:
    """Return the name of the sweep, its data, and what the deviation is over."""
    groups: dict[tuple[str, ...], list[TableRow]] = {}
    for row in rows:
        groups.setdefault(tuple(group(row)), []).append(row)
    varied = [
        axis for axis in AXES if any(len({getattr(row, axis) for row in members}) > 1 for members in groups.values())
    ]
    over = " and ".join(_WORDS[axis] + "s" for axis in varied) or "seeds"
    return request.subtitle(f"{request.table().title} · bars: standard deviation over {over}")


def _population(request: FigureRequest) -> bool:
    return request.config.deviation == "population"


def _classifier(row: TableRow) -> str:
    return _JOINT if row.stage2 == "none" else row.stage2


def _split(column: str) -> str:
    return column.rpartition("/")[0]


def _column_names(columns: Sequence[str]) -> list[str]:
    """Return the splits, those of a long-tailed test set by their groups; with metrics where splits come twice.

    Example:
        >>> _column_names(["all/top1", "long_tailed.head/micro"]), _column_names(["all/top1", "all/nll"])
        (['all', 'head'], ['all/top1', 'all/nll'])
    """
    names = [_split(column).rpartition(".")[2].replace("_", "-") for column in columns]
    return names if len(set(names)) == len(names) else list(columns)


def _y_label(columns: Sequence[str]) -> str:
    units = {_UNITS.get(metric, metric) for metric in (column.rpartition("/")[2] for column in columns)}
    if units <= {_UNITS["top1"], _UNITS["micro"]}:
        return _UNITS["top1"]
    return units.pop() if len(units) == 1 else "value"
