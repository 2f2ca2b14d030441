"""The plan of a fit as lines of text: the images, the steps, and the reason of each choice."""

from decouple.datasets.data import TEST, VAL
from decouple.datasets.skipped import skipped_lines
from decouple.evaluation.recall_intervals import MIN_RANKED_IMAGES
from decouple.fitting.image_check import ImageCheck
from decouple.fitting.plan import FitPlan, TrainedPart
from decouple.fitting.settings import FitConfig
from decouple.reporting.names import printable

_STAGE2 = "all ways to help rare classes (stage two)"
_TRAINED = {
    "head": "the last layer of the network (stage one)",
    "last-block": "the last block of the network (stage one)",
    "all": "all layers of the network (stage one)",
}


def plan_lines(config: FitConfig, images: ImageCheck, plan: FitPlan) -> list[str]:
    """Return what the images are and what will be done, step by step, with reasons."""
    source = config.images or str(config.train_list)
    return [*image_lines(source, images), *_step_lines(plan)]


def image_lines(source: str, images: ImageCheck) -> list[str]:
    """Return what the images are: classes, sizes, splits, classes too small to be known, and what is not read."""
    classes = len(images.class_names)
    largest, smallest = max(images.images), min(images.images)
    lines = [
        f"{source}: {images.total:,} images of {classes:,} classes, {smallest:,} to {largest:,} a class; "
        f"{_splits_in_words(images)}"
    ]
    if images.single:
        names = ", ".join(f"'{printable(name)}'" for name in images.single[:3])
        more = ", ..." if len(images.single) > 3 else ""
        lines.append(f"classes of one image, which is for training: {len(images.single):,} ({names}{more})")
    if images.few_tested:
        lines.append(
            f"classes with fewer than {MIN_RANKED_IMAGES} test images, whose accuracy stays unknown: "
            f"{images.few_tested:,} of {classes:,}"
        )
    return [*lines, *skipped_lines(images.skipped)]


def _splits_in_words(images: ImageCheck) -> str:
    missing = {VAL: "10 % for choosing among classifiers (validation)", TEST: "20 % for testing"}
    held_out = [text for split, text in reversed(missing.items()) if split not in images.splits]
    if not held_out:
        return "train, validation and test are given"
    return f"of each class, {' and '.join(held_out)} are set aside, at least one image of two or more"


def _step_lines(plan: FitPlan) -> list[str]:
    reason = plan.reasons["image_size"]
    size = reason if plan.image_size is None else f"{plan.image_size} x {plan.image_size} pixels ({reason})"
    lines = [f"model: {plan.model} ({plan.reasons['model']})", f"image size: {size}"]
    for number, part in enumerate(plan.steps, start=1):
        lines.append(f"step {number}: {_step_in_words(part, plan)}, then {_STAGE2}")
    if plan.train == "none":
        lines.append(f"the network is not trained ({plan.reasons['train']})")
    return lines


def _step_in_words(part: TrainedPart, plan: FitPlan) -> str:
    if part == "none":
        return (
            "the network describes every image (frozen features), and a first classifier learns from that (stage one)"
        )
    reason = plan.reasons["train"]
    start = "from random weights" if plan.pretrained is None else "from the pretrained weights"
    return f"train {_TRAINED[part]} for {plan.epochs} epoch{'s' * (plan.epochs != 1)} {start} ({reason})"
