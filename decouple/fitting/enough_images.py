"""Whether the test images are enough to tell how good a classifier is, and what to do where they are not."""

from collections.abc import Sequence

from decouple.evaluation.metrics import Metrics
from decouple.evaluation.recall_intervals import MIN_RANKED_IMAGES

MIN_TEST_IMAGES = 30  # fewer tell nothing about balanced accuracy
MAX_DEGENERATE_IMAGES = 2  # of a class that hardly varies, or not at all, between the resamples of a bootstrap
REMEDY = f"put {MIN_RANKED_IMAGES} or more images of each class into the test split to know"


def is_too_small(metrics: Metrics, class_images: Sequence[int]) -> bool:
    """Return whether a test split is too small to tell how good a classifier is.

    It has fewer than 30 images, or its bootstrap interval has no width and a class has fewer than 10 images: every
    class is entirely right or entirely wrong, which says little of so few.

    Args:
        metrics: of the classifier on the split.
        class_images: images of each class in it, (C,).
    """
    low, high = metrics["intervals"]["balanced"]
    return metrics["images"] < MIN_TEST_IMAGES or (low == high and min(class_images) < MIN_RANKED_IMAGES)


def narrow_interval_note(class_images: Sequence[int]) -> str:
    """Return a remark on classes of one or two test images, which the bootstrap interval takes for certain, or "".

    Example:
        >>> narrow_interval_note([20, 2, 1])
        '; the interval is too narrow, for 2 of 3 classes have 1 or 2 test images, which hardly widen it: put 10 or \
more images of each class into the test split to know'
    """
    few = sum(0 < images <= MAX_DEGENERATE_IMAGES for images in class_images)
    if not few:
        return ""
    have = "has" if few == 1 else "have"
    return (
        f"; the interval is too narrow, for {few:,} of {len(class_images):,} classes {have} 1 or 2 test images, which "
        f"hardly widen it: {REMEDY}"
    )
