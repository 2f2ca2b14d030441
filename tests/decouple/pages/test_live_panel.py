"""The live panel in Python: worked by hand, and against the formulas of prior shift."""

import numpy as np
import pytest

from decouple.errors import ConfigError
from decouple.evaluation.priors import shift_prior
from decouple.pages.live_panel import PanelPosition, decision_shift, exact_outcome

SHARES = np.array([0.8, 0.2])
GROUPS = {"many": (0,), "few": (1,)}
SCORES = np.log([[0.9, 0.1], [0.7, 0.3], [0.7, 0.3], [0.85, 0.15]])
LABELS = np.array([0, 0, 1, 1])


def outcome(**position):
    return exact_outcome(SCORES, LABELS, SHARES, SHARES, GROUPS, PanelPosition(**position))


def test_without_adjustment_the_head_wins_everything() -> None:
    result = outcome()
    assert result.recalls.tolist() == [100, 0]
    assert (result.balanced, result.groups) == (50, {"many": 100, "few": 0})
    assert result.deployed == pytest.approx(80)  # 0.8 * 100 + 0.2 * 0
    np.testing.assert_allclose(result.confidence, [0.9, 0.7, 0.7, 0.85])


def test_tau_moves_images_between_classes() -> None:
    # tau 1 divides by the shares: 0.7 / 0.8 < 0.3 / 0.2, but 0.85 / 0.8 > 0.15 / 0.2: images 1 and 2 change.
    result = outcome(tau=1.0)
    assert result.predicted.tolist() == [0, 1, 1, 0]
    assert result.recalls.tolist() == [50, 50]
    assert result.confidence[1] == pytest.approx(1.5 / (1.5 + 0.875))


@pytest.mark.parametrize(("prior", "deployed"), [(1.0, 80.0), (0.0, 50.0), (-1.0, 20.0)])
def test_the_prior_weights_the_accuracy(prior: float, deployed: float) -> None:
    assert outcome(prior=prior).deployed == pytest.approx(deployed)  # reversed: 0.2 * 100 + 0.8 * 0


def test_abstaining_leaves_the_confident_images() -> None:
    # Above 0.8: one of two images of each class; the one of class 0 is correct, that of class 1 is not.
    result = outcome(threshold=0.8, prior=0.0)
    assert (result.answered, result.answered_accuracy) == (pytest.approx(50), pytest.approx(50))
    nothing = outcome(threshold=1.0)
    assert nothing.answered == 0
    assert np.isnan(nothing.answered_accuracy)


@pytest.mark.parametrize("prior", [1.0, 0.3, -1.0])
def test_decisions_for_a_prior_are_those_of_the_prior_shift(prior: float) -> None:
    rng = np.random.default_rng(0)
    log_probs = np.log(rng.dirichlet(np.ones(5), size=200))
    shares, assumed = rng.dirichlet(np.ones(5)), rng.dirichlet(np.ones(5))
    labels, position = rng.integers(5, size=200), PanelPosition(prior=prior, follow=True)
    deployment = shares**prior / (shares**prior).sum()
    shifted = shift_prior(log_probs, assumed, deployment)
    result = exact_outcome(log_probs, labels, shares, assumed, {}, position)
    np.testing.assert_array_equal(result.predicted, shifted.argmax(axis=1))
    probabilities = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(result.confidence, probabilities.max(axis=1))


def test_a_class_without_test_images_counts_nowhere() -> None:
    result = exact_outcome(SCORES[:2], LABELS[:2], SHARES, SHARES, GROUPS, PanelPosition(prior=-1.0))
    assert np.isnan(result.recalls[1])
    assert (result.deployed, result.balanced, result.groups) == (100, 100, {"many": 100})


def test_tau_has_no_effect_on_decisions_for_a_prior() -> None:
    np.testing.assert_array_equal(
        decision_shift(PanelPosition(tau=0.0, prior=0.5, follow=True), SHARES, SHARES),
        decision_shift(PanelPosition(tau=2.0, prior=0.5, follow=True), SHARES, SHARES),
    )


@pytest.mark.parametrize("position", [{"tau": -0.1}, {"tau": 2.1}, {"prior": 1.1}, {"threshold": -1.0}])
def test_positions_outside_the_sliders_are_refused(position: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(position))):
        PanelPosition(**position)
