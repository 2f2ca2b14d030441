"""What `decouple stage2` can be told. The methods' own dataclasses repeat the defaults, and a test keeps them equal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from decouple.config import option
from decouple.errors import ConfigError
from decouple.evaluation.selection_metrics import Measure
from decouple.options import OptionValue
from decouple.settings import DEFAULT_RUNS
from stage2.external_features_settings import ExternalFeaturesOptions

ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Stage2Config(ExternalFeaturesOptions):
    """Re-balance the classifier of a stage-one run on its cached features."""

    method: str = option(ALL, "one of them, which `decouple methods` lists, or all of them in one table")
    run: str | None = option(None, "stage-one run: a folder, or a name under --runs; default: the latest")
    runs: str = option(DEFAULT_RUNS, "folder that holds the runs")
    weights: Literal["last", "best"] = option("last", "stage-one weights: of the last epoch, or best on validation")
    sampler: str | None = option(
        None,
        "trained methods: which images an epoch draws; `decouple methods` lists all; default: class, "
        "weight_balance and disalign instance",
    )
    sampler_options: dict[str, OptionValue] = option({}, "trained methods: options of the sampler")
    loss: str | None = option(
        None,
        "trained methods: training loss; `decouple methods` lists all; default: ce, weight_balance class_balanced, "
        "las label_aware_smoothing",
    )
    loss_options: dict[str, OptionValue] = option({}, "trained methods: options of the loss")
    epochs: int | tuple[int, ...] | None = option(
        None, "trained methods: epochs, each of as many draws as there are training images; of several the best"
    )
    batch_size: int = option(128, "trained methods: features in a step")
    lr: float | tuple[float, ...] | None = option(
        None,
        "trained methods: learning rate at the start, above 0, which falls to 0 along a cosine; of several the best; "
        "default: 0.1, weight_balance 0.01",
    )
    momentum: float = option(0.9, "trained methods: momentum of SGD, in [0, 1)")
    weight_decay: float | None = option(
        None,
        "trained methods: L2 coefficient added to the gradient each step, 0 or more; default: 5e-4, weight_balance 0.1",
    )
    norm_threshold: float = option(
        0.1, "weight_balance: cap on the weight norms, from 0, the smallest of stage one's norms, to 1, the largest"
    )
    rho: float = option(1.0, "disalign: exponent on the inverse class frequencies that weigh its loss, 0 to 4")
    tau: float | tuple[float, ...] | None = option(
        None,
        "tau: exponent on the weight norms; logit_adjust: factor on the log class shares; of several the best; "
        "default: the best of 101 in [0, 2]",
    )
    k: int | tuple[int, ...] | None = option(
        None, "knn: neighbours that vote; of several the best; default: the best of 1, 3, 5, 10, 20, 50, 100, 200"
    )
    select: Measure = option(
        "balanced", "measure by which the best of several values is chosen on validation, never on the test split"
    )
    folds: int = option(
        0,
        "choose by the mean over so many stratified folds of training and validation images, then fit to both "
        "together; 0: choose on the validation split",
    )
    keep_bias: bool = option(False, "tau: keep the classifier's bias instead of dropping it")
    metric: Literal["cosine", "euclidean", "cl2n"] = option("cosine", "ncm: how features are compared with class means")
    seed: int = option(0, "seed of initialisation and draws")
    seeds: int = option(
        1,
        "fits of each method, with the seeds --seed, --seed + 1 and so on; where --run names runs of several seeds, "
        "how many of them; default: all",
    )
    views: int | Literal["live"] = option(
        1,
        "trained methods: augmented views of each training image that are cached, one of them drawn at each visit; "
        "1: the clean image; live: the backbone run on newly augmented images every epoch",
    )
    feature_precision: Literal["auto", "float32", "float16", "bfloat16"] = option(
        "auto",
        "how features are stored; auto: as they are, float32 where there are none; float16 (11 bits, up to 65,504) and "
        "bfloat16 (8 bits, any size, faster to read) halve the file",
    )
    precision: Literal["auto", "bf16", "fp32"] = option(
        "auto",
        "trained methods: products in bfloat16 or float32 while they are trained; auto: bf16 for a classifier of a "
        "million weights or more where hardware has it; all results are computed in float32",
    )
    refresh_features: bool = option(False, "compute the features again, whatever is cached")
    root: str | None = option(
        None, "where the images are now, if they have moved since training; needed only without a cache"
    )
    device: str = option("auto", "auto, cpu, cuda or cuda:N: where features are computed")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.features is not None and (
            self.run is not None or self.views != 1 or self.weights != "last" or self.refresh_features
        ):
            raise ConfigError(
                "--features makes a run of its own, without images: leave out --run, --views, --weights and "
                "--refresh-features"
            )
        for name in ("epochs", "batch_size", "seeds", "k"):
            _require(self, name, lambda value: value >= 1, "1 or more")
        if self.views != "live" and self.views < 1:
            raise ConfigError(f"--views must be 1 or more, or live, got {self.views}")
        if self.folds < 0 or self.folds == 1:
            raise ConfigError(f"--folds must be 2 or more, or 0 for the validation split, got {self.folds}")
        _require(self, "lr", lambda value: 0 < value < float("inf"), "above 0")
        _require(self, "weight_decay", lambda value: 0 <= value < float("inf"), "0 or more", "5e-4 is a usual start")
        _require(self, "momentum", lambda value: 0 <= value < 1, "0 or more and below 1")
        _require(self, "norm_threshold", lambda value: 0 <= value <= 1, "between 0 and 1", "0.1 is usual")
        _require(self, "rho", lambda value: 0 <= value <= 4, "between 0 and 4", "1 is usual")
        _require(self, "tau", lambda value: -10 <= value <= 10, "between -10 and 10", "0 to 2 is usual")


def values_of(config: Stage2Config, name: str) -> tuple[Any, ...]:
    """Return the values that were given for an option: none, one, or several."""
    found = getattr(config, name)
    if isinstance(found, tuple):
        return found
    return () if found is None else (found,)


def _require(
    config: Stage2Config, name: str, holds: Callable[[float], bool], allowed: str, usual: str | None = None
) -> None:
    found, option_name = getattr(config, name), f"--{name.replace('_', '-')}"
    values = values_of(config, name)
    if found == ():
        raise ConfigError(f"{option_name} needs a value, or leave it out")
    for value in values:
        if not holds(value):
            raise ConfigError(f"{option_name} must be {allowed}, got {value}{f'; {usual}' if usual else ''}")
    if len(set(values)) < len(values):
        raise ConfigError(f"{option_name} names a value twice: {', '.join(f'{value:g}' for value in values)}")
