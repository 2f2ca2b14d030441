"""Quantised scores: what the page decodes is close to the exact scores, and fits its budget."""

import base64

import numpy as np
import pytest

from decouple.pages.live_panel import PanelPosition, decision_shift, exact_outcome, summarise
from decouple.pages.panel_data import MAX_PANEL_BYTES, PanelScores, encoded, quantise, sample_images


def decoded(scores: PanelScores, shares: np.ndarray, position: PanelPosition) -> tuple[np.ndarray, np.ndarray]:
    """Return predicted classes and confidences, written again from the description of the format."""
    rows = np.arange(len(scores.steps))
    classes = np.arange(scores.steps.shape[1])[None].repeat(len(rows), 0) if scores.classes is None else scores.classes
    shift = decision_shift(position, shares, np.exp(scores.log_assumed)) + scores.log_assumed
    values = shift[classes] - scores.steps * scores.scale[:, None].astype(np.float64)
    best = values.argmax(axis=1)
    total = np.exp(values).sum(axis=1)
    if scores.rest is not None:
        stops = [1.0, 0.5, 0.0, -0.5, -1.0] if position.follow else [0.0, 0.5, 1.0, 1.5, 2.0]
        column = stops.index(position.prior if position.follow else position.tau) + 5 * position.follow
        total += np.exp(scores.rest[:, column] / 400)
    return classes[rows, best].astype(np.int64), np.exp(values[rows, best]) / total


@pytest.mark.parametrize("kept", [12, 40])
@pytest.mark.parametrize(
    "settings", [{}, {"tau": 1.5}, {"prior": 0.0, "follow": True}, {"prior": -1.0, "follow": True}]
)
def test_decoded_scores_give_the_exact_outcome(kept: int, settings: dict[str, float]) -> None:
    rng = np.random.default_rng(1)
    shares = np.exp(-0.1 * np.arange(40))
    shares /= shares.sum()
    labels = rng.integers(40, size=3000)
    logits = rng.normal(0, 2, (3000, 40)) + 4 * np.eye(40)[labels] + np.log(shares)
    log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    position = PanelPosition(**settings)
    exact = exact_outcome(log_probs, labels, shares, shares, {}, position)
    predicted, confidence = decoded(quantise("x", [log_probs], shares, shares, kept), shares, position)
    outcome = summarise(predicted, confidence, labels, shares, {}, position)
    assert outcome.deployed == pytest.approx(exact.deployed, abs=0.1)
    assert outcome.balanced == pytest.approx(exact.balanced, abs=0.1)
    np.testing.assert_allclose(confidence, exact.confidence, atol=2e-3)


def test_arrays_are_little_endian_base64() -> None:
    assert base64.b64decode(encoded(np.array([258], ">u2"))) == b"\x02\x01"


@pytest.mark.parametrize(
    ("num_images", "num_classes", "classifiers"), [(24_000, 8_142, 2), (50_000, 1_000, 2), (200_000, 10, 1)]
)
def test_a_large_split_is_cut_class_by_class(num_images: int, num_classes: int, classifiers: int) -> None:
    labels = np.arange(num_images) % num_classes
    images = sample_images(labels, num_classes, classifiers)
    row = 2 * num_classes + 6 if num_classes == 10 else 4 * 12 + 20 + 6
    assert 0.9 * MAX_PANEL_BYTES < len(images) * row * classifiers * 4 / 3 <= MAX_PANEL_BYTES
    counts = np.bincount(labels[images], minlength=num_classes)
    assert counts.min() >= 1
    assert counts.max() - counts.min() <= 2
    assert (np.diff(images) > 0).all()


def test_a_small_split_stays_whole() -> None:
    labels = np.arange(10_000) % 100
    np.testing.assert_array_equal(sample_images(labels, 100, 2), np.arange(10_000))
