"""Draw a figure by its name, and write it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from decouple.config.settings_yaml import checked_mapping
from decouple.config.yaml_file import read_yaml
from decouple.errors import ConfigError
from decouple.figures.request import FigureRequest
from decouple.figures.settings import FigureConfig
from decouple.figures.sources import named_runs
from decouple.figures.table import FIGURES, FigureEntry
from decouple.lookup import look_up
from decouple.reporting.figure_files import save_figure, save_run_figure

COMMON = frozenset({"name", "figure", "title", "runs"})  # options of every figure
OF_RUNS = frozenset({"run", "sweep", "labels", "data", "stage1"})
OF_SWEEPS = frozenset({"sweep", "data", "stage1", "stage2"})
NAME_KEY = "figure"  # of a file that trains nothing: the name of its figure


@dataclass(frozen=True)
class DrawnFigure:
    """A figure that was written."""

    name: str
    files: tuple[Path, ...]


def draw_named(config: FigureConfig, explicit: Iterable[str]) -> tuple[DrawnFigure, ...]:
    """Draw the figure, or the figures of the file, that `name` names.

    Args:
        config: the options.
        explicit: those that the user set; one that the figure does not read is refused.

    Raises:
        ConfigError: there is no such figure, or an option has no meaning for it.
    """
    stem = config.name
    if config.is_file:
        config, explicit = _of_file(config, explicit)
        stem = Path(stem).stem
    return (_draw(config, explicit, stem),)


def require_options(name: str, entry: FigureEntry, explicit: Iterable[str]) -> None:
    """Check that a figure reads all options that the user set.

    Raises:
        ConfigError: it does not; the message names those that it reads.
    """
    sources = {"formulas": frozenset(), "runs": OF_RUNS, "sweep": OF_SWEEPS}[entry.source]
    known = COMMON | sources | frozenset(entry.options)
    for option in explicit:
        if option not in known:
            listed = ", ".join(f"`{name}`" for name in sorted(known - COMMON)) or "none of its own"
            raise ConfigError(f"`{option}` has no meaning for the figure {name}; it reads {listed}")


def request_of(config: FigureConfig, entry: FigureEntry) -> FigureRequest:
    """Return the options of a figure with the runs that they name.

    Raises:
        RunError: there is no such run.
    """
    return FigureRequest(config, named_runs(config) if entry.source == "runs" else ())


def _of_file(config: FigureConfig, explicit: Iterable[str]) -> tuple[FigureConfig, frozenset[str]]:
    """Return the options of a file that names one figure, with those of the command line in place of the file's."""
    path = Path(config.name)
    values = read_yaml(path)
    if NAME_KEY not in values:
        raise ConfigError(f"{path} must name its figure: `figure: NAME`")
    values = {"name" if key == NAME_KEY else key: value for key, value in values.items() if key != "source"}
    typed = {name: getattr(config, name) for name in explicit if name != "name"}
    options = {**checked_mapping(FigureConfig, values, str(path)), **typed}
    return FigureConfig(**options), frozenset(options)


def _draw(config: FigureConfig, explicit: Iterable[str], stem: str) -> DrawnFigure:
    entry = look_up(FIGURES, config.name, "figure")
    require_options(config.name, entry, explicit)
    figure = entry.draw(request_of(config, entry))
    if config.figure is not None:
        path = Path(config.figure)
        save_figure(figure, path)
        return DrawnFigure(config.name, (path,))
    path = Path(config.runs) / "figures" / stem
    path = path.with_name(path.name + ".png")
    save_run_figure(figure, path, svg=True)
    return DrawnFigure(config.name, (path, path.with_suffix(".svg")))
