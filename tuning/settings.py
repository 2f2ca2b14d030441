"""What `decouple tune ...` can be told. Defaults live here and nowhere else."""

import math
import re
from dataclasses import dataclass
from typing import Any, Literal

from decouple.config.command_settings import DEFAULT_RUNS
from decouple.config.fields import option
from decouple.errors import ConfigError

BEST = "best"  # for `--stage2` of a search that chooses the method too


@dataclass(frozen=True, kw_only=True)
class SearchConfig:
    """What every search can be told."""

    run: str | None = option(
        None, "stage-one run whose settings are tuned: a folder, or a name under --runs; default: the latest"
    )
    runs: str = option(DEFAULT_RUNS, "folder that holds the runs")
    trials: int = option(12, "trials in all; calling again with more goes on from those done")
    seed: int = option(0, "seed of the search, and of the holdout or folds; the training has that of the run")
    workers: int = option(1, "processes on this machine, spread over its GPUs; with 1 a seed gives the same trials")
    workers_per_gpu: int | None = option(
        None, "processes that share each GPU of this machine, in place of --workers; small networks leave a GPU room"
    )
    storage: str | None = option(
        None,
        "where the study is kept: journal:FILE or FILE.log on a shared disk, or a URL such as postgresql://user@host/"
        "name; default: a SQLite file in the run folder",
    )
    folds: int = option(
        0,
        "judge a trial by so many stratified folds, pooled: of the training images for weight-decay and joint, instead "
        "of --holdout, of training and validation images for tau and stage2; 0: one split",
    )
    root: str | None = option(None, "where the images are now, if they have moved since training")
    device: str = option("auto", "auto, cpu, cuda or cuda:N; auto and cuda with --workers: all GPUs in turn")

    def __post_init__(self) -> None:
        if self.trials < 1:
            raise ConfigError(f"--trials must be 1 or more, got {self.trials}")
        if self.workers < 1:
            raise ConfigError(f"--workers must be 1 or more, got {self.workers}")
        if self.workers_per_gpu is not None and self.workers_per_gpu < 1:
            raise ConfigError(f"--workers-per-gpu must be 1 or more, got {self.workers_per_gpu}")
        if self.folds < 0 or self.folds == 1:
            raise ConfigError(f"--folds must be 2 or more, or 0 for one split, got {self.folds}")


@dataclass(frozen=True, kw_only=True)
class TrainingSearchConfig(SearchConfig):
    """What every search that trains networks can be told."""

    epochs: int | None = option(None, "epochs of a trial; default: those of the run")
    holdout: float = option(0.2, "share of the training images that judges a trial, in (0, 1)")
    prune: bool = option(False, "end a trial whose validation accuracy is below the median at that epoch")
    no_retrain: bool = option(
        False, "only search; do not train on the full training set with the best values, nor run stage two"
    )
    stage2: str = option("all", "stage-two method, or all of them, for the run that is trained with the best values")
    seeds: int = option(1, "trainings with the best values, with the run's seed and those after it; stage two on each")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.holdout < 1:
            raise ConfigError(f"--holdout must be between 0 and 1, got {self.holdout}")
        if self.epochs is not None and self.epochs < 1:
            raise ConfigError(f"--epochs must be 1 or more, got {self.epochs}")
        require_seeds(self.seeds)


@dataclass(frozen=True, kw_only=True)
class WeightDecayConfig(TrainingSearchConfig):
    """Search the weight decay of a stage-one run by validation balanced accuracy, then train with the best value."""

    low: float = option(1e-5, "smallest weight decay, above 0")
    high: float = option(1e-1, "largest weight decay")
    study: str = option("weight-decay", "name of the study in the run folder; another name starts another study")

    def __post_init__(self) -> None:
        super().__post_init__()
        require_plain_name(self.study)
        require_range(self, "low", "high", log=True)


@dataclass(frozen=True, kw_only=True)
class JointConfig(TrainingSearchConfig):
    """Search weight decay and learning rate of a stage-one run together, each trial judged with its own best tau.

    With --methods, each trial is judged with the best of several stage-two methods.
    """

    low: float = option(1e-5, "smallest weight decay, above 0")
    high: float = option(1e-1, "largest weight decay")
    lr_low: float = option(1e-3, "smallest learning rate, above 0")
    lr_high: float = option(0.5, "largest learning rate")
    methods: tuple[str, ...] = option(
        ("tau",), "stage-two methods that are tried on each trial's features; the best judges the trial"
    )
    keep_bias: bool = option(False, "keep the classifier's bias instead of dropping it where tau is applied")
    trials: int = option(24, "trials in all; calling again with more goes on from those done")
    stage2: str = option(
        BEST,
        "stage-two method, or all of them, for the run that is trained with the best values; best: that of the best "
        "trial",
    )
    study: str = option("joint", "name of the study in the run folder; another name starts another study")

    def __post_init__(self) -> None:
        super().__post_init__()
        require_plain_name(self.study)
        require_range(self, "low", "high", log=True)
        require_range(self, "lr_low", "lr_high", log=True)
        if not self.methods or len(set(self.methods)) < len(self.methods):
            raise ConfigError("--methods must be one or more names, each once")


@dataclass(frozen=True, kw_only=True)
class TauConfig(SearchConfig):
    """Search tau on the cached validation features by balanced accuracy, and make the best the run's tau classifier."""

    weights: Literal["last", "best"] = option("last", "stage-one weights: of the last epoch, or best on validation")
    trials: int = option(30, "trials in all; calling again with more goes on from those done")
    low: float = option(0.0, "smallest tau")
    high: float = option(2.0, "largest tau")
    search: Literal["tpe", "grid"] = option("tpe", "tpe, or as many evenly spaced values as --trials")
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
        require_plain_name(self.study)
        require_range(self, "low", "high")
        require_seeds(self.seeds)
        if not -10 <= self.low < self.high <= 10:
            raise ConfigError(f"--low and --high must be between -10 and 10, got {self.low} and {self.high}")


@dataclass(frozen=True, kw_only=True)
class Stage2SearchConfig(SearchConfig):
    """Search how a stage-two classifier is trained on the cached features, and make the best the run's classifier."""

    method: Literal["crt", "lws"] = option("crt", "the method whose training is searched")
    weights: Literal["last", "best"] = option("last", "stage-one weights: of the last epoch, or best on validation")
    trials: int = option(30, "trials in all; calling again with more goes on from those done")
    lr_low: float = option(1e-3, "smallest learning rate, above 0")
    lr_high: float = option(2.0, "largest learning rate")
    low: float = option(1e-6, "smallest weight decay, above 0")
    high: float = option(1e-2, "largest weight decay")
    epochs_low: int = option(2, "fewest epochs, 1 or more")
    epochs_high: int = option(30, "most epochs")
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
        require_plain_name(self.study)
        require_range(self, "low", "high", log=True)
        require_range(self, "lr_low", "lr_high", log=True)
        require_seeds(self.seeds)
        if not 1 <= self.epochs_low < self.epochs_high:
            raise ConfigError(
                f"--epochs-low must be 1 or more and below --epochs-high, got {self.epochs_low} and {self.epochs_high}"
            )
        if not self.samplers or len(set(self.samplers)) < len(self.samplers):
            raise ConfigError("--samplers must be one or more names, each once")


def require_range(config: Any, low: str, high: str, *, log: bool = False) -> None:
    """Check the ends of a range.

    Raises:
        ConfigError: they are not two numbers in order, or the lower is not above 0 and the range is logarithmic.
    """
    smallest, largest = getattr(config, low), getattr(config, high)
    ends = [f"--{name.replace('_', '-')}" for name in (low, high)]
    if not -math.inf < smallest < largest < math.inf:
        raise ConfigError(f"{ends[0]} must be below {ends[1]}, got {smallest} and {largest}")
    if log and not smallest > 0:
        raise ConfigError(f"{ends[0]} must be above 0, because the search is logarithmic; got {smallest}")


def require_seeds(seeds: int) -> None:
    """Check the number of seeds.

    Raises:
        ConfigError: it is not 1 or more.
    """
    if seeds < 1:
        raise ConfigError(f"--seeds must be 1 or more, got {seeds}")


def require_plain_name(study: str | None) -> None:
    """Check that a study's name can be that of a file.

    Raises:
        ConfigError: it cannot.
    """
    if study is not None and not re.fullmatch(r"\w[\w.-]*", study):
        raise ConfigError(f"--study must be a plain name of letters, digits, '.', '-' and '_', got '{study}'")
