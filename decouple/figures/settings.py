"""Options of `decouple figure`, and of a figure in a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from decouple.checks import require_field_types, require_number, require_whole
from decouple.config.command_settings import DEFAULT_RUNS
from decouple.config.fields import option, positional
from decouple.config.weights_option import WEIGHTS_HELP, Weights
from decouple.errors import ConfigError
from decouple.reporting.figure_formats import require_figure_path

LIST = "list"  # the name that asks for the names
FILE_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, kw_only=True)
class FigureConfig:
    """Draw one figure by its name, of runs or of a sweep or of formulas alone; or the figures of a file.

    Each figure takes some of the options; `decouple figure list` says which.
    """

    name: str = positional(LIST, "name of a figure, a YAML file, or list: what there is", metavar="NAME|FILE.yaml")
    figure: str | None = option(
        None, "file to write: .png, .svg or .pdf; default: NAME.png and NAME.svg in the folder figures under --runs"
    )
    title: str | None = option(None, "second line of the title; default: run, method, split")
    runs: str = option(DEFAULT_RUNS, "folder that holds the runs, and gets the folder figures", kind="a folder")
    run: tuple[str, ...] = option((), "runs: folders, or names under --runs; default: the latest")
    sweep: str | None = option(
        None,
        "folder of a sweep, its name under --runs, or its YAML file, which is then run; relative to a figure's file",
    )
    profile_run: Literal["smoke", "cpu", "full"] = option("full", "of a file that trains: the size of its runs")
    labels: tuple[str, ...] = option((), "what runs are called, in their order; default: their names")
    data: tuple[str, ...] = option((), "entries of the data axis of a sweep; default: all")
    stage1: tuple[str, ...] = option((), "entries of the stage-one axis of a sweep; default: all")
    stage2: tuple[str, ...] = option((), "entries of stage two of a run or a sweep; none: stage one's classifier")
    without: tuple[str, ...] = option((), "entries of stage one of a sweep that are left out")
    weights: Weights = option("last", WEIGHTS_HELP)
    split: Literal["val", "test", "test_longtailed"] = option("test", "images of a run")
    profile: Literal["exp", "step", "pareto", "balanced"] = option("exp", "images per class, by the largest first")
    num_classes: int = option(100, "classes of the profile")
    max_count: int = option(500, "images of its largest class")
    ratio: tuple[float, ...] = option((100.0,), "images of its largest class over those of its smallest")
    counts: tuple[int, ...] = option((), "images of every class, instead of a profile")
    test_count: int = option(0, "images of every class of a balanced test set, drawn beside; 0: none")
    lists: tuple[str, ...] = option((), "text files of 'path label' lines, instead of a profile; one series a file")
    samplers: tuple[str, ...] = option((), "samplers to compare; default: instance, class, sqrt, progressive")
    values: tuple[float, ...] = option((), "values of the parameter of a curve: gamma, beta, delta, tau ...")
    classes: tuple[int, ...] = option((), "classes to draw, by their number of training images: 0 is the largest")
    together: int = option(1, "neighbouring classes whose values are averaged")
    columns: tuple[str, ...] = option((), "SPLIT/METRIC of the table of a sweep: all/top1, few/top1 ...")
    panels: str = option("data", "axis or setting of a sweep that has a panel for each value")
    series: str = option("stage1", "axis or setting of a sweep that has a colour for each value")
    deviation: Literal["sample", "population"] = option("sample", "of several cells: divided by K - 1, or by K")
    images: int = option(1000, "images to draw, at most")
    seed: int = option(0, "seed of everything random")

    def __post_init__(self) -> None:
        require_field_types(self)
        for field in ("num_classes", "max_count", "together", "images"):
            require_whole(field, getattr(self, field), at_least=1)
        require_whole("test_count", self.test_count, at_least=0)
        for ratio in self.ratio:
            require_number("ratio", ratio, at_least=1)
        if self.figure is not None:
            require_figure_path("figure", Path(self.figure))
        if self.run and self.sweep is not None:
            raise ConfigError("`run` and `sweep` are two sources of a figure; give one of them")

    @property
    def is_file(self) -> bool:
        """Whether `name` is a file of figures."""
        return Path(self.name).suffix.lower() in FILE_ENDINGS
