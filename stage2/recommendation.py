"""The recommended classifier of a run: the simplest of those that cannot be told from the best on held-out images."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.evaluation.statistics import bootstrap_intervals, compare_paired
from decouple.files.results import RecommendationEntry, record_recommendation
from decouple.files.run_dir import RunDir
from stage2.candidates import stage1_was_fitted_here
from stage2.held_out import HeldOutLogits, read_held_out
from stage2.saved_classifiers import STAGE_ONE_METHOD, saved_methods

# Stage one itself; one number; class means; one factor a class; a newly trained classifier; more than a classifier.
SIMPLEST_FIRST = (
    STAGE_ONE_METHOD, "logit_adjust", "tau", "ncm", "lws", "las", "mislas", "crt", "los", "weight_balance", "disalign",
    "knn",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class HeldOutPredictions:
    """Which held-out images a classifier predicts correctly.

    Attributes:
        correct: (N,).
        labels: (N,).
        source: the images in words.
    """

    correct: NDArray[np.bool_]
    labels: NDArray[np.int64]
    source: str

    def balanced(self) -> float:
        """Return the mean recall over the classes that have images, in [0, 1]."""
        images, correct = _by_class(self)
        return float((correct[images > 0] / images[images > 0]).mean())


def recommended_classifier(run: RunDir, checkpoint: str | None = None) -> RecommendationEntry:
    """Return the recorded recommendation of a run, or make one from its saved classifiers; nothing is written.

    Args:
        run: a finished run.
        checkpoint: stage-one weights, last or best; default: those of the recorded recommendation, else last.
    """
    recorded = run.read_results().recommended
    if recorded is not None and checkpoint in (None, recorded.checkpoint):
        return recorded
    return recommend(run, checkpoint or "last")


def record_recommended(run: RunDir, checkpoint: str) -> RecommendationEntry:
    """Make the recommendation of a run from its saved classifiers, record and return it; the caller holds the lock."""
    entry = recommend(run, checkpoint)
    record_recommendation(run.results, entry)
    return entry


def recommend(run: RunDir, checkpoint: str) -> RecommendationEntry:
    """Return the simplest classifier among those that cannot be told from the best by balanced accuracy.

    They are compared on held-out images, never on the test split. Where some have other held-out images than others,
    as after fits with and without folds, the images that most of them share decide.

    Args:
        run: a finished run.
        checkpoint: stage-one weights, last or best.
    """
    saved = saved_methods(run, checkpoint)
    if stage1_was_fitted_here(run, checkpoint) and len(saved) > 1:  # for comparison alone
        saved = saved[1:]
    predictions = {name: predict_held_out(run, checkpoint, name) for name in saved}
    comparable = _with_same_images({name: rows for name, rows in predictions.items() if rows is not None})
    if not comparable:
        return _without_images(saved, checkpoint)
    entries = run.read_stage2(checkpoint)
    methods = {name: entries[name].method if name in entries else name for name in comparable}
    return choose_recommendation(comparable, checkpoint, methods)


def predict_held_out(run: RunDir, checkpoint: str, name: str) -> HeldOutPredictions | None:
    """Return the predictions of a saved classifier on its held-out images; None where there are none."""
    held_out = read_held_out(run, checkpoint, name)
    return None if held_out is None else as_predictions(held_out)


def as_predictions(held_out: HeldOutLogits) -> HeldOutPredictions:
    """Return which images the logits predict correctly."""
    correct = (held_out.logits.argmax(dim=1) == held_out.labels).numpy()
    return HeldOutPredictions(correct, held_out.labels.numpy(), held_out.source)


def choose_recommendation(
    predictions: Mapping[str, HeldOutPredictions], checkpoint: str, methods: Mapping[str, str] | None = None
) -> RecommendationEntry:
    """Return the simplest classifier among those that cannot be told from the best one.

    A classifier cannot be told from the best if the paired bootstrap interval (95 %) of their difference in balanced
    accuracy holds 0. The order of simplicity is `SIMPLEST_FIRST`; of equally simple ones the better is taken.

    Args:
        predictions: of each classifier on the same images.
        checkpoint: stage-one weights, last or best.
        methods: the method of each; default: their names.
    """
    scores = {name: rows.balanced() for name, rows in predictions.items()}
    best = max(scores, key=lambda name: scores[name])
    tied = [name for name in predictions if name == best or not tells_apart(predictions[best], predictions[name])]
    ranks = {name: simplicity((methods or {}).get(name, name)) for name in tied}
    chosen = min(tied, key=lambda name: (ranks[name], -scores[name]))
    reason = f"highest balanced accuracy on {predictions[chosen].source}"
    if chosen != best:
        reason = f"the simplest that cannot be told from the best ({best}, {100 * scores[best]:.1f} %)"
    return RecommendationEntry(
        checkpoint=checkpoint,
        method=chosen,
        reason=reason,
        split=predictions[chosen].source,
        balanced=100 * scores[chosen],
        interval=balanced_interval(predictions[chosen]),
        ties=tuple(name for name in tied if name != chosen),
    )


def simplicity(method: str) -> int:
    """Return the position of a method in `SIMPLEST_FIRST`, after all others if it is not there."""
    return SIMPLEST_FIRST.index(method) if method in SIMPLEST_FIRST else len(SIMPLEST_FIRST)


def tells_apart(better: HeldOutPredictions, other: HeldOutPredictions) -> bool:
    """Return whether the paired bootstrap interval of the difference in balanced accuracy lies above 0."""
    return compare_paired(better.correct, other.correct, better.labels)["balanced_interval"][0] > 0


def balanced_interval(predictions: HeldOutPredictions) -> tuple[float, float]:
    """Return the 95 % bootstrap interval (low, high) of balanced accuracy, in percent."""
    images, correct = _by_class(predictions)
    weights = np.where(images > 0, 1 / np.maximum(images, 1), 0) / (images > 0).sum()
    low, high = bootstrap_intervals(correct, images, weights[None])[0]
    return (100 * float(low), 100 * float(high))


def _with_same_images(predictions: Mapping[str, HeldOutPredictions]) -> dict[str, HeldOutPredictions]:
    """Return the largest group of classifiers whose held-out images are the same; of equal groups the first."""
    groups: list[dict[str, HeldOutPredictions]] = []
    for name, rows in predictions.items():
        same = (group for group in groups if _same_images(rows, group.values()))
        group = next(same, None)
        if group is None:
            groups.append({name: rows})
        else:
            group[name] = rows
    return max(groups, key=len, default={})


def _same_images(rows: HeldOutPredictions, group: Iterable[HeldOutPredictions]) -> bool:
    first = next(iter(group))
    return rows.source == first.source and np.array_equal(rows.labels, first.labels)


def _without_images(saved: list[str], checkpoint: str) -> RecommendationEntry:
    """Return stage two's first choice without any image to choose on: logit adjustment, which has no free choice."""
    method = "logit_adjust" if "logit_adjust" in saved else STAGE_ONE_METHOD
    return RecommendationEntry(
        checkpoint=checkpoint, method=method, reason="there are no held-out images to choose on", split="no images"
    )


def _by_class(predictions: HeldOutPredictions) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the images of each class, and how many of them are correct."""
    images = np.bincount(predictions.labels)
    correct = np.bincount(predictions.labels, weights=predictions.correct, minlength=len(images))
    return images, correct.astype(np.int64)
