"""What `decouple fit` finds in the images before it reads any: classes, their sizes, splits, and what is not read."""

from dataclasses import dataclass

import numpy as np

from decouple.datasets.data import TEST, TRAIN, VAL
from decouple.datasets.settings import DataConfig
from decouple.datasets.skipped import Skipped
from decouple.datasets.splits import held_out_counts
from decouple.datasets.table import DATASETS
from decouple.errors import DataError
from decouple.evaluation.recall_intervals import MIN_RANKED_IMAGES
from decouple.fitting.settings import FitConfig


@dataclass(frozen=True, kw_only=True)
class ImageCheck:
    """The images of a fit, counted.

    Attributes:
        class_names: (C,).
        images: of each class, in all splits, (C,).
        test_images: of each class that the test split has or gets, (C,).
        splits: predefined splits, train included.
        skipped: what is not read.
    """

    class_names: tuple[str, ...]
    images: tuple[int, ...]
    test_images: tuple[int, ...]
    splits: tuple[str, ...]
    skipped: tuple[Skipped, ...]

    @property
    def total(self) -> int:
        """All images."""
        return sum(self.images)

    @property
    def single(self) -> tuple[str, ...]:
        """Classes of one image: it is for training, and nothing is known about how well they are recognised."""
        return tuple(name for name, count in zip(self.class_names, self.images, strict=True) if count == 1)

    @property
    def few_tested(self) -> int:
        """Classes with fewer than 10 test images, whose accuracy stays unknown."""
        return sum(count < MIN_RANKED_IMAGES for count in self.test_images)


def data_settings(config: FitConfig) -> dict[str, object]:
    """Return the options of `DataConfig` that choose the images of a fit.

    Raises:
        DataError: IMAGES is a file, but no CSV file.
    """
    shared: dict[str, object] = {"skip_bad_images": config.skip_bad_images}
    if config.train_list is not None:
        lists = {name: getattr(config, name) for name in ("train_list", "val_list", "test_list", "root")}
        return {"data": "list", **lists, **shared}
    assert config.images is not None  # `FitConfig` has refused it
    if config.images.lower().endswith((".csv", ".tsv")):
        return {"data": "csv", "csv": config.images, "root": config.root, **shared}
    return {"data": "folder", "root": config.images, **shared}


def check_images(config: FitConfig) -> ImageCheck:
    """Return the counts of the images; their files are listed, not read.

    Raises:
        DataError: there is no such folder or file, fewer than 2 classes, or no class with enough of them.
    """
    settings = DataConfig(**data_settings(config))  # type: ignore[arg-type]
    source = DATASETS[settings.data](settings)
    num_classes = len(source.class_names)
    counts = {
        split: np.bincount(source.labels[indices], minlength=num_classes) for split, indices in source.splits.items()
    }
    images = np.sum(list(counts.values()), axis=0)
    if TEST not in counts and counts[TRAIN].max() < 2:
        raise DataError("every class has only one image, so that none can be held out for testing; add images")
    tested = counts[TEST] if TEST in counts else held_out_counts(counts[TRAIN], settings.test_fraction)
    if (images - tested).max() < 2:
        raise DataError(
            "no class has two images beside those for testing, so that no method can be chosen; add images until at "
            "least one class has 3, better all classes 10"
        )
    return ImageCheck(
        class_names=source.class_names,
        images=tuple(images.tolist()),
        test_images=tuple(tested.tolist()),
        splits=tuple(name for name in (TRAIN, VAL, TEST) if name in counts),
        skipped=source.skipped,
    )
