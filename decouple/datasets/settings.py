"""Options of every command that reads images."""

from dataclasses import dataclass, fields
from typing import Literal

from decouple.checks import require_field_types, require_number, require_whole
from decouple.config.fields import option
from decouple.datasets.protocol_checks import DEFAULT_TEST_FRACTION, DEFAULT_VAL_FRACTION, check_protocol
from decouple.errors import ConfigError

BENCHMARKS = ("digits", "glyphs", "cifar10", "cifar100")  # balanced data sets, which are cut to a long tail
MAX_IMAGES = 10**9  # more than any data set has; above it, counts are not exact
FILES = ("folder", "list", "csv")  # image files of any size
ARRAYS = "arrays"  # images that `decouple.datasets.from_arrays` has stored
OPTION_DATA_SETS = {  # the data sets that have an option; others would ignore it
    "root": ("cifar10", "cifar100", *FILES, ARRAYS),
    "download": ("cifar10", "cifar100"),
    "train_list": ("list",),
    "val_list": ("list",),
    "test_list": ("list",),
    "csv": ("csv",),
    "classes": ("glyphs",),
    "image_size": ("glyphs", *FILES),
    "skip_bad_images": FILES,
}


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Choose images, cut them to a long tail, and hold some out."""

    data: str = option("digits", "data set: digits, glyphs, cifar10, cifar100, folder, list, csv, arrays")
    root: str | None = option(
        None, "folder of the images (cifar10, cifar100, folder), start of the paths in list and csv, or file of arrays"
    )
    download: bool = option(False, "cifar10, cifar100: download missing files into --root")
    train_list: str | None = option(None, "list: text file of 'path label' lines for training", kind="a file")
    val_list: str | None = option(
        None, "list: the same for validation; without it, --val-fraction is held out", kind="a file"
    )
    test_list: str | None = option(
        None, "list: the same for testing; without it, --test-fraction is held out", kind="a file"
    )
    csv: str | None = option(
        None, "csv: file with the columns path,label[,split]; split is train, val or test", kind="a file"
    )
    classes: int = option(100, "glyphs: number of classes, 2 to 1000")
    image_size: int | None = option(
        None,
        "side in pixels that image files are scaled and cropped to; default: 32, or what a timm model expects; glyphs: "
        "4, 8, 16 or 32",
    )
    profile: Literal["auto", "none", "exp", "step", "pareto", "balanced"] = option(
        "auto",
        "long-tailed profile that the training images are cut to; "
        "auto: exp for digits, glyphs and cifar, or if --ratio is given, else none",
    )
    ratio: float | None = option(
        None, "imbalance ratio, images in the largest class / images in the smallest, 1 or more; default 50"
    )
    max_count: int | None = option(None, "images in the largest class; default: as many as the data allow")
    class_order: Literal["label", "shuffled"] = option(
        "label", "order of the classes from head to tail: by label, or shuffled by --subset-seed"
    )
    subset_seed: int = option(
        0, "seed of the long-tailed subset and of the splits; keep it fixed over several values of --seed"
    )
    counts: tuple[int, ...] = option(
        (), "training images of every class, in the order of the classes, instead of a profile: 5000 500 1000"
    )
    classes_only: tuple[str, ...] = option((), "names of the classes to use, in this order; default: all")
    longtailed_test: bool = option(
        False,
        "also evaluate on a long-tailed test set, of the profile of the training images, exp if they are balanced",
    )
    test_ratio: float | None = option(
        None, "imbalance ratio of the long-tailed test set, 1 or more; default: that of the training images"
    )
    test_max_count: int | None = option(
        None, "images in the largest class of the long-tailed test set; default: as many as the data allow"
    )
    fraction: float = option(1.0, "share of each class to use, in (0, 1]; for quick trials")
    test_from: Literal["test", "train"] = option(
        "test",
        "split that test images come from: the predefined test split if there is one; train: --test-fraction of the "
        "training images, before they are cut to a profile",
    )
    val_from: Literal["train", "test"] = option(
        "train", "split that validation images come from; test: the predefined test split, with --test-from train"
    )
    val_fraction: float = option(
        DEFAULT_VAL_FRACTION, "share of the training images held out if no validation split is predefined, in [0, 1)"
    )
    test_fraction: float = option(
        DEFAULT_TEST_FRACTION, "share held out if no test split is predefined, or with --test-from train, in (0, 1)"
    )
    label_noise: float = option(
        0.0, "share of the training labels replaced by wrong ones, each other class alike, in [0, 1); for studies"
    )
    skip_bad_images: bool = option(False, "leave out images that cannot be read, and count them, instead of stopping")

    def __post_init__(self) -> None:
        self._check_data_ranges()
        require_field_types(self, DataConfig)
        if self.data in (*BENCHMARKS, *FILES, ARRAYS):  # another name has an error of its own
            self._require_options_of_data_set()
        check_protocol(self)

    @property
    def shuffles_classes(self) -> bool:
        """Whether the order of the classes from head to tail is another than that of the labels."""
        return self.class_order == "shuffled"

    def _check_data_ranges(self) -> None:
        require_whole("classes", self.classes, at_least=2, at_most=1000)
        require_number("fraction", self.fraction, above=0, at_most=1)
        require_number("val_fraction", self.val_fraction, at_least=0, below=1)
        require_number("test_fraction", self.test_fraction, above=0, below=1)
        if self.ratio is not None:
            hint = "it is the size of the largest class over that of the smallest"
            require_number("ratio", self.ratio, at_least=1, at_most=MAX_IMAGES, usual=hint)
        for name in ("max_count", "image_size"):
            if getattr(self, name) is not None:
                require_whole(name, getattr(self, name), at_least=1, at_most=MAX_IMAGES)

    def _require_options_of_data_set(self) -> None:
        """Check that no option of another data set is set: `root` would be ignored where `data` was forgotten."""
        defaults = {field.name: field.default for field in fields(self)}
        for name, data_sets in OPTION_DATA_SETS.items():
            if getattr(self, name) != defaults[name] and self.data not in data_sets:
                raise ConfigError(f"`{name}` has no meaning for `data={self.data}`; it is for {', '.join(data_sets)}")
