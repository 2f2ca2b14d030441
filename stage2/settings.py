"""What `decouple stage2` can be told. The methods' own dataclasses repeat the defaults, and a test keeps them equal."""

from dataclasses import dataclass
from typing import Literal

from decouple.config import option
from decouple.errors import ConfigError
from decouple.options import OptionValue
from decouple.settings import DEFAULT_RUNS
from stage2.own_settings import OwnFeaturesOptions

ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Stage2Config(OwnFeaturesOptions):
    """Re-balance the classifier of a stage-one run on its cached features."""

    method: str = option(ALL, "none, crt, lws, tau, ncm, or all of them in one table")
    run: str | None = option(None, "stage-one run: a folder, or a name under --runs; default: the latest")
    runs: str = option(DEFAULT_RUNS, "folder that holds the runs")
    weights: Literal["last", "best"] = option("last", "stage-one weights: of the last epoch, or best on validation")
    sampler: str = option("class", "crt, lws: which images an epoch draws; `decouple methods` lists all samplers")
    sampler_options: dict[str, OptionValue] = option({}, "crt, lws: options of the sampler")
    loss: str = option("ce", "crt, lws: training loss; `decouple methods` lists all")
    loss_options: dict[str, OptionValue] = option({}, "crt, lws: options of the loss")
    epochs: int = option(10, "crt, lws: epochs, each of as many draws as there are training images")
    batch_size: int = option(128, "crt, lws: features in a step")
    lr: float = option(0.1, "crt, lws: learning rate at the start, above 0; falls to 0 along a cosine")
    momentum: float = option(0.9, "crt, lws: momentum of SGD, in [0, 1)")
    weight_decay: float = option(5e-4, "crt, lws: L2 coefficient added to the gradient each step, 0 or more")
    tau: float | None = option(
        None, "tau: exponent on the weight norms; default: the best on validation of 101 in [0, 2]"
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
    feature_precision: Literal["auto", "float32", "float16"] = option(
        "auto", "how features are stored; auto: as they are, float32 where there are none; float16 halves the file"
    )
    refresh_features: bool = option(False, "compute the features again, whatever is cached")
    root: str | None = option(
        None, "where the images are now, if they have moved since training; needed only without a cache"
    )
    device: str = option("auto", "auto, cpu, cuda or cuda:N: where features are computed")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.features is not None and (self.run is not None or self.views != 1 or self.weights != "last"):
            raise ConfigError("--features makes a run of its own, without images: leave out --run, --views, --weights")
        for name in ("epochs", "batch_size", "seeds"):
            if getattr(self, name) < 1:
                raise ConfigError(f"--{name.replace('_', '-')} must be 1 or more, got {getattr(self, name)}")
        if self.views != "live" and self.views < 1:
            raise ConfigError(f"--views must be 1 or more, or live, got {self.views}")
        if not 0 < self.lr < float("inf"):
            raise ConfigError(f"--lr must be above 0, got {self.lr}")
        if not 0 <= self.weight_decay < float("inf"):
            raise ConfigError(f"--weight-decay must be 0 or more, got {self.weight_decay}; 5e-4 is a usual start")
        if not 0 <= self.momentum < 1:
            raise ConfigError(f"--momentum must be 0 or more and below 1, got {self.momentum}")
        if self.tau is not None and not -10 <= self.tau <= 10:
            raise ConfigError(f"--tau must be between -10 and 10, got {self.tau}; 0 to 2 is usual")
