"""Options of `decouple stage1`, with their defaults and checks."""

from dataclasses import dataclass, replace
from typing import Literal, Self

from decouple.checks import require_device_name, require_field_types, require_folder_path, require_number, require_whole
from decouple.config.command_settings import DEFAULT_RUNS
from decouple.config.fields import Values, option
from decouple.config.table_options import OptionValue
from decouple.datasets.settings import ARRAYS, BENCHMARKS, FILES, DataConfig
from decouple.errors import ConfigError

COSINE_SCALE = 30.0
DEFAULT_LR = {"all": 0.05, "last-block": 0.01, "head": 0.003, "none": 0.003}  # by trained part
MAX_DEFAULT_WARMUP = 5  # epochs, as in Cao et al., NeurIPS 2019


@dataclass(frozen=True, kw_only=True)
class Stage1Config(DataConfig):
    """Learn a representation and a first classifier."""

    model: str = option("resnet20", "backbone: resnet20, resnet32, resnet44, resnet56, or any timm model by name")
    pretrained: str | None = option(
        None,
        "weights to start from: a file, 'package' (tf_efficientnet_lite0, see the extra backbone), or 'download' for "
        "those timm offers",
    )
    drop_rate: float = option(0.0, "dropout before the classifier of a timm model, in [0, 1)")
    drop_path: float = option(0.0, "stochastic depth of a timm model: share of its blocks that are left out, in [0, 1)")
    train: Literal["all", "last-block", "head", "none"] = option(
        "all",
        "part of the network that is trained: all; the last block and the classifier; head: the classifier alone, on "
        "augmented images; none: the classifier alone, on features that are extracted once, which takes seconds",
    )
    normalize: Literal["auto", "data", "pretrained"] = option(
        "auto",
        "mean and deviation of the colours that images are normalized by: of the training images, or those that the "
        "pretrained weights expect; auto: the latter with --pretrained",
    )
    classifier: Literal["auto", "linear", "cosine"] = option("auto", "last layer; auto: what the loss reads")
    cosine_scale: float = option(
        COSINE_SCALE, "factor on the cosines of a cosine classifier, above 0; a cosine loss has its own"
    )
    loss: str = option("ce", "training loss; `decouple methods` lists all with their options")
    loss_options: dict[str, OptionValue] = option({}, "options of the loss, such as gamma=1")
    drw: bool = option(False, "deferred re-weighting: class weights join the loss late in training")
    drw_options: dict[str, OptionValue] = option({}, "start (share of the epochs, 0.8) and beta (0.9999) of --drw")
    sampler: str = option("instance", "which images an epoch draws; `decouple methods` lists all samplers")
    sampler_options: dict[str, OptionValue] = option({}, "options of the sampler, such as q=0.3")
    mix: str = option("none", "batch augmentation that mixes images and labels: none, mixup, cutmix, remix")
    mix_options: dict[str, OptionValue] = option({}, "options of --mix, such as alpha=0.2")
    augment: Literal["auto", "none", "crop", "crop-flip"] = option(
        "auto",
        "random crops (padding 1/8 of the side) and horizontal flips; auto: no flips where they change the class",
    )
    epochs: int = option(30, "passes over the training images")
    batch_size: int = option(32, "images in a step")
    optimizer: str = option(
        "sgd", "sgd with momentum, adam, adamw, or any optimiser of timm by name, such as lamb, lion or nadamw"
    )
    optimizer_options: dict[str, OptionValue] = option(
        {}, "options of the optimiser as timm names them, such as eps=1e-6 or betas=0.9,0.95"
    )
    sam: float = option(
        0.0,
        "radius of sharpness-aware minimisation around any optimiser: 0.05 is usual; steps take twice as long; 0: off",
    )
    lr: float | None = option(
        None,
        "learning rate after warm-up, above 0; adam wants about 0.001; default: 0.05, with --train last-block 0.01, "
        "with head and none 0.003",
    )
    momentum: float = option(0.9, "momentum of sgd and of other optimisers that have one, in [0, 1)")
    weight_decay: float = option(
        5e-4,
        "L2 coefficient added to the gradient each step, 0 or more; adamw and others decouple it from the gradient",
    )
    schedule: Literal["cosine", "multistep", "step", "constant"] = option("cosine", "how the learning rate falls")
    milestones: tuple[int, ...] = option(
        (), "multistep: epochs at which lr is multiplied by --gamma; default 80 and 90 % of all"
    )
    step_size: int = option(30, "step: lr is multiplied by --gamma after every so many epochs")
    gamma: float = option(0.1, "factor on lr at each milestone or step, in (0, 1]")
    warmup_epochs: int | None = option(
        None, "epochs of linear warm-up from 0, which weighted losses need; default: a fifth of all, at most 5"
    )
    seed: int = option(0, "seed of initialisation, order and augmentation")
    seeds: int = option(
        1, "runs to train, with the seeds --seed, --seed + 1 and so on; finished runs are not trained again"
    )
    device: str = option("auto", "auto, cpu, cuda or cuda:N")
    precision: Literal["auto", "bf16", "fp32"] = option(
        "auto", "of the backbone: fp32, bf16 (bfloat16 products, float32 weights), or auto: bf16 if the hardware has it"
    )
    compile: bool = option(
        False, "compile the step with torch.compile: takes a minute or two at first, and saves time in long runs"
    )
    resident: Literal["auto", "yes", "no"] = option(
        "auto",
        "device cache: keep padded training images on the device, so that a batch is one gather; auto: if they fit",
    )
    no_image_cache: bool = option(
        False, "decode image files in every command instead of keeping their pixels in .cache in the --runs folder"
    )
    log: tuple[str, ...] = option(
        (), "records of the epochs beside history.csv: tensorboard (folder tensorboard of the run)"
    )
    runs: str = option(DEFAULT_RUNS, "folder that gets the run", kind="a folder")
    name: str | None = option(None, "name of the run folder; default: from the settings, with a number")
    resume: bool = option(False, "continue an interrupted run: the latest, or --name; its settings hold")

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_ranges()
        require_field_types(self)
        require_folder_path("runs", self.runs)
        for name, off in (("drw", False), ("mix", "none")):
            if getattr(self, f"{name}_options") and getattr(self, name) == off:
                raise ConfigError(f"`{name}_options` has no meaning without `{name}`")
        if self.no_image_cache and self.data in (*BENCHMARKS, ARRAYS):
            raise ConfigError(f"`no_image_cache` has no meaning for `data={self.data}`; it is for {', '.join(FILES)}")

        if self.normalize == "pretrained" and self.pretrained is None:
            raise ConfigError("`normalize=pretrained` has no meaning without `pretrained`")

        if self.train == "none":
            self._require_no_image_options()

    def _require_no_image_options(self) -> None:
        """Check that no option acts on images in training, for the classifier sees features that are cached."""
        image_options: tuple[tuple[str, tuple[object, ...]], ...] = (
            ("mix", ("none",)), ("augment", ("auto", "none")), ("compile", (False,)),
            ("drop_rate", (0,)), ("drop_path", (0,)),
        )  # fmt: skip
        for name, off in image_options:
            value = getattr(self, name)
            if value not in off:
                option_text = f"`{name}`" if value is True else f"`{name}={value}`"
                raise ConfigError(
                    f"{option_text} has no meaning with `train=none`, where the classifier is trained on features that "
                    "are extracted once; use `train=head`"
                )

    def without_pretrained(self) -> Self:
        """Return the settings for a network whose weights are loaded from its run."""
        return replace(self, pretrained=None, normalize="auto")

    def _check_ranges(self) -> None:
        for name in ("epochs", "batch_size", "step_size", "seeds"):
            require_whole(name, getattr(self, name), at_least=1)
        require_whole("seed", self.seed)
        require_device_name(self.device)
        if self.lr is not None:
            require_number("lr", self.lr, above=0, usual="0.05 is usual for sgd")
        require_number("cosine_scale", self.cosine_scale, above=0, usual="30 is usual")
        require_number("weight_decay", self.weight_decay, at_least=0, usual="5e-4 is usual")
        require_number("momentum", self.momentum, at_least=0, below=1, usual="0.9 is usual")
        require_number("sam", self.sam, at_least=0, usual="0.05 is usual")
        for name in ("drop_rate", "drop_path"):
            require_number(name, getattr(self, name), at_least=0, below=1, usual="0.1 is usual")
        require_number("gamma", self.gamma, above=0, at_most=1, usual="0.1 is usual")
        if self.warmup_epochs is not None:
            hint = "at most `epochs`; 5 is usual"
            require_whole("warmup_epochs", self.warmup_epochs, at_least=0, at_most=self.epochs, usual=hint)

    @classmethod
    def adapt_file(cls, file_values: Values, typed: Values) -> tuple[Values, tuple[str, ...]]:
        """Cut the warm-up of a file to the epochs of the command line."""
        warmup, epochs = file_values.get("warmup_epochs"), typed.get("epochs")
        if warmup is None or epochs is None or not 1 <= epochs < warmup or "warmup_epochs" in typed:
            return file_values, ()
        remark = f"`epochs={epochs}` cuts the warm-up of the settings file, {warmup} epochs, to {epochs}"
        return {**file_values, "warmup_epochs": epochs}, (remark,)

    @property
    def initial_lr(self) -> float:
        """Learning rate after warm-up: `lr`, or the default of the trained part."""
        return DEFAULT_LR[self.train] if self.lr is None else self.lr

    def resolved(self, name: str) -> object:
        """Return the value of a setting; of the learning rate the one that is used."""
        return self.initial_lr if name == "lr" else getattr(self, name)

    @property
    def warmup(self) -> int:
        """Epochs of warm-up: `warmup_epochs`, or its default."""
        return min(MAX_DEFAULT_WARMUP, round(self.epochs / 5)) if self.warmup_epochs is None else self.warmup_epochs
