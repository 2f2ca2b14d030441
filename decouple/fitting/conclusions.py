"""The last sentences of a fit: what was found, what it means for the tail, and what to photograph next."""

from collections.abc import Sequence

import numpy as np

from decouple.datasets.data import TEST
from decouple.evaluation.metrics import Metrics
from decouple.evaluation.recall_intervals import MIN_RANKED_IMAGES, RecallInterval, class_recall_intervals
from decouple.files.results import MethodEntry
from decouple.files.run_dir import RunDir
from decouple.fitting.advice import MORE_IMAGES, Advice, ClassAdvice, rank_classes
from decouple.fitting.enough_images import REMEDY, is_too_small, narrow_interval_note
from decouple.reporting.names import printable, shorten
from decouple.reporting.recommendation import listed
from stage2.recommendation import recommended_classifier
from stage2.saved_classifiers import STAGE_ONE_METHOD, load_saved_classifier, open_evaluation_set

MAX_NAMED = 3  # classes in a sentence
NAME_LIMIT = 40  # characters
FIRST = "the first classifier (stage one)"


def conclusions(run: RunDir) -> list[str]:
    """Return the three sentences on the recommended classifier of a finished run, from its test split."""
    entry = recommended_classifier(run)
    test = open_evaluation_set(run, entry.checkpoint, TEST).features
    classifier = load_saved_classifier(run, entry.checkpoint, entry.method)
    predicted = np.concatenate([classifier.logits(chunk).argmax(dim=1).numpy() for chunk, _ in test.chunks()])
    labels, data = test.labels.numpy(), run.read_data()
    names = [f"'{shorten(printable(name), NAME_LIMIT)}'" for name in data.class_names]
    intervals = class_recall_intervals(labels, predicted == labels, len(names))
    return [
        best_sentence(run),
        tail_sentence(intervals, data.group_counts, names),
        next_sentence(rank_classes(labels, predicted, data.group_counts), names),
    ]


def best_sentence(run: RunDir) -> str:
    """Return what was found: the classifier, its balanced accuracy with interval, and the gain over stage one."""
    entry = recommended_classifier(run)
    results = run.read_results()
    stage1 = results.stage1[entry.checkpoint].metrics[TEST]
    method = results.stage2[entry.checkpoint].get(entry.method) if entry.method != STAGE_ONE_METHOD else None
    return found_sentence(printable(entry.method), stage1, method, run.read_data().split_counts[TEST])


def found_sentence(name: str, stage1: Metrics, method: MethodEntry | None, class_images: Sequence[int]) -> str:
    """Return the sentence of `best_sentence`.

    A test split that is too small gets no interval and no difference, see `decouple.fitting.enough_images`.

    Args:
        name: of the recommended classifier.
        stage1: metrics of stage one on the test split.
        method: the classifier among those of stage two; None where it is that of stage one.
        class_images: test images of each class, (C,).
    """
    metrics = stage1 if method is None else method.metrics[TEST]
    subject = f"Found: {f'{FIRST} itself' if method is None else name} is recommended"
    if is_too_small(metrics, class_images):
        return (
            f"{subject}; it gets {metrics['balanced']:.1f} % balanced accuracy on {metrics['images']:,} test images, "
            f"too few to tell how good it is, or better than which other one: {REMEDY}."
        )
    sentence = f"{subject}: {_balanced(metrics)}"
    if method is not None:
        difference, (low, high) = method.against_stage1["balanced"], method.against_stage1["balanced_interval"]
        sentence += (
            f", {difference:+.1f} points [{low:+.1f}, {high:+.1f}] against {FIRST}, which does nothing for rare "
            f"classes ({stage1['balanced']:.1f} %)"
        )
    return f"{sentence}{narrow_interval_note(class_images)}."


def tail_sentence(intervals: Sequence[RecallInterval], train_counts: Sequence[int], names: Sequence[str]) -> str:
    """Return what it means for the rarest and the worst classes; few test images mean unknown.

    Args:
        intervals: recall of each class on the test split, (C,).
        train_counts: images per class before validation was held out, (C,).
        names: (C,).
    """
    counts = list(train_counts)
    rare = counts.index(min(counts))
    images = "1 training image" if counts[rare] == 1 else f"{counts[rare]:,} training images"
    sentence = f"Rarest class: {names[rare]} ({images}), {_recall(intervals[rare])}"
    known = [label for label, interval in enumerate(intervals) if not interval.few_images]
    if not known:
        return f"{sentence}; no class has {MIN_RANKED_IMAGES} test images, so the worst one is unknown."
    worst = min(known, key=lambda label: (intervals[label].high, label))
    sentence += f"; worst class: {names[worst]}, {_recall(intervals[worst])}"
    unknown = len(intervals) - len(known)
    if not unknown:
        return f"{sentence}."
    classes, are = ("1 class has", "is") if unknown == 1 else (f"{unknown:,} classes have", "are")
    return f"{sentence}; {classes} fewer than {MIN_RANKED_IMAGES} test images and {are} unknown."


def next_sentence(advice: Advice, names: Sequence[str]) -> str:
    """Return what to photograph next: the first classes of the advice, and those that are unknown."""
    classes = [_with_confusion(entry, names) for entry in advice.ranked if entry.gain > 0][:MAX_NAMED]
    parts = []
    if classes:
        parts.append(f"{listed(classes)}, of which {MORE_IMAGES} more images help most")
    if advice.unknown:
        unknown = [names[label] for label in advice.unknown[:MAX_NAMED]]
        more = len(advice.unknown) - len(unknown)
        unknown += [f"{more:,} more"] if more else []
        becomes = "its accuracy becomes" if len(advice.unknown) == 1 else "their accuracy becomes"
        parts.append(f"{listed(unknown)}, so that {becomes} known")
    return f"Photograph next: {'; and '.join(parts) or 'no class stands out; all test images are right'}."


def _balanced(metrics: Metrics) -> str:
    low, high = metrics["intervals"]["balanced"]
    return f"balanced accuracy {metrics['balanced']:.1f} % [{low:.1f}, {high:.1f}] on {metrics['images']:,} test images"


def _recall(interval: RecallInterval) -> str:
    if interval.recall is None:
        return "no test image: unknown"
    few = ", few images: unknown" if interval.few_images else ""
    images = "1 test image" if interval.images == 1 else f"{interval.images:,} test images"
    return f"{interval.recall:.0f} % [{interval.low:.0f}, {interval.high:.0f}] of {images}{few}"


def _with_confusion(entry: ClassAdvice, names: Sequence[str]) -> str:
    """Return the class, and the one that it is taken for in more than half of its errors."""
    if entry.mistaken_for is None or 2 * entry.mistaken <= entry.errors:
        return names[entry.label]
    return f"{names[entry.label]} (mostly taken for {names[entry.mistaken_for]})"
