"""What `decouple tune ...` can be told. Defaults live here and nowhere else."""

import math
import re
from dataclasses import dataclass
from typing import Any, Literal

from decouple.config import option
from decouple.errors import ConfigError
from decouple.settings import DEFAULT_RUNS


@dataclass(frozen=True, kw_only=True)
class WeightDecayConfig:
    """Search the weight decay of a stage-one run by validation balanced accuracy, then train with the best value."""

    run: str | None = option(
        None, "stage-one run whose settings are tuned: a folder, or a name under --runs; default: the latest"
    )
    runs: str = option(DEFAULT_RUNS, "folder that holds the runs")
    trials: int = option(12, "trials in all; calling again with more goes on from those done")
    low: float = option(1e-5, "smallest weight decay, above 0")
    high: float = option(1e-1, "largest weight decay")
    epochs: int | None = option(None, "epochs of a trial; default: those of the run")
    holdout: float = option(0.2, "share of the training images that judges a trial, in (0, 1)")
    seed: int = option(0, "seed of the search and of the holdout; the training has that of the run")
    study: str = option("weight-decay", "name of the study in the run folder; another name starts another study")
    no_retrain: bool = option(False, "only search; do not train on the full training set with the best value")
    root: str | None = option(None, "where the images are now, if they have moved since training")
    device: str = option("auto", "auto, cpu, cuda or cuda:N")

    def __post_init__(self) -> None:
        _check_search(self)
        if not self.low > 0:
            raise ConfigError(f"--low must be above 0, because the search is logarithmic; got {self.low}")
        if not 0 < self.holdout < 1:
            raise ConfigError(f"--holdout must be between 0 and 1, got {self.holdout}")
        if self.epochs is not None and self.epochs < 1:
            raise ConfigError(f"--epochs must be 1 or more, got {self.epochs}")


@dataclass(frozen=True, kw_only=True)
class TauConfig:
    """Search tau on the cached validation features by balanced accuracy, and make the best the run's tau classifier."""

    run: str | None = option(None, "stage-one run: a folder, or a name under --runs; default: the latest")
    runs: str = option(DEFAULT_RUNS, "folder that holds the runs")
    weights: Literal["last", "best"] = option("last", "stage-one weights: of the last epoch, or best on validation")
    trials: int = option(30, "trials in all; calling again with more goes on from those done")
    low: float = option(0.0, "smallest tau")
    high: float = option(2.0, "largest tau")
    search: Literal["tpe", "grid"] = option("tpe", "tpe, or as many evenly spaced values as --trials")
    keep_bias: bool = option(False, "keep the classifier's bias instead of dropping it")
    seed: int = option(0, "seed of the search")
    study: str | None = option(
        None, "name of the study in the run folder; default: tau, or tau-best for --weights best"
    )
    refresh_features: bool = option(False, "compute the features again, whatever is cached")
    root: str | None = option(
        None, "where the images are now, if they have moved since training; needed only without a cache"
    )
    device: str = option("auto", "auto, cpu, cuda or cuda:N: where features are computed")

    @property
    def study_name(self) -> str:
        """The study's name, the default resolved."""
        return self.study or ("tau" if self.weights == "last" else f"tau-{self.weights}")

    def __post_init__(self) -> None:
        _check_search(self)
        if not -10 <= self.low < self.high <= 10:
            raise ConfigError(f"--low and --high must be between -10 and 10, got {self.low} and {self.high}")


def _check_search(config: Any) -> None:
    if config.trials < 1:
        raise ConfigError(f"--trials must be 1 or more, got {config.trials}")
    if not -math.inf < config.low < config.high < math.inf:
        raise ConfigError(f"--low must be below --high, got {config.low} and {config.high}")
    if config.study is not None and not re.fullmatch(r"\w[\w.-]*", config.study):
        raise ConfigError(f"--study must be a plain name of letters, digits, '.', '-' and '_', got '{config.study}'")
