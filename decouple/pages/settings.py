"""Options of `decouple report`, with their defaults and checks."""

from dataclasses import dataclass
from typing import Literal

from decouple.checks import require_field_types, require_whole
from decouple.config.command_settings import DEFAULT_RUNS, GROUPS_HELP, require_groups
from decouple.config.fields import option, positional
from decouple.config.weights_option import WEIGHTS_HELP
from decouple.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class ReportConfig:
    """Write a report as HTML: of one run one file, of several a page each and a table that compares them."""

    run: tuple[str, ...] = positional(
        (),
        "runs: folders, or names under --runs; NAME also means the runs of all its seeds; default: the latest",
        metavar="[RUN...]",
    )
    runs: str = option(DEFAULT_RUNS, "folder that holds the runs")
    method: str | None = option(
        None, "stage-two method that is compared with stage one; default: the recommended one of each run"
    )
    weights: Literal["auto", "last", "best", "shifted"] = option("auto", f"{WEIGHTS_HELP}; auto: the recommended ones")
    out: str | None = option(
        None,
        "file of the page; of several runs the folder of all pages; default: report.html in the run's folder, "
        "or the folder report",
    )
    root: str | None = option(None, "where the images are now, if they have moved since training")
    no_images: bool = option(False, "show no example images, and so do not read the images of the run")
    map_images: int = option(
        2_000, "images in the picture of the features in two dimensions: t-SNE, above 20,000 PCA; 0: no picture"
    )
    groups: str | None = option(None, GROUPS_HELP, kind="a scheme")
    no_figure_files: bool = option(False, "do not write the figures as PNG and SVG into a folder beside the page")

    def __post_init__(self) -> None:
        require_field_types(self)
        require_groups(self.groups)
        require_whole("map_images", self.map_images, at_least=0)
        if self.out is not None and not self.out:
            raise ConfigError("`out` must name a file or a folder, got ''")
