"""Options of `decouple stage2`. The methods' own dataclasses repeat the defaults, and a test keeps them equal."""

from dataclasses import dataclass
from typing import Any, Literal

from decouple.checks import require_choice, require_device_name, require_whole
from decouple.config.command_settings import DEFAULT_RUNS, GROUPS_HELP, require_groups
from decouple.config.fields import option, positional
from decouple.config.table_options import OptionValue
from decouple.config.weights_option import WEIGHTS_HELP, Weights
from decouple.errors import ConfigError
from decouple.evaluation.selection_metrics import SELECTION_METRICS, SelectionMetric
from stage2.external_features_settings import ExternalFeaturesOptions
from stage2.hyperparameter_checks import require_folds, require_hyperparameters

ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Stage2Config(ExternalFeaturesOptions):
    """Re-balance the classifier of a stage-one run on its cached features."""

    method: str = option(
        ALL, "a stage-two method, see `decouple methods`, or all of them except mislas and los in one table"
    )
    run: str | None = positional(
        None, "stage-one run: a folder, or a name under --runs; default: the latest", metavar="[RUN]"
    )
    runs: str = option(DEFAULT_RUNS, "folder that holds the runs", kind="a folder")
    weights: Weights = option("last", WEIGHTS_HELP)
    sampler: str | None = option(
        None,
        "trained methods: sampler of the images of an epoch; `decouple methods` lists all; default: class, "
        "weight_balance, disalign and los instance",
    )
    sampler_options: dict[str, OptionValue] = option({}, "trained methods: options of the sampler")
    loss: str | None = option(
        None,
        "trained methods: training loss; `decouple methods` lists all; default: ce, weight_balance class_balanced, "
        "las and mislas label_aware_smoothing",
    )
    loss_options: dict[str, OptionValue] = option({}, "trained methods: options of the loss")
    epochs: int | tuple[int, ...] | None = option(
        None, "trained methods: epochs of as many draws as there are training images; of several the best"
    )
    batch_size: int = option(128, "trained methods: features in a step")
    lr: float | tuple[float, ...] | None = option(
        None,
        "trained methods: initial learning rate, above 0; it falls to 0 along a cosine; of several the best; "
        "default: 0.1, weight_balance 0.01",
    )
    momentum: float = option(0.9, "trained methods: momentum of SGD, in [0, 1)")
    weight_decay: float | None = option(
        None,
        "trained methods: L2 coefficient added to the gradient each step, 0 or more; default: 5e-4, "
        "weight_balance 0.1, los 0",
    )
    norm_threshold: float = option(
        0.1, "weight_balance: cap on the weight norms, from 0, the smallest of stage one's norms, to 1, the largest"
    )
    lr_factor: float | tuple[float, ...] = option(
        0.2,
        "mislas: factor on the learning rate of stage one's weights, from 0, which keeps them, to 1; of several the "
        "best",
    )
    fixed_scale: bool = option(False, "mislas: learn no factor for each class, only stage one's weights")
    smoothing: float | tuple[float, ...] = option(
        0.98, "los: share of the target that all classes get alike, 0 or more and below 1; of several the best"
    )
    rho: float = option(1.0, "disalign: exponent on the inverse class frequencies that weigh its loss, 0 to 4")
    tau: float | tuple[float, ...] | None = option(
        None,
        "tau: exponent on the weight norms; logit_adjust: factor on the log class shares; of several the best; "
        "default: the best of 101 in [0, 2], and of more up to 8 while the best is the largest",
    )
    k: int | tuple[int, ...] | None = option(
        None,
        "knn: neighbours that vote; of several the best; default: the best of 1, 3, 5, 10, 20, 50, 100, 200, and of "
        "500, 1000, 2000 while the best is the largest",
    )
    select: SelectionMetric = option(
        "balanced", "metric by which the best of several values is chosen on validation, never on the test split"
    )
    folds: int | Literal["auto"] = option(
        0,
        "choose by the mean over this number of stratified folds of training and validation images, then fit to both "
        "together; 0: choose on the validation split; auto: in up to 5 folds where a class has fewer than 10 "
        "validation images",
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
        "trained methods: cached augmented views of each training image, one of them drawn at each visit; "
        "1: the clean image; live: the backbone run on newly augmented images every epoch",
    )
    feature_precision: Literal["auto", "float32", "float16", "bfloat16"] = option(
        "auto",
        "how features are stored; auto: as in the cache, float32 without one; float16 (11 bits, up to 65,504) and "
        "bfloat16 (8 bits, any size, faster to read) halve the file",
    )
    precision: Literal["auto", "bf16", "fp32"] = option(
        "auto",
        "trained methods: products in bfloat16 or float32 during training; auto: bf16 for a classifier of a "
        "million weights or more where hardware has it; all results are computed in float32",
    )
    refresh_features: bool = option(False, "compute the features again, even if they are cached")
    root: str | None = option(
        None, "folder of the images, if they have moved since training; needed only without a cache"
    )
    figures: Literal["chosen", "all"] = option(
        "chosen",
        "figures by class: chosen: of stage one and the recommended method; all: of every method too, and every figure "
        "as SVG too",
    )
    groups: str | None = option(None, GROUPS_HELP, kind="a scheme")
    device: str = option("auto", "device that computes features: auto, cpu, cuda or cuda:N")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.features is not None and (
            self.run is not None or self.views != 1 or self.weights != "last" or self.refresh_features
        ):
            raise ConfigError(
                "`features` makes a run of its own, without images: leave out `run`, `views`, `weights` and "
                "`refresh_features`"
            )
        require_hyperparameters(self, several=True)
        require_choice("select", self.select, SELECTION_METRICS)
        require_choice("figures", self.figures, ("chosen", "all"))
        require_device_name(self.device)
        require_groups(self.groups)
        require_whole("seeds", self.seeds, at_least=1)
        if self.views != "live" and not (isinstance(self.views, int) and self.views >= 1):
            raise ConfigError(f"`views` must be 1 or more, or live, got {self.views}")
        if self.folds != "auto":
            require_folds(self.folds)


def option_values(config: Stage2Config, name: str) -> tuple[Any, ...]:
    """Return the values of an option: none, one, or several."""
    value = getattr(config, name)
    if isinstance(value, tuple):
        return value
    return () if value is None else (value,)
