"""What a data set consists of: classes, groups, splits, and remarks on them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from decouple.class_counts import Groups, class_groups, group_of_class
from decouple.datasets.data import TEST, TEST_LONGTAILED, TRAIN, VAL, Data
from decouple.datasets.image_survey import ImageSurvey
from decouple.datasets.skipped import skipped_lines
from decouple.reporting.class_distribution import draw_class_distribution
from decouple.reporting.figure_files import save_figure
from decouple.reporting.tables import class_table
from decouple.reporting.terminal import Block

FEW_IMAGES_THRESHOLD = 10  # test images of a class, below which its accuracy is coarse
TITLES = {TRAIN: "train", VAL: "validation", TEST: "test", TEST_LONGTAILED: "long-tailed test"}


@dataclass(frozen=True, kw_only=True)
class DataCounts:
    """What `decouple data --json` prints."""

    class_names: tuple[str, ...]  # (C,)
    training_images: tuple[int, ...]  # (C,) before validation is held out; they define the groups
    groups: dict[str, tuple[int, ...]]  # many, medium, few -> their classes
    imbalance_ratio: float
    splits: dict[str, tuple[int, ...]]  # split -> images per class, (C,)
    wrong_labels: int  # training labels replaced by wrong ones, by `label_noise`
    bad_images: int  # that could not be read and were left out
    storage: str | None  # how the images are stored where that is not as published
    skipped: tuple[str, ...]  # lines on what was not read of the folder
    images_in_two_splits: int | None  # None: not looked for
    fingerprint: str | None  # None: image files were not decoded
    figure: str
    examples: str


def data_counts(data: Data, figure: Path, examples: Path) -> DataCounts:
    """Return the images per class as a record."""
    counts = data.group_counts
    return DataCounts(
        class_names=data.class_names,
        training_images=tuple(counts.tolist()),
        groups={name: tuple(labels.tolist()) for name, labels in class_groups(counts, "many_medium_few").items()},
        imbalance_ratio=float(counts.max() / counts.min()),
        splits={split: tuple(data.counts(split).tolist()) for split in data.splits},
        wrong_labels=data.wrong_labels,
        bad_images=data.bad_images,
        storage=data.storage,
        skipped=tuple(skipped_lines(data.skipped)),
        images_in_two_splits=None if data.overlap is None else len(data.overlap),
        fingerprint=data.fingerprint or None,
        figure=str(figure),
        examples=str(examples),
    )


def data_rows(data: Data) -> list[dict[str, object]]:
    """Return a row for each class: label, name, group, and images per split."""
    groups = class_groups(data.group_counts, "many_medium_few")
    group_of = group_of_class(groups)
    counts = {split: data.counts(split).tolist() for split in data.splits}
    return [
        {
            "label": label,
            "class": name,
            "group": group_of[label],
            "training_images": int(data.group_counts[label]),
            **{split: per_class[label] for split, per_class in counts.items()},
        }
        for label, name in enumerate(data.class_names)
    ]


def data_summary(data: Data, survey: ImageSurvey | None, *, all_classes: bool) -> list[Block]:
    """Return a table of the classes and lines on the counts, the groups and the images.

    Args:
        data: the images.
        survey: what the headers of image files say; None: the images were decoded.
        all_classes: whether the table lists every class.
    """
    groups = class_groups(data.group_counts, "many_medium_few")
    group_of = group_of_class(groups)
    columns: dict[str, list[int | str]] = {"group": [group_of[label] for label in range(len(data.class_names))]}
    columns |= {title: data.counts(split).tolist() for split, title in TITLES.items() if split in data.splits}
    if _holds_out(data):
        columns["train + validation"] = data.group_counts.tolist()
    table = class_table(data.class_names, columns, full=all_classes)
    survey_lines = [] if survey is None else _survey_lines(survey)
    return [table, *_lines(data, groups), *survey_lines, *_image_lines(data, decoded=survey is None)]


def draw_data(path: Path, data: Data) -> None:
    """Draw the images of every class in each split."""
    groups = class_groups(data.group_counts, "many_medium_few")
    counts = {"training": data.group_counts.tolist()}
    counts |= {TITLES[name]: data.counts(name).tolist() for name in data.splits if name != TRAIN}
    members = {name: classes.tolist() for name, classes in groups.items()}
    save_figure(draw_class_distribution(data.class_names, counts, members), path)


def _holds_out(data: Data) -> bool:
    return int(data.group_counts.sum()) != len(data.splits[TRAIN])


def _lines(data: Data, groups: Groups) -> list[str]:
    counts = data.group_counts
    total = f"{counts.sum():,} training images in {len(counts):,} classes"
    if _holds_out(data):
        total += f", of which {counts.sum() - data.class_counts.sum():,} are held out for validation"
    sizes = ", ".join(f"{name} {len(members)}" for name, members in groups.items())
    lines = [
        f"{total}; largest class {counts.max():,}, smallest {counts.min():,}, "
        f"imbalance ratio {counts.max() / counts.min():.4g}",
        f"classes by training images: {sizes} (many: over 100, few: under 20)",
    ]
    return [*lines, f"fingerprint: {data.fingerprint}"] if data.fingerprint else lines


def _survey_lines(survey: ImageSurvey) -> list[str]:
    sides = survey.shorter_sides
    formats = ", ".join(f"{name} {count:,}" for name, count in survey.formats.items())
    return [
        f"shorter side of the images: {sides.min():,} to {sides.max():,} pixels, median {int(np.median(sides)):,}; "
        f"{formats} (from the headers of the files)"
    ]


def _image_lines(data: Data, *, decoded: bool) -> list[str]:
    lines = [] if data.storage is None else [f"the images are {data.storage} (by the first file of each class)"]
    if data.wrong_labels:
        share = data.wrong_labels / len(data.splits[TRAIN])
        lines.append(
            f"label noise: {data.wrong_labels:,} training labels ({share:.1%}) are wrong; other splits are clean"
        )
    if data.bad_images:
        lines.append(f"images that could not be read and were left out: {data.bad_images:,}")
    if data.flippable:
        lines.append("training flips images at random; use --augment crop if a flipped image shows another class")
    tested = data.counts(TEST)
    coarse = int((tested < FEW_IMAGES_THRESHOLD).sum())
    if coarse:
        lines.append(
            f"classes with fewer than {FEW_IMAGES_THRESHOLD} test images: {coarse:,} (the least has {tested.min():,}); "
            "their accuracy is coarse, and intervals come out too narrow"
        )
    if data.overlap == ():
        lines.append(
            "no two splits share an image (compared by content)"
            if decoded
            else "no two splits share a file (compared by content); --check-overlap compares the decoded images"
        )
    return lines
