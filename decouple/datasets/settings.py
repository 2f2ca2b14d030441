"""What every command that reads images can be told about them."""

from dataclasses import dataclass, fields
from typing import Literal

from decouple.config.fields import option
from decouple.errors import ConfigError

BENCHMARKS = ("digits", "glyphs", "cifar10", "cifar100")  # balanced sets, which are cut to a long tail
MOST_IMAGES = 10**9  # more than any set has; beyond it, counts would no longer be exact
FILES = ("folder", "list", "csv")  # image files of any size
OWNERS = {  # the data sets that an option is for; for others it would be silently without effect
    "root": ("cifar10", "cifar100", *FILES),
    "download": ("cifar10", "cifar100"),
    "train_list": ("list",),
    "val_list": ("list",),
    "test_list": ("list",),
    "csv": ("csv",),
    "classes": ("glyphs",),
    "image_size": FILES,
    "skip_bad_images": FILES,
}


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Choose images, cut them to a long tail, and hold some out."""

    data: str = option("digits", "data set: digits, glyphs, cifar10, cifar100, folder, list, csv")
    root: str | None = option(
        None, "folder of the images (cifar10, cifar100, folder; the paths in list and csv start there)"
    )
    download: bool = option(False, "let cifar10 and cifar100 fetch their files into --root if missing")
    train_list: str | None = option(None, "list: text file of 'path label' lines for training")
    val_list: str | None = option(None, "list: the same for validation; without it, --val-fraction is held out")
    test_list: str | None = option(None, "list: the same for testing; without it, --test-fraction is held out")
    csv: str | None = option(None, "csv: file with the columns path,label[,split]; split is train, val or test")
    classes: int = option(100, "glyphs: number of classes, 2 to 1000")
    image_size: int | None = option(
        None, "side in pixels that image files are scaled and cropped to; default: 32, or what a timm model expects"
    )
    profile: Literal["auto", "none", "exp", "step", "pareto", "balanced"] = option(
        "auto",
        "long-tailed profile the training images are cut to; "
        "auto: exp for digits, glyphs and cifar, or where --ratio is given, else none",
    )
    ratio: float | None = option(
        None, "imbalance ratio, images in the largest class / images in the smallest, 1 or more; default 50"
    )
    max_count: int | None = option(None, "images in the largest class; default: as many as the data allow")
    class_order: Literal["label", "shuffled"] = option(
        "label", "which class becomes head and which tail: label order, or shuffled by --subset-seed"
    )
    subset_seed: int = option(0, "seed of the long-tailed subset and of the splits; keep it fixed over several --seed")
    longtailed_test: bool = option(False, "evaluate on a long-tailed test set of the same profile too")
    fraction: float = option(1.0, "share of each class to use, in (0, 1]; for quick looks")
    val_fraction: float = option(
        0.1, "share of the training images held out where the data bring no validation split, in [0, 1)"
    )
    test_fraction: float = option(0.2, "share held out where the data bring no test split, in (0, 1)")
    skip_bad_images: bool = option(False, "leave out images that cannot be read, and count them, instead of stopping")

    def __post_init__(self) -> None:
        if self.ratio is not None and not self.ratio >= 1:
            raise ConfigError(f"--ratio is largest class / smallest class and must be 1 or more, got {self.ratio}")
        if self.ratio is not None and self.ratio > MOST_IMAGES:
            raise ConfigError(f"--ratio must be at most {MOST_IMAGES:g}, got {self.ratio:g}")
        if not 2 <= self.classes <= 1000:
            raise ConfigError(f"--classes must be 2 to 1000, got {self.classes}")
        if not 0 < self.fraction <= 1:
            raise ConfigError(f"--fraction must be above 0 and at most 1, got {self.fraction}")
        if not 0 <= self.val_fraction < 1:
            raise ConfigError(f"--val-fraction must be 0 or more and below 1, got {self.val_fraction}")
        if not 0 < self.test_fraction < 1:
            raise ConfigError(f"--test-fraction must be between 0 and 1, got {self.test_fraction}")
        for name in ("max_count", "image_size"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigError(f"--{name.replace('_', '-')} must be 1 or more, got {value}")
            if value is not None and value > MOST_IMAGES:
                raise ConfigError(f"--{name.replace('_', '-')} must be at most {MOST_IMAGES:g}, got {value}")
        if self.data in (*BENCHMARKS, *FILES):  # another name has an error of its own
            self._refuse_foreign()

    def _refuse_foreign(self) -> None:
        """Refuse an option of another data set, rather than train on digits when --data was forgotten."""
        defaults = {each.name: each.default for each in fields(self)}
        for name, owners in OWNERS.items():
            if getattr(self, name) != defaults[name] and self.data not in owners:
                raise ConfigError(
                    f"--{name.replace('_', '-')} has no meaning for --data {self.data}; it is for {', '.join(owners)}"
                )
