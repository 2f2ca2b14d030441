"""Options of `decouple tune ...`. Defaults live here and nowhere else."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from decouple.checks import require_choice, require_flag, require_number, require_whole
from decouple.config.command_settings import DEFAULT_RUNS
from decouple.config.fields import option, positional
from decouple.config.weights_option import WEIGHTS, WEIGHTS_HELP, Weights
from decouple.errors import ConfigError
from decouple.evaluation.selection_metrics import SELECTION_METRICS, SelectionMetric
from tuning.named_range import parse_ranges

BEST = "best"  # `stage2` of a search that chooses the method too
DEFAULT_METHODS = ("tau",)  # of a joint search
MAX_TAU = 10.0  # as in stage two


@dataclass(frozen=True, kw_only=True)
class SearchConfig:
    """Options of every search."""

    run: str | None = positional(
        None,
        "stage-one run whose settings are tuned: a folder, or a name under --runs; default: the latest",
        metavar="[RUN]",
    )
    runs: str = option(DEFAULT_RUNS, "folder that holds the runs", kind="a folder")
    trials: int = option(12, "trials in all; calling again with more continues from those done")
    seed: int = option(0, "seed of the search, and of the holdout or folds; the training has that of the run")
    workers: int = option(1, "processes on this machine, spread over its GPUs; with 1 a seed gives the same trials")
    workers_per_gpu: int | None = option(
        None, "processes that share each GPU of this machine, in place of --workers; small networks leave a GPU room"
    )
    storage: str | None = option(
        None,
        "where the study is stored: journal:FILE or FILE.log on a shared disk, or a URL such as postgresql://user@host/"
        "name; default: a SQLite file in the run folder",
    )
    folds: int = option(
        0,
        "evaluate a trial on so many stratified folds, pooled: of the training images for weight-decay and joint, "
        "instead of --holdout, of training and validation images for tau and stage2; 0: one split",
    )
    tie_margin: float = option(
        0.0,
        "points: trials whose metric rounds to the same multiple of it are equal, and the better tail wins; 1: whole "
        "percents; 0: only exactly equal trials are",
    )
    root: str | None = option(None, "where the images are now, if they have moved since training")
    device: str = option("auto", "auto, cpu, cuda or cuda:N; auto and cuda with --workers: all GPUs in turn")
    log: tuple[str, ...] = option(
        (), "records of the trials, when the search ends, and of trainings with the best values: csv, tensorboard"
    )

    def __post_init__(self) -> None:
        require_whole("trials", self.trials, at_least=1)
        require_whole("seed", self.seed)
        require_whole("workers", self.workers, at_least=1)
        if self.workers_per_gpu is not None:
            require_whole("workers_per_gpu", self.workers_per_gpu, at_least=1)
        require_number("tie_margin", self.tie_margin, at_least=0, usual="1 makes whole percents equal")
        require_whole("folds", self.folds)
        if self.folds < 0 or self.folds == 1:
            raise ConfigError(f"`folds` must be 2 or more, or 0 for one split, got {self.folds}")


@dataclass(frozen=True, kw_only=True)
class TrainingSearchConfig(SearchConfig):
    """Options of every search that trains networks."""

    search: Literal["tpe", "random", "grid"] = option(
        "tpe", "how values are proposed: tpe, random, or a grid of as many as --trials, spread evenly over the ranges"
    )
    select: SelectionMetric = option("balanced", "metric of the held-out images that is maximized")
    range: tuple[str, ...] = option(
        (),
        "more settings of stage one to search, as NAME=LOW:HIGH or NAME=LOW:HIGH:log: momentum=0.8:0.99 epochs=20:60 "
        "lr=0.01:0.3:log loss_options.delta=0.1:1",
    )
    epochs: int | None = option(None, "epochs of a trial; default: those of the run")
    holdout: float = option(0.2, "share of the training images that a trial is evaluated on, in (0, 1)")
    prune: bool = option(False, "end a trial whose validation accuracy is below the median at that epoch")
    no_retrain: bool = option(
        False, "only search; do not train on the full training set with the best values, nor run stage two"
    )
    stage2: str = option("all", "stage-two method, or all of them, for the run that is trained with the best values")
    seeds: int = option(1, "trainings with the best values, with the run's seed and those after it; stage two on each")

    def __post_init__(self) -> None:
        super().__post_init__()
        require_number("holdout", self.holdout, above=0, below=1, usual="0.2 is usual")
        if self.epochs is not None:
            require_whole("epochs", self.epochs, at_least=1)
        require_choice("search", self.search, ("tpe", "random", "grid"))
        require_choice("select", self.select, SELECTION_METRICS)
        ranges = parse_ranges(self.range)
        if self.epochs is not None and any(entry.name == "epochs" for entry in ranges):
            raise ConfigError("`epochs` and the `range` of epochs contradict each other; give one of them")
        require_flag("prune", self.prune)
        require_flag("no_retrain", self.no_retrain)
        require_whole("seeds", self.seeds, at_least=1)


@dataclass(frozen=True, kw_only=True)
class WeightDecayConfig(TrainingSearchConfig):
    """Search the weight decay of a stage-one run by validation balanced accuracy, then train with the best value."""

    low: float = option(1e-5, "smallest weight decay, above 0")
    high: float = option(1e-1, "largest weight decay")
    study: str = option("weight-decay", "name of the study in the run folder; another name starts another study")

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_plain_name(self.study)
        _require_range("low", self.low, "high", self.high, above=0)


@dataclass(frozen=True, kw_only=True)
class JointConfig(TrainingSearchConfig):
    """Search weight decay and learning rate of a stage-one run together, each trial evaluated with its own best tau.

    With --methods, each trial is evaluated with the best of several stage-two methods.
    """

    low: float = option(1e-5, "smallest weight decay, above 0")
    high: float = option(1e-1, "largest weight decay")
    lr_low: float = option(1e-3, "smallest learning rate, above 0")
    lr_high: float = option(0.5, "largest learning rate")
    methods: tuple[str, ...] = option(
        DEFAULT_METHODS,
        "stage-two methods that are tried on each trial's features; the trial gets the result of the best",
    )
    keep_bias: bool = option(False, "keep the classifier's bias instead of dropping it where tau is applied")
    trials: int = option(24, "trials in all; calling again with more continues from those done")
    stage2: str = option(
        BEST,
        "stage-two method, or all of them, for the run that is trained with the best values; best: that of the best "
        "trial",
    )
    study: str = option("joint", "name of the study in the run folder; another name starts another study")

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_plain_name(self.study)
        _require_range("low", self.low, "high", self.high, above=0)
        _require_range("lr_low", self.lr_low, "lr_high", self.lr_high, above=0)
        _require_different("methods", self.methods)
        require_flag("keep_bias", self.keep_bias)


@dataclass(frozen=True, kw_only=True)
class TauConfig(SearchConfig):
    """Search tau on the cached validation features by balanced accuracy, and make the best the run's tau classifier."""

    weights: Weights = option("last", WEIGHTS_HELP)
    trials: int = option(30, "trials in all; calling again with more continues from those done")
    low: float = option(0.0, "smallest tau")
    high: float = option(2.0, "largest tau")
    search: Literal["tpe", "random", "grid"] = option(
        "tpe", "tpe, random, or grid: as many evenly spaced values as --trials"
    )
    holdout: float = option(
        0.0,
        "choose tau on this share of the training images, held out from a second training with the settings of the "
        "run, and use it on the run, trained on all of them; 0: choose on the run's own images; 0.2 is usual",
    )
    keep_bias: bool = option(False, "keep the classifier's bias instead of dropping it")
    seeds: int = option(1, "where --run names runs of several seeds, how many of them to search on; default: all")
    study: str | None = option(
        None, "name of the study in the run folder; default: tau, or tau-best for --weights best"
    )
    refresh_features: bool = option(False, "compute the features again, whatever is cached")

    @property
    def study_name(self) -> str:
        """The study's name, the default resolved."""
        return self.study or ("tau" if self.weights == "last" else f"tau-{self.weights}")

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_plain_name(self.study)
        require_number("low", self.low, at_least=-MAX_TAU, at_most=MAX_TAU, usual="0 to 2 is usual")
        require_number("high", self.high, at_least=-MAX_TAU, at_most=MAX_TAU, usual="0 to 2 is usual")
        _require_range("low", self.low, "high", self.high)
        require_whole("seeds", self.seeds, at_least=1)
        require_choice("weights", self.weights, WEIGHTS)
        require_number("holdout", self.holdout, at_least=0, below=1, usual="0.2 is usual")
        if self.holdout and self.folds:
            raise ConfigError("`holdout` and `folds` contradict each other; give one of them")
        require_choice("search", self.search, ("tpe", "random", "grid"))
        require_flag("keep_bias", self.keep_bias)
        require_flag("refresh_features", self.refresh_features)


SearchableMethod = Literal["crt", "lws"]  # those whose trait `searchable` is True; here without importing them


@dataclass(frozen=True, kw_only=True)
class Stage2SearchConfig(SearchConfig):
    """Search how a stage-two classifier is trained on the cached features, and make the best the run's classifier."""

    method: SearchableMethod = option("crt", "the method whose training is searched")
    weights: Weights = option("last", WEIGHTS_HELP)
    trials: int = option(30, "trials in all; calling again with more continues from those done")
    lr_low: float = option(1e-3, "smallest learning rate, above 0")
    lr_high: float = option(2.0, "largest learning rate")
    low: float = option(1e-6, "smallest weight decay, above 0")
    high: float = option(1e-2, "largest weight decay")
    epochs_low: int = option(2, "fewest epochs, 1 or more")
    epochs_high: int = option(30, "most epochs")
    select: SelectionMetric = option("balanced", "metric of the held-out images that is maximized")
    samplers: tuple[str, ...] = option(("instance", "sqrt", "class"), "samplers to choose from")
    seeds: int = option(
        1,
        "fits with the best values, with the seeds --seed, --seed + 1 and so on; where --run names runs of several "
        "seeds, how many of them to search on; default: all",
    )
    study: str | None = option(
        None, "name of the study in the run folder; default: stage2-METHOD, with -best for --weights best"
    )
    refresh_features: bool = option(False, "compute the features again, whatever is cached")

    @property
    def study_name(self) -> str:
        """The study's name, the default resolved."""
        return self.study or f"stage2-{self.method}" + ("" if self.weights == "last" else f"-{self.weights}")

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_plain_name(self.study)
        _require_range("low", self.low, "high", self.high, above=0)
        _require_range("lr_low", self.lr_low, "lr_high", self.lr_high, above=0)
        require_whole("seeds", self.seeds, at_least=1)
        require_whole("epochs_low", self.epochs_low, at_least=1)
        require_whole("epochs_high", self.epochs_high)
        _require_range("epochs_low", self.epochs_low, "epochs_high", self.epochs_high)
        _require_different("samplers", self.samplers)
        require_choice("select", self.select, SELECTION_METRICS)
        require_choice("weights", self.weights, WEIGHTS)
        require_choice("method", self.method, get_args(SearchableMethod))
        require_flag("refresh_features", self.refresh_features)


def _require_range(low_name: str, low: float, high_name: str, high: float, *, above: float | None = None) -> None:
    """Check that the ends of a range are two numbers in order, and the lower above 0 for a logarithmic range."""
    require_number(low_name, low)
    require_number(high_name, high)
    if above is not None:
        require_number(low_name, low, above=above, usual="the search is logarithmic")
    if not low < high:
        raise ConfigError(f"`{low_name}` must be below `{high_name}`, got {low} and {high}")


def _require_different(name: str, values: tuple[str, ...]) -> None:
    """Check that there are one or more names, each once."""
    if not values or len(set(values)) < len(values):
        raise ConfigError(f"`{name}` must be one or more different names, got {', '.join(values) or 'none'}")


def _require_plain_name(study: str | None) -> None:
    """Check that a study's name can be that of a file."""
    if study is not None and not re.fullmatch(r"\w[\w.-]*", study):
        raise ConfigError(f"`study` must be a plain name of letters, digits, '.', '-' and '_', got '{study}'")
