"""The figures of a sweep: the entries `figures` of its file, checked before it runs and drawn after."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from decouple.config.settings_yaml import checked_mapping
from decouple.errors import ConfigError, DecoupleError
from decouple.figures.drawing import DrawnFigure, require_options, write_figure
from decouple.figures.request import FigureRequest
from decouple.figures.settings import FigureConfig
from decouple.figures.sweep_source import SweepSource
from decouple.figures.table import FIGURES, FigureEntry
from decouple.lookup import look_up
from tuning.sweep.grid import SweepGrid
from tuning.sweep.run import SweepResult

ELSEWHERE = ("figure", "run", "runs", "sweep", "profile_run")  # options that a sweep has itself


def sweep_figure_configs(grid: SweepGrid) -> list[FigureConfig]:
    """Return the options of the figures of a sweep's file, checked.

    Raises:
        ConfigError: there is no such figure, or an option or an entry is wrong.
    """
    configs = []
    for number, values in enumerate(grid.figures, start=1):
        source = f"figure {number} of {grid.path}"
        for option in ELSEWHERE:
            if option in values:
                raise ConfigError(f"'{option}' in {source} has no meaning in the file of a sweep; leave it out")
        options = checked_mapping(FigureConfig, values, source)
        entry = look_up(FIGURES, str(values["name"]), f"figure in {grid.path}:")
        try:
            config = FigureConfig(**options)
            require_options(config.name, entry, options)
            SweepSource(grid, (), Path()).require_entries(config)
        except DecoupleError as error:
            raise ConfigError(f"{source}: {error}") from None
        configs.append(config)
    return configs


def require_sweep_figures(grids: Iterable[SweepGrid]) -> int:
    """Check the figures of sweeps before they run; return their number.

    Raises:
        ConfigError: see `sweep_figure_configs`.
    """
    return sum(len(sweep_figure_configs(grid)) for grid in grids)


def draw_sweep_figures(result: SweepResult, *, figure: str | None = None) -> list[DrawnFigure]:
    """Draw the figures of a sweep that has run.

    Args:
        result: of the sweep.
        figure: file of its only figure; default: files in the folder figures of the sweep, as PNG and SVG.
    """
    source = SweepSource(result.grid, result.cells, result.states.folder)
    configs = sweep_figure_configs(result.grid)
    drawn = []
    for stem, config in zip(figure_names(configs), configs, strict=True):
        entry = FIGURES[config.name]
        drawing = entry.draw(sweep_request(source, config, entry))
        drawn.append(write_figure(drawing, replace(config, figure=figure), source.folder / "figures", stem))
    return drawn


def sweep_request(source: SweepSource, config: FigureConfig, entry: FigureEntry) -> FigureRequest:
    """Return a figure of a sweep with its trainings or its table."""
    source.require_entries(config)
    config = replace(config, profile_run=source.grid.profile.name)  # type: ignore[arg-type]  # one of the three
    if entry.source == "runs":
        return FigureRequest(config, source.trainings(config))
    return FigureRequest(config, sweep=source.table(config) if entry.source == "sweep" else None)


def figure_names(configs: list[FigureConfig]) -> Iterator[str]:
    """Yield the name of the file of each figure: that of the figure, with a number where it comes again.

    Example:
        >>> list(figure_names([FigureConfig(name="roc"), FigureConfig(name="roc")]))
        ['roc', 'roc-2']
    """
    numbers: dict[str, int] = {}
    for config in configs:
        number = numbers[config.name] = numbers.get(config.name, 0) + 1
        yield config.name if number == 1 else f"{config.name}-{number}"
