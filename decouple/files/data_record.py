"""data.json: what a run was trained on."""

from dataclasses import dataclass
from pathlib import Path

from decouple.datasets.preprocessing import Preprocessing
from decouple.errors import DataError
from decouple.files.json_records import parse_record, read_json, read_once, write_record


@dataclass(frozen=True, kw_only=True)
class DataRecord:
    """The content of data.json.

    Raises:
        DataError: the counts do not fit the classes.
    """

    class_names: tuple[str, ...]  # (C,)
    class_counts: tuple[int, ...]  # (C,) training images
    group_counts: tuple[
        int, ...
    ]  # (C,) the same before validation was held out and labels were changed; they define groups
    groups: dict[str, tuple[int, ...]]  # many, medium, few -> their classes
    images: dict[str, int]  # split -> number of images
    split_counts: dict[str, tuple[int, ...]]  # split other than train -> images per class, (C,)
    image_size: int | None  # pixels a side; None for a run made of features
    mean: tuple[float, ...]  # of each channel
    std: tuple[float, ...]
    flippable: bool  # whether a horizontal flip leaves the class
    bad_images: int  # that could not be read and were left out
    fingerprint: str  # of images and splits
    storage: str | None = None  # how the images are stored where that is not as published: JPEG files of quality 75
    wrong_labels: int = 0  # training labels replaced by wrong ones, by `label_noise`
    preprocessing: Preprocessing | None = None  # of image files; None in runs made of features, and in older runs

    def __post_init__(self) -> None:
        num_classes = len(self.class_names)
        counts = {"class_counts": self.class_counts, "group_counts": self.group_counts}
        counts |= {f"split_counts.{split}": values for split, values in self.split_counts.items()}
        for name, values in counts.items():
            if len(values) != num_classes or min(values, default=0) < 0:
                raise DataError(f"'{name}' must hold {num_classes} image counts, one a class")
        if "train" not in self.images or set(self.images) != {"train", *self.split_counts}:
            raise DataError(f"'images' must name train and the splits of 'split_counts', got {', '.join(self.images)}")
        if any(not 0 <= label < num_classes for classes in self.groups.values() for label in classes):
            raise DataError(f"'groups' must hold classes from 0 to {num_classes - 1}")


@read_once
def read_data(path: Path) -> DataRecord:
    """Return data.json.

    Raises:
        RunError: it is missing or damaged.
    """
    return parse_record(DataRecord, read_json(path), path)


def write_data(path: Path, record: DataRecord) -> None:
    """Write data.json."""
    write_record(path, record)
