"""Options of `decouple fit`."""

from dataclasses import dataclass
from typing import Literal

from decouple.checks import require_device_name, require_field_types, require_folder_path, require_whole
from decouple.config.command_settings import DEFAULT_RUNS
from decouple.config.fields import option, positional
from decouple.errors import ConfigError

NO_WEIGHTS = "none"  # value of `pretrained`: train from random weights


@dataclass(frozen=True, kw_only=True)
class FitConfig:
    """From a folder of images to a recommended classifier: check, frozen features, all of stage two, training, advice.

    With pretrained weights every method of stage two is fitted to frozen features first, which takes a minute. Stage
    one is then trained on a GPU, or where --train says so, and replaces the frozen features if it is better on
    validation. `decouple predict` then uses the result.
    """

    images: str | None = positional(
        None, "folder with one subfolder per class, or with train/, val/ and test/; or a CSV file path,label[,split]",
        metavar="IMAGES",
    )  # fmt: skip
    root: str | None = option(None, "start of the paths in a CSV file or in lists", kind="a folder")
    train_list: str | None = option(None, "instead of IMAGES: text file of 'path label' lines", kind="a file")
    val_list: str | None = option(None, "with --train-list: the same for validation", kind="a file")
    test_list: str | None = option(None, "with --train-list: the same for testing", kind="a file")
    model: str | None = option(
        None, "backbone: any timm model, or resnet20; default: tf_efficientnet_lite0 with weights, resnet20 without"
    )
    pretrained: str | None = option(
        None,
        "weights to start from: a file; package: tf_efficientnet_lite0 of decouple-lt[backbone]; download: those of "
        "timm; none: random; default: package, if it is installed, else none",
    )
    train: Literal["auto", "none", "head", "last-block", "all"] = option(
        "auto",
        "what stage one trains after the frozen features; auto: all on a GPU and without pretrained weights, else none",
    )
    image_size: int | None = option(
        None, "side in pixels; default: what the model expects, on a CPU 128 above 800 images; 32 or 64 without weights"
    )
    epochs: int | None = option(None, "passes of stage one over the training images; default: 10, 30 without weights")
    folds: int | Literal["auto"] = option(
        "auto",
        "folds of training and validation in which stage two chooses; 0: on validation; auto: in folds where a class "
        "has fewer than 10 validation images",
    )
    skip_bad_images: bool = option(False, "leave out images that cannot be read, and count them, instead of stopping")
    runs: str = option(DEFAULT_RUNS, "folder that gets the runs", kind="a folder")
    name: str | None = option(None, "name of the result under --runs; default: that of the images, with a number")
    seed: int = option(0, "seed of everything random")
    device: str = option("auto", "auto, cpu, cuda or cuda:N")
    resume: bool = option(False, "continue an interrupted fit: the latest, or --name; its settings hold")

    def __post_init__(self) -> None:
        require_field_types(self)
        require_device_name(self.device)
        require_folder_path("runs", self.runs)
        require_whole("seed", self.seed)
        if self.folds == 1 or (isinstance(self.folds, int) and self.folds < 0):
            raise ConfigError(f"`folds` must be 2 or more, 0 for the validation split, or auto, got {self.folds}")
        for name in ("image_size", "epochs"):
            if getattr(self, name) is not None:
                require_whole(name, getattr(self, name), at_least=1)
        self._check_images()

    def _check_images(self) -> None:
        if self.resume:
            if self.images is not None or self.train_list is not None:
                raise ConfigError("`resume` goes on with the images of the fit; leave IMAGES out")
        elif self.images is not None and self.train_list is not None:
            raise ConfigError("`train_list` takes the place of IMAGES; give one of them")
        if self.train_list is None and (self.val_list is not None or self.test_list is not None):
            raise ConfigError("`val_list` and `test_list` go with `train_list`")


def require_image_source(config: FitConfig) -> None:
    """Check that the settings name images.

    Raises:
        ConfigError: they do not.
    """
    if config.images is None and config.train_list is None:
        raise ConfigError(
            "`decouple fit` needs IMAGES, a folder with one subfolder per class: decouple fit moths/; or a `train_list`"
        )
