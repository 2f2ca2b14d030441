"""Options of the commands that train nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from decouple.checks import require_choice, require_field_types, require_number
from decouple.config.fields import option, positional
from decouple.config.prior_option import EM, require_prior
from decouple.config.weights_option import WEIGHTS, WEIGHTS_HELP, Weights
from decouple.datasets.settings import DataConfig
from decouple.errors import ConfigError
from decouple.group_schemes import read_group_scheme
from decouple.reporting.figure_formats import require_figure_path

DEFAULT_RUNS = "runs"
GROUPS_HELP = (
    "class groups in tables: many_medium_few, thirds, halves, sizes such as 33,33,34 of classes by falling training "
    "images, or bounds such as many=100,few=20; default: many, medium, few and head, middle, tail"
)


def require_groups(groups: str | None) -> None:
    """Refuse a value of `--groups` that is no scheme of class groups."""
    if groups is not None:
        read_group_scheme(groups)


@dataclass(frozen=True, kw_only=True)
class DataCommandConfig(DataConfig):
    """Show the images per class, the groups, the imbalance ratio and the split sizes, and draw them with examples."""

    folder: str | None = positional(
        None, "folder of images, or a csv table of them; short for --data folder --root FOLDER", metavar="[FOLDER]"
    )
    figure: str = option(
        "class_distribution.png",
        "file of the figure of the distribution: .png, .svg or .pdf; examples.png beside it shows images",
    )
    all_classes: bool = option(False, "list every class, however many there are")
    check_overlap: bool = option(
        False, "read all images, compare them by content and stop if two splits share one; else files are compared"
    )

    def __post_init__(self) -> None:
        if self.folder is not None:
            self._take_folder(self.folder)
        super().__post_init__()
        require_field_types(self)
        require_figure_path("figure", Path(self.figure))

    def _take_folder(self, folder: str) -> None:
        """Set `data` and `root` (or `csv`) of the image set that `folder` stands for."""
        is_table = Path(folder).suffix.lower() in (".csv", ".tsv")
        if self.csv is not None or self.data not in ("digits", "folder") or (self.root is not None and not is_table):
            raise ConfigError(f"`folder={folder}` stands for `data=folder` with this root; leave out one of the two")
        object.__setattr__(self, "data", "csv" if is_table else "folder")  # before anything reads the frozen settings
        object.__setattr__(self, "csv" if is_table else "root", folder)


@dataclass(frozen=True, kw_only=True)
class RunsConfig:
    """List the runs with their headline numbers (accuracies in percent on the test split)."""

    runs: str = option(DEFAULT_RUNS, "folder that holds the runs", kind="a folder")

    def __post_init__(self) -> None:
        require_field_types(self)


@dataclass(frozen=True, kw_only=True)
class MethodsConfig:
    """List all samplers, losses, mixup variants, stage-two methods and backbones with their defaults and sources."""

    name: str | None = option(None, "one method: its formula, options, source, and when to use it")

    def __post_init__(self) -> None:
        require_field_types(self)


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """Run a saved network over images again, or over a new labelled folder, and print every metric."""

    run: str | None = positional(
        None, "run folder, or name under --runs; default: the latest under --runs", metavar="[RUN]"
    )
    runs: str = option(DEFAULT_RUNS, "folder that holds the runs", kind="a folder")
    images: str | None = option(
        None, "folder of new images, one subfolder per class, to evaluate on instead of a split", kind="a folder"
    )
    method: str | None = option(
        None, "stage-two method whose classifier is used; none: that of stage one; default: the recommended one"
    )
    weights: Weights | None = option(None, f"{WEIGHTS_HELP}; default: those of the recommended classifier")
    split: Literal["val", "test", "test_longtailed"] = option("test", "images of the run to evaluate on")
    root: str | None = option(None, "where the images are now, if they have moved since training")
    prior: str | None = option(
        None,
        "how often the classes occur where the images come from: train, uniform, or a CSV, JSON or YAML file of class "
        "and share; default: what the classifier assumes, which changes nothing",
    )
    sets: float | None = option(
        None, "report prediction sets that are to hold the true class of this share of images, between 0 and 1"
    )
    set_score: Literal["probability", "pas"] = option(
        "probability", "what prediction sets go by: probability (small sets), or pas (covers rare classes as well)"
    )
    groups: str | None = option(None, GROUPS_HELP, kind="a scheme")
    device: str = option("auto", "auto, cpu, cuda or cuda:N")

    def __post_init__(self) -> None:
        require_field_types(self)
        require_groups(self.groups)
        require_choice("weights", self.weights, (None, *WEIGHTS))
        if self.prior is not None:
            require_prior(self.prior)
        if self.prior == EM:
            raise ConfigError("`prior=em` is estimated where labels are not known; use it with `decouple predict`")
        if self.sets is not None:
            require_number("sets", self.sets, above=0, below=1, usual="0.9 is usual")


@dataclass(frozen=True, kw_only=True)
class CompareConfig:
    """Compare saved classifiers, of one run or of several, on the same images: intervals, differences, tests."""

    run: tuple[str, ...] = positional(
        (),
        "runs: folders, or names under --runs; NAME also means the runs of all its seeds; default: the latest",
        metavar="[RUN...]",
    )
    runs: str = option(DEFAULT_RUNS, "folder that holds the runs", kind="a folder")
    method: tuple[str, ...] = option(
        ("all",),
        "stage-two methods whose saved classifiers are compared; none: that of stage one; all: every saved one",
    )
    weights: Weights = option("last", WEIGHTS_HELP)
    split: Literal["val", "test", "test_longtailed"] = option("test", "images to compare on")
    groups: str | None = option(None, GROUPS_HELP, kind="a scheme")
    out: str | None = option(None, "folder that gets compare.csv, compare_pairs.csv, compare.md and compare.png")

    def __post_init__(self) -> None:
        require_field_types(self)
        require_groups(self.groups)
        if "all" in self.method and len(self.method) > 1:
            raise ConfigError("`method=all` stands for every method; leave the others out")


@dataclass(frozen=True, kw_only=True)
class QuickstartConfig:
    """Run everything on scikit-learn's digits: stage one, all of stage two, and both searches.

    With --images it is `decouple fit` on a folder of your own.
    """

    images: str | None = option(None, "images of your own, see `decouple fit`, instead of digits", kind="a folder")
    runs: str = option(DEFAULT_RUNS, "folder that gets the runs", kind="a folder")
    seed: int = option(0, "seed of everything random")

    def __post_init__(self) -> None:
        require_field_types(self)


@dataclass(frozen=True, kw_only=True)
class CompletionConfig:
    """Print the script that completes commands, options and values in a shell; see docs/command-line.md."""

    shell: Literal["bash", "zsh", "fish"] = positional("bash", "the shell", metavar="SHELL")

    def __post_init__(self) -> None:
        require_field_types(self)
