"""`decouple data`: look at a data set before training on it."""

from pathlib import Path

from decouple.class_counts import class_groups
from decouple.config.command_line import Parsed
from decouple.config.command_settings import DataCommandConfig
from decouple.datasets.data import TEST, TEST_LONGTAILED, TRAIN, VAL, Data
from decouple.datasets.overlap import check_overlap
from decouple.datasets.reading import load_with_progress
from decouple.report.class_distribution import draw_class_distribution
from decouple.report.tables import class_table, console

FEW_TEST_IMAGES = 10
TITLES = {TRAIN: "train", VAL: "validation", TEST: "test", TEST_LONGTAILED: "long-tailed test"}


def run(parsed: Parsed[DataCommandConfig]) -> None:
    """Do it."""
    settings, out = parsed.settings, console()
    data = load_with_progress(settings)
    if settings.check_overlap:
        check_overlap(data)
    groups = class_groups(data.group_counts, "many_medium_few")
    group_of = {int(member): name for name, members in groups.items() for member in members}
    columns: dict[str, list[int | str]] = {"group": [group_of[label] for label in range(len(data.class_names))]}
    columns |= {title: data.counts(split).tolist() for split, title in TITLES.items() if split in data.splits}
    if _holds_out(data):
        columns["train + validation"] = data.group_counts.tolist()
    out.print(class_table(data.class_names, columns, full=settings.all_classes))
    for line in _facts(data, {name: len(members) for name, members in groups.items()}, settings.check_overlap):
        out.print(line, highlight=False, soft_wrap=True)
    counts = {"training": data.group_counts.tolist()}
    counts |= {TITLES[name]: data.counts(name).tolist() for name in data.splits if name != TRAIN}
    draw_class_distribution(
        Path(settings.figure), data.class_names, counts, {name: members.tolist() for name, members in groups.items()}
    )
    out.print(f"figure: {settings.figure}", highlight=False, soft_wrap=True)


def _holds_out(data: Data) -> bool:
    return bool((data.group_counts != data.class_counts).any())


def _facts(data: Data, sizes: dict[str, int], compared: bool) -> list[str]:
    counts = data.group_counts
    total = f"{counts.sum():,} training images in {len(counts):,} classes"
    if _holds_out(data):
        total += f", of which {counts.sum() - data.class_counts.sum():,} are held out for validation"
    facts = [
        f"{total}; largest class {counts.max():,}, smallest {counts.min():,}, "
        f"imbalance ratio {counts.max() / counts.min():.4g}",
        "classes by training images: "
        + ", ".join(f"{name} {size}" for name, size in sizes.items())
        + " (many: over 100, few: under 20)",
        f"fingerprint: {data.fingerprint}",
    ]
    if data.bad_images:
        facts.append(f"images that could not be read and were left out: {data.bad_images:,}")
    if data.flippable:
        facts.append("training mirrors images at random; use --augment crop if a mirrored image shows another class")
    tested = data.counts(TEST)
    thin = int((tested < FEW_TEST_IMAGES).sum())
    if thin:
        facts.append(
            f"classes with fewer than {FEW_TEST_IMAGES} test images: {thin:,} (the least has {tested.min():,}); "
            "their accuracy is coarse, and intervals come out too narrow"
        )
    if compared:
        facts.append("no two splits share an image (compared by content)")
    return facts
