"""The scores of test images in few bytes, for the live panel of a page.

Of each image the panel needs the classes that can win, and the sum of all others. A row holds its k best classes over
all positions of the sliders, as 16-bit steps of a scale of its own below the highest; the others are one number for
each of ten positions of the sliders, between which the page interpolates. With few classes a row holds all of them.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decouple.evaluation.log_probabilities import log_probabilities
from decouple.files.features import Features
from decouple.pages.live_panel import PRIOR_STOPS, TAU_STOPS, Numbers, PanelPosition, decision_shift
from decouple.seeding import make_rng
from stage2.calibrated import CalibratedClassifier

MAX_PANEL_BYTES = 4_000_000  # of base64 text, of all classifiers of a panel together
KEPT_CLASSES = 12  # k, of each image where not all fit; at least the number of positions below
REST_STEPS = 400  # a nat
STEPS = 65_535  # of the scale of a row
MIN_SHARE = 1e-9  # of a class that training never drew
_POSITIONS = [PanelPosition(tau=tau) for tau in TAU_STOPS] + [
    PanelPosition(prior=prior, follow=True) for prior in PRIOR_STOPS
]


@dataclass(frozen=True, eq=False)
class PanelScores:
    """The scores of one classifier, quantised.

    Attributes:
        name: of the classifier, for people.
        classes: of each score, (N, k) uint16; None: the scores are of all classes in order.
        steps: of the log-likelihood below the highest of the row, (N, k) uint16.
        scale: nats a step, (N,) float32.
        rest: 400 times the log of the summed scores of all other classes over the highest, (N, 10) int16; None: there
            are none.
        log_assumed: log of the assumed prior, (C,).
    """

    name: str
    classes: NDArray[np.uint16] | None
    steps: NDArray[np.uint16]
    scale: NDArray[np.float32]
    rest: NDArray[np.int16] | None
    log_assumed: Numbers

    def record(self) -> dict[str, object]:
        """Return the scores as JSON that the page reads, arrays as base64 of their little-endian bytes."""
        return {
            "name": self.name,
            "kept": self.steps.shape[1],
            "classes": None if self.classes is None else encoded(self.classes),
            "steps": encoded(self.steps),
            "scale": encoded(self.scale),
            "rest": None if self.rest is None else encoded(self.rest),
            "logAssumed": [round(value, 6) for value in self.log_assumed.tolist()],
        }


def sample_images(labels: NDArray[np.int64], num_classes: int, num_classifiers: int) -> NDArray[np.int64]:
    """Return the images whose scores fit the page, ascending: all, or a stratified part of them.

    Every class keeps about the same share of its images, and at least one.

    Args:
        labels: true classes, (N,).
        num_classes: C.
        num_classifiers: how many classifiers the panel offers.

    Example:
        >>> sample_images(np.array([0, 0, 1]), 2, 2)
        array([0, 1, 2])
    """
    bytes_of_row = num_classifiers * _row_bytes(len(labels), num_classes, num_classifiers)
    room = int(0.98 * MAX_PANEL_BYTES * 3 / 4 / bytes_of_row)  # the sampled number varies a little
    if len(labels) <= room:
        return np.arange(len(labels))
    order = make_rng(0, "panel").permutation(len(labels))
    by_class = order[np.argsort(labels[order], kind="stable")]
    counts = np.bincount(labels, minlength=num_classes)
    starts = np.cumsum(counts) - counts
    ranks = np.arange(len(labels)) - starts[labels[by_class]]
    wanted = np.maximum(1.0, counts * (room / len(labels)))
    chance = make_rng(0, "panel", 1).random(num_classes)  # of one image more, for the fraction that is lost
    quota = np.floor(wanted + chance).astype(np.int64)
    return np.sort(by_class[ranks < quota[labels[by_class]]])


def panel_scores(
    name: str, calibrated: CalibratedClassifier, features: Features, images: NDArray[np.int64], *, shares: Numbers,
    num_classifiers: int,
) -> PanelScores:  # fmt: skip
    """Return the quantised scores of a classifier on a part of a split.

    Args:
        name: of the classifier, for people.
        calibrated: the classifier.
        features: of the split.
        images: positions in the split, ascending.
        shares: of the training images, (C,), above 0.
        num_classifiers: how many classifiers the panel offers.
    """
    assumed = np.maximum(calibrated.assumed_prior, MIN_SHARE)
    kept = len(shares) if _fits(len(images), len(shares), num_classifiers) else min(KEPT_CLASSES, len(shares))
    selected = (features.stored[part].float() for part in np.array_split(images, max(1, -(-len(images) // 1024))))
    chunks = (log_probabilities(calibrated.classifier.logits(chunk), calibrated.temperature) for chunk in selected)
    return quantise(name, chunks, shares, assumed, kept)


def quantise(name: str, chunks: Iterable[Numbers], shares: Numbers, assumed: Numbers, kept: int) -> PanelScores:
    """Return the quantised scores of log-probabilities (B, C), chunk by chunk, with `kept` classes of each image.

    Example:
        >>> log_probs, half = np.log([[0.75, 0.25]]), np.array([0.5, 0.5])
        >>> scores = quantise("stage one", [log_probs], half, half, 2)
        >>> scores.steps, round(65_535 * float(scores.scale[0]), 4)  # ln 3 = 1.0986
        (array([[    0, 65535]], dtype=uint16), 1.0986)
    """
    shifts = np.stack([decision_shift(position, shares, assumed) for position in _POSITIONS])
    everything = kept == len(shares)
    parts = [_quantised(log_probs, shifts, np.log(assumed), kept) for log_probs in chunks]
    classes, steps, scale, rest = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return PanelScores(
        name, None if everything else classes, steps, scale, None if everything else rest, np.log(assumed)
    )


def encoded(array: NDArray[np.generic]) -> str:
    """Return the little-endian bytes of an array as base64.

    Example:
        >>> encoded(np.array([1, 256], np.uint16))
        'AQAAAQ=='
    """
    return base64.b64encode(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()).decode()


def _quantised(
    log_probs: Numbers, shifts: Numbers, log_assumed: Numbers, kept: int
) -> tuple[NDArray[np.uint16], NDArray[np.uint16], NDArray[np.float32], NDArray[np.int16]]:
    if kept == log_probs.shape[1]:
        classes, rest = np.broadcast_to(np.arange(kept), log_probs.shape), np.zeros((len(log_probs), 0))
    else:
        classes, rest = _best_classes(log_probs, shifts, kept)
    likelihoods = np.take_along_axis(log_probs - log_assumed, classes, axis=1)
    top = likelihoods.max(axis=1, keepdims=True)
    scale = np.maximum((top - likelihoods).max(axis=1, keepdims=True), 1e-6) / STEPS
    steps = np.rint((top - likelihoods) / scale)
    return (
        classes.astype(np.uint16),
        np.minimum(steps, STEPS).astype(np.uint16),
        scale[:, 0].astype(np.float32),
        np.rint(REST_STEPS * (rest - top).clip(-80, 80)).astype(np.int16),
    )


def _best_classes(log_probs: Numbers, shifts: Numbers, kept: int) -> tuple[NDArray[np.int64], Numbers]:
    """Return the winner at each of the shifts and the classes with the highest probability at any of them.

    The second result is the log-sum of all other classes at each shift.
    """
    best, totals, winners = np.full(log_probs.shape, -np.inf), [], []
    for shift in shifts:
        scores = log_probs + shift
        totals.append(_log_sum(scores))
        np.maximum(best, scores - totals[-1], out=best)
        winners.append(scores.argmax(axis=1))
    np.put_along_axis(best, np.stack(winners, axis=1), np.inf, axis=1)
    classes = np.sort(np.argpartition(-best, kept - 1, axis=1)[:, :kept], axis=1)
    selected, rest = np.take_along_axis(log_probs, classes, axis=1), np.empty((len(log_probs), len(shifts)))
    for column, (shift, total) in enumerate(zip(shifts, totals, strict=True)):
        share = np.exp(selected + shift[classes] - total).sum(axis=1)
        rest[:, column] = total[:, 0] + np.log(np.maximum(1 - share, 1e-12))
    return classes, rest


def _log_sum(scores: Numbers) -> Numbers:
    """Return ``ln sum_j exp(scores_j)``, (B, 1)."""
    top = scores.max(axis=1, keepdims=True)
    total: Numbers = top + np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
    return total


def _fits(num_images: int, num_classes: int, num_classifiers: int) -> bool:
    """Return whether all scores of all images fit the page."""
    return (2 * num_classes + 6) * num_images * num_classifiers <= MAX_PANEL_BYTES * 3 // 4


def _row_bytes(num_images: int, num_classes: int, num_classifiers: int) -> int:
    if _fits(num_images, num_classes, num_classifiers) or num_classes <= KEPT_CLASSES:
        return 2 * num_classes + 6
    return 4 * KEPT_CLASSES + 2 * len(_POSITIONS) + 6
