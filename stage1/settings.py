"""What `decouple stage1` can be told. Defaults live here and nowhere else."""

from dataclasses import dataclass
from typing import Literal

from decouple.config import option
from decouple.datasets.settings import BENCHMARKS, FILES, DataConfig
from decouple.errors import ConfigError
from decouple.options import OptionValue
from decouple.settings import DEFAULT_RUNS

COSINE_SCALE = 30.0
MOST_WARMUP = 5  # epochs, where the user does not say; Cao et al., NeurIPS 2019, have as many


@dataclass(frozen=True, kw_only=True)
class Stage1Config(DataConfig):
    """Learn a representation and a first classifier."""

    model: str = option("resnet20", "backbone: resnet20, resnet32, resnet44, resnet56, or any timm model by name")
    pretrained: str | None = option(None, "weights to start from: a file, or 'download' for those timm offers")
    classifier: Literal["auto", "linear", "cosine"] = option("auto", "last layer; auto: what the loss wants")
    cosine_scale: float = option(
        COSINE_SCALE, "factor on the cosines of a cosine classifier, above 0; a cosine loss has its own"
    )
    loss: str = option("ce", "training loss; `decouple methods` lists all with their options")
    loss_options: dict[str, OptionValue] = option({}, "options of the loss, such as gamma=1")
    drw: bool = option(False, "deferred re-weighting: class weights join the loss late in training")
    drw_options: dict[str, OptionValue] = option({}, "start (share of the epochs, 0.8) and beta (0.9999) of --drw")
    sampler: str = option("instance", "which images an epoch draws; `decouple methods` lists all samplers")
    sampler_options: dict[str, OptionValue] = option({}, "options of the sampler, such as q=0.3")
    mix: str = option("none", "mixing of the images of a batch: none, mixup, cutmix, remix")
    mix_options: dict[str, OptionValue] = option({}, "options of the mixing, such as alpha=0.2")
    augment: Literal["auto", "none", "crop", "crop-flip"] = option(
        "auto",
        "random crops (padding 1/8 of the side) and mirror images; auto: no mirroring where it changes the class",
    )
    epochs: int = option(30, "passes over the training images")
    batch_size: int = option(32, "images in a step")
    optimizer: Literal["sgd", "adam"] = option("sgd", "sgd with momentum, or adam")
    lr: float = option(0.05, "learning rate after warm-up, above 0; adam wants about 0.001")
    momentum: float = option(0.9, "momentum of sgd, in [0, 1)")
    weight_decay: float = option(5e-4, "L2 coefficient added to the gradient each step, 0 or more")
    schedule: Literal["cosine", "multistep", "step", "constant"] = option("cosine", "how the learning rate falls")
    milestones: tuple[int, ...] = option(
        (), "multistep: epochs at which lr falls by --gamma; default 80 and 90 % of all"
    )
    step_size: int = option(30, "step: lr falls by --gamma every so many epochs")
    gamma: float = option(0.1, "factor on lr at each milestone or step, in (0, 1]")
    warmup_epochs: int | None = option(
        None, "epochs of linear warm-up from 0, which weighted losses need; default: a fifth of all, at most 5"
    )
    seed: int = option(0, "seed of initialisation, order and augmentation")
    seeds: int = option(
        1, "runs to train, with the seeds --seed, --seed + 1 and so on; finished ones are not trained again"
    )
    device: str = option("auto", "auto, cpu, cuda or cuda:N")
    precision: Literal["auto", "bf16", "fp32"] = option(
        "auto", "of the backbone: fp32, bf16 (bfloat16 products, float32 weights), or auto: bf16 where hardware has it"
    )
    compile: bool = option(
        False, "compile the step with torch.compile: takes a minute or two at first, and pays in long runs"
    )
    resident: Literal["auto", "yes", "no"] = option(
        "auto", "keep padded training images on the device, from which a batch is one gather; auto: where they fit"
    )
    no_image_cache: bool = option(
        False, "decode image files again in every command, rather than keep their pixels in .cache in the --runs folder"
    )
    runs: str = option(DEFAULT_RUNS, "folder that gets the run")
    name: str | None = option(None, "name of the run folder; default: made from the settings, with a number")
    resume: bool = option(False, "continue an interrupted run: the latest, or --name; its settings hold")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("epochs", "batch_size", "step_size", "seeds"):
            if getattr(self, name) < 1:
                raise ConfigError(f"--{name.replace('_', '-')} must be 1 or more, got {getattr(self, name)}")
        for name in ("lr", "cosine_scale"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ConfigError(f"--{name.replace('_', '-')} must be above 0, got {getattr(self, name)}")
        for switch, off in (("drw", False), ("mix", "none")):
            if getattr(self, f"{switch}_options") and getattr(self, switch) == off:
                raise ConfigError(f"--{switch}-options has no meaning without --{switch}")
        if not 0 <= self.weight_decay < float("inf"):
            raise ConfigError(f"--weight-decay must be 0 or more, got {self.weight_decay}; 5e-4 is a usual start")
        if not 0 <= self.momentum < 1:
            raise ConfigError(f"--momentum must be 0 or more and below 1, got {self.momentum}")
        if not 0 < self.gamma <= 1:
            raise ConfigError(f"--gamma must be above 0 and at most 1, got {self.gamma}")
        if self.no_image_cache and self.data in BENCHMARKS:
            raise ConfigError(f"--no-image-cache has no meaning for --data {self.data}; it is for {', '.join(FILES)}")
        if not 0 <= self.warmup <= self.epochs:
            raise ConfigError(f"--warmup-epochs must be 0 to --epochs ({self.epochs}), got {self.warmup_epochs}")

    @property
    def warmup(self) -> int:
        """Epochs of warm-up, the default resolved."""
        return min(MOST_WARMUP, round(self.epochs / 5)) if self.warmup_epochs is None else self.warmup_epochs
