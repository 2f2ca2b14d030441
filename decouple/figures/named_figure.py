"""Draw what `decouple figure` names: a figure by its name, that of a file, or those of a sweep's file."""

from collections.abc import Iterable
from pathlib import Path

from decouple.config.fields import Values
from decouple.config.settings_yaml import checked_mapping
from decouple.config.yaml_file import read_yaml
from decouple.errors import ConfigError
from decouple.figures.drawing import DrawnFigure, require_options, write_figure
from decouple.figures.request import FigureRequest
from decouple.figures.settings import FILE_ENDINGS, FigureConfig
from decouple.figures.sources import named_runs
from decouple.figures.sweep_figures import draw_sweep_figures, require_sweep_figures, sweep_request
from decouple.figures.sweep_source import SweepSource, open_sweep
from decouple.figures.table import FIGURES, FigureEntry
from decouple.log import logger
from decouple.lookup import look_up
from tuning.sweep.cell_states import FAILED
from tuning.sweep.plan import checked_plan
from tuning.sweep.run import SweepResult, run_plan
from tuning.sweep.settings import SweepConfig

NAME_KEY = "figure"  # of a file that trains nothing: the name of its figure
LIST_KEY = "figures"  # its figures, where they are several
LETTERS = "abcdefghij"  # behind the name of the file, for each of several figures
NOT_SETTINGS = frozenset({"source"})  # keys of such a file that say where the figure is from
SWEEP_KEYS = ("data", "stage1", "stage2", "include")  # keys of the file of a sweep
OF_SWEEP_FILES = frozenset({"name", "runs", "profile_run", "figure"})


def draw_named(config: FigureConfig, explicit: Iterable[str]) -> tuple[DrawnFigure, ...]:
    """Draw the figure, or the figures of the file, that `name` names; train what those of a sweep need.

    Args:
        config: the options.
        explicit: those that the user set; one that the figure does not read is refused.

    Raises:
        ConfigError: there is no such figure, or an option has no meaning for it.
    """
    if not config.is_file:
        return (_draw(config, explicit, config.name),)
    path = Path(config.name)
    values = read_yaml(path)
    if not {NAME_KEY, LIST_KEY, *SWEEP_KEYS} & values.keys():
        raise ConfigError(f"{path} must name its figure, `figure: NAME`, or be the file of a sweep")
    if not {NAME_KEY, LIST_KEY} & values.keys() or set(SWEEP_KEYS) & values.keys():
        return _draw_of_sweep(config, explicit)
    drawn = []
    entries = _entries(values, path)
    for letter, entry in zip(LETTERS, entries, strict=False):
        merged, options = _of_file(config, explicit, entry, path)
        drawn.append(_draw(merged, options, path.stem + (letter if len(entries) > 1 else "")))
    return tuple(drawn)


def request_of(config: FigureConfig, entry: FigureEntry) -> FigureRequest:
    """Return the options of a figure with the runs, or the sweep, that they name.

    Raises:
        ConfigError: it is of a sweep, and none is named.
        RunError: there is no such run or sweep.
    """
    if config.sweep is not None:
        source = (
            _run_sweep_file(config) if config.sweep.endswith(FILE_ENDINGS) else open_sweep(config.sweep, config.runs)
        )
        return sweep_request(source, config, entry)
    return FigureRequest(config, named_runs(config) if entry.source == "runs" else ())


def _entries(values: Values, path: Path) -> list[Values]:
    """Return the figures of a file that trains nothing: its own keys, or the entries of its list."""
    if NAME_KEY in values:
        return [values]
    entries = values[LIST_KEY]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) and "name" in entry for entry in entries):
        raise ConfigError(f"'{LIST_KEY}' in {path} must be a list of mappings with 'name', got '{entries}'")
    return entries


def _of_file(
    config: FigureConfig, explicit: Iterable[str], values: Values, path: Path
) -> tuple[FigureConfig, frozenset[str]]:
    """Return the options of a file that names one figure, with those of the command line in place of the file's."""
    values = {"name" if key == NAME_KEY else key: value for key, value in values.items() if key not in NOT_SETTINGS}
    if isinstance(values.get("sweep"), str) and values["sweep"].endswith(FILE_ENDINGS):
        values["sweep"] = str(path.parent / values["sweep"])
    typed = {name: getattr(config, name) for name in explicit if name != "name"}
    options = {**checked_mapping(FigureConfig, values, str(path)), **typed}
    return FigureConfig(**options), frozenset(options)


def _draw(config: FigureConfig, explicit: Iterable[str], stem: str) -> DrawnFigure:
    entry = look_up(FIGURES, config.name, "figure")
    require_options(config.name, entry, explicit)
    figure = entry.draw(request_of(config, entry))
    return write_figure(figure, config, Path(config.runs) / "figures", stem)


def _draw_of_sweep(config: FigureConfig, explicit: Iterable[str]) -> tuple[DrawnFigure, ...]:
    """Run the sweep of a file, what is not done of it, and draw its figures."""
    for option in sorted(set(explicit) - OF_SWEEP_FILES):
        raise ConfigError(f"`{option}` has no meaning for a file that trains; set it in {config.name}")
    settings = SweepConfig(file=config.name, runs=config.runs, profile_run=config.profile_run)
    plan = checked_plan(settings)
    figures = require_sweep_figures(plan.grids)
    if not figures:
        raise ConfigError(f"{config.name} has no figure: name one as 'figure', or list them under 'figures'")
    if config.figure is not None and figures > 1:
        raise ConfigError(f"`figure` names one file, but {config.name} has {figures} figures; leave it out")
    results = run_plan(plan, settings)
    for result in results:
        _warn_of_failures(result)
    return tuple(drawn for result in results for drawn in draw_sweep_figures(result, figure=config.figure))


def _run_sweep_file(config: FigureConfig) -> SweepSource:
    """Run what is not done of the sweep whose file `sweep` names, and return it.

    Raises:
        ConfigError: the file is a collection.
    """
    settings = SweepConfig(file=config.sweep, runs=config.runs, profile_run=config.profile_run)
    plan = checked_plan(settings)
    if len(plan.grids) > 1:
        raise ConfigError(
            f"`sweep` must be the file of one sweep, but {config.sweep} is a collection; name one of its files"
        )
    (result,) = run_plan(plan, settings)
    _warn_of_failures(result)
    return SweepSource(result.grid, result.cells, result.states.folder)


def _warn_of_failures(result: SweepResult) -> None:
    failed = sum(state.state == FAILED for state in result.states.read().values())
    if failed:
        logger.warning(f"{failed} cells of {result.grid.name} failed: decouple sweep {result.grid.path} says why")
