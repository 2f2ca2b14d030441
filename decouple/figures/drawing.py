"""What every figure shares: a check of its options, and the files that it is written to."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from decouple.errors import ConfigError
from decouple.figures.settings import FigureConfig
from decouple.figures.table import FigureEntry
from decouple.reporting.figure_files import save_figure, save_run_figure

COMMON = frozenset({"name", "figure", "title", "runs", "profile_run"})  # options of every figure
OF_RUNS = frozenset({"run", "sweep", "labels", "data", "stage1", "without"})
OF_SWEEPS = frozenset({"sweep", "data", "stage1", "stage2", "without"})


@dataclass(frozen=True)
class DrawnFigure:
    """A figure that was written."""

    name: str
    files: tuple[Path, ...]


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


def write_figure(figure: Figure, config: FigureConfig, folder: Path, stem: str) -> DrawnFigure:
    """Write a figure to the file of the option `figure`, else to `stem` in a folder, as PNG and SVG."""
    if config.figure is not None:
        save_figure(figure, Path(config.figure))
        return DrawnFigure(config.name, (Path(config.figure),))
    path = folder / f"{stem}.png"
    save_run_figure(figure, path, svg=True)
    return DrawnFigure(config.name, (path, path.with_suffix(".svg")))
