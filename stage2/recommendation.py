"""The classifier of a run that is best on held-out images, and those that cannot be told from it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from decouple.evaluation.statistics import bootstrap_intervals, compare_paired
from decouple.files.results import RecommendationEntry
from decouple.files.run_dir import RunDir
from stage2.held_out import HeldOutLogits, held_out_logits
from stage2.saved_classifiers import STAGE_ONE_METHOD, saved_methods


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


def recommend(run: RunDir, checkpoint: str) -> RecommendationEntry:
    """Return the saved classifier with the highest balanced accuracy on held-out images.

    Ties are the classifiers whose difference from it has a paired bootstrap interval (95 %) that holds 0. They are
    compared only where their held-out images are the same.

    Args:
        run: a finished run.
        checkpoint: stage-one weights, last or best.
    """
    held_out = {name: held_out_logits(run, checkpoint, name) for name in saved_methods(run, checkpoint)}
    candidates = {name: logits for name, logits in held_out.items() if logits is not None}
    if not candidates:
        return _without_images(run, checkpoint)
    return choose_recommendation(candidates, checkpoint)


def choose_recommendation(held_out: Mapping[str, HeldOutLogits], checkpoint: str) -> RecommendationEntry:
    """Return the best of classifiers by their held-out logits; of equal ones the first."""
    correct = {name: _correct(logits) for name, logits in held_out.items()}
    scores = {name: _balanced(correct[name], logits.labels.numpy()) for name, logits in held_out.items()}
    best = max(scores, key=lambda name: scores[name])
    labels = held_out[best].labels.numpy()
    ties = tuple(
        name
        for name, logits in held_out.items()
        if name != best
        and np.array_equal(logits.labels.numpy(), labels)
        and compare_paired(correct[best], correct[name], labels)["balanced_interval"][0] <= 0
    )
    return RecommendationEntry(
        checkpoint=checkpoint,
        method=best,
        reason=f"highest balanced accuracy on {held_out[best].source}",
        split=held_out[best].source,
        balanced=100 * scores[best],
        interval=_interval(correct[best], labels),
        ties=ties,
    )


def _without_images(run: RunDir, checkpoint: str) -> RecommendationEntry:
    """Return stage two's first choice without any image to choose on: logit adjustment, which has no free choice."""
    saved = saved_methods(run, checkpoint)
    method = "logit_adjust" if "logit_adjust" in saved else STAGE_ONE_METHOD
    return RecommendationEntry(
        checkpoint=checkpoint, method=method, reason="there are no held-out images to choose on", split="no images"
    )


def _correct(held_out: HeldOutLogits) -> NDArray[np.bool_]:
    correct: NDArray[np.bool_] = (held_out.logits.argmax(dim=1) == held_out.labels).numpy()
    return correct


def _balanced(correct: NDArray[np.bool_], labels: NDArray[np.int64]) -> float:
    images = np.bincount(labels)
    recalls = np.bincount(labels, weights=correct, minlength=len(images))[images > 0] / images[images > 0]
    return float(recalls.mean())


def _interval(correct: NDArray[np.bool_], labels: NDArray[np.int64]) -> tuple[float, ...]:
    images = np.bincount(labels)
    hits = np.bincount(labels, weights=correct, minlength=len(images)).astype(np.int64)
    weights = np.where(images > 0, 1 / np.maximum(images, 1), 0) / (images > 0).sum()
    low, high = bootstrap_intervals(hits, images, weights[None])[0]
    return (100 * float(low), 100 * float(high))
