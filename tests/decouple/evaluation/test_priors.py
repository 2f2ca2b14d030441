import numpy as np
import pytest
import torch
from scipy.special import softmax

from decouple.errors import ConfigError, DataError
from decouple.evaluation.priors import (
    as_prior,
    assumed_prior,
    deployment_prior,
    log_prior_ratio,
    prior_from_table,
    shift_prior,
)

COUNTS = [500, 50, 5]


def random_log_probabilities(seed: int, num_images: int = 40, num_classes: int = 3) -> np.ndarray:
    return np.log(np.random.default_rng(seed).dirichlet(np.ones(num_classes), num_images))


def test_assumed_priors_by_hand() -> None:
    np.testing.assert_allclose(assumed_prior("sampled", [0.2, 0.3, 0.5]), [0.2, 0.3, 0.5], rtol=0)
    np.testing.assert_allclose(assumed_prior("sampled", COUNTS), np.array(COUNTS) / 555)
    np.testing.assert_array_equal(assumed_prior("uniform", [9, 0, 1]), [1 / 3] * 3)
    # Counts 100, 25, 1 to the power of 1/2 are 10, 5, 1.
    np.testing.assert_allclose(assumed_prior("logit_adjusted", [100, 25, 1], tau=0.5), np.array([10, 5, 1]) / 16)
    # tau 2 turns the prior around: 1/n.
    np.testing.assert_allclose(assumed_prior("logit_adjusted", [4, 2, 1], tau=2), np.array([1, 2, 4]) / 7)


def test_logit_adjustment_of_0_is_the_training_prior_and_of_1_the_uniform_one() -> None:
    train = deployment_prior("train", COUNTS)
    np.testing.assert_array_equal(assumed_prior("logit_adjusted", COUNTS, tau=0), train)
    np.testing.assert_array_equal(assumed_prior("logit_adjusted", COUNTS, tau=1), deployment_prior("uniform", COUNTS))


@pytest.mark.parametrize("tau", [0, 0.3, 1, 1.7])
def test_the_assumed_prior_undoes_logit_adjustment(tau: float) -> None:
    # Bayes: if z are log-probabilities under pi, then softmax(z - tau log pi) are probabilities under pi^(1 - tau).
    pi = deployment_prior("train", COUNTS)
    log_probs = random_log_probabilities(0)
    adjusted = np.log(softmax(log_probs - tau * np.log(pi), axis=1))
    from_adjusted = shift_prior(adjusted, assumed_prior("logit_adjusted", COUNTS, tau=tau), pi)
    np.testing.assert_allclose(softmax(from_adjusted, axis=1), softmax(log_probs, axis=1), rtol=1e-10)


def test_deployment_priors() -> None:
    np.testing.assert_allclose(deployment_prior("train", COUNTS), np.array(COUNTS) / 555)
    np.testing.assert_array_equal(deployment_prior("uniform", COUNTS), [1 / 3] * 3)
    np.testing.assert_allclose(deployment_prior([1, 0, 3], COUNTS), [0.25, 0, 0.75])
    np.testing.assert_allclose(deployment_prior(torch.tensor([1, 1, 2]), torch.tensor(COUNTS)), [0.25, 0.25, 0.5])


def test_a_prior_that_sums_to_one_is_not_changed_and_normalising_twice_changes_nothing() -> None:
    for seed in range(50):
        once = as_prior("prior", np.random.default_rng(seed).integers(1, 1000, 37))
        np.testing.assert_array_equal(as_prior("prior", once), once)
        np.testing.assert_allclose(once.sum(), 1)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_same_prior_changes_no_bit(seed: int, dtype) -> None:
    log_probs = random_log_probabilities(seed, num_classes=7).astype(dtype)
    log_probs[0, 0], log_probs[1, 1], log_probs[2, 2] = 0.0, -0.0, -np.inf
    counts = np.random.default_rng(seed).integers(1, 1000, 7)
    shifted = shift_prior(log_probs, counts, deployment_prior("train", counts))
    assert shifted.tobytes() == log_probs.astype(np.float64).tobytes()


@pytest.mark.parametrize("seed", range(5))
def test_a_shift_is_bayes_rule(seed: int) -> None:
    # Joint table of 4 inputs and 3 classes: p(x|y) stays, the prior of y changes.
    rng = np.random.default_rng(seed)
    likelihood = rng.dirichlet(np.ones(4), 3).T  # (inputs, classes)
    p0, q = rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(3))
    posterior = likelihood * p0 / (likelihood * p0).sum(axis=1, keepdims=True)
    expected = likelihood * q / (likelihood * q).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(softmax(shift_prior(np.log(posterior), p0, q), axis=1), expected)


def test_there_and_back_changes_nothing() -> None:
    log_probs = random_log_probabilities(3)
    there = np.log(softmax(shift_prior(log_probs, COUNTS, [1, 1, 1]), axis=1))
    back = softmax(shift_prior(there, [1, 1, 1], COUNTS), axis=1)
    np.testing.assert_allclose(back, np.exp(log_probs))


def test_the_threshold_of_two_classes_moves_with_the_prior() -> None:
    # p0 = (1/2, 1/2), q = (1/10, 9/10): class 0 is predicted where p / (1 - p) > 9.
    log_probs = np.log([[0.89, 0.11], [0.91, 0.09]])
    assert shift_prior(log_probs, [1, 1], [1, 9]).argmax(axis=1).tolist() == [1, 0]


def test_a_class_that_cannot_occur_is_never_predicted() -> None:
    scores = shift_prior(np.log([[0.98, 0.01, 0.01], [0.3, 0.3, 0.4]]), COUNTS, [0, 1, 1])
    assert (scores[:, 0] == -np.inf).all()
    assert (scores.argmax(axis=1) > 0).all()
    np.testing.assert_allclose(softmax(scores, axis=1).sum(axis=1), 1)


def test_the_ratio_is_what_the_shift_adds() -> None:
    log_probs = random_log_probabilities(5)
    expected = log_probs + log_prior_ratio(COUNTS, [1, 1, 1], 3)
    np.testing.assert_array_equal(shift_prior(log_probs, COUNTS, [1, 1, 1]), expected)


def test_an_assumed_prior_of_zero_is_refused_by_name() -> None:
    log_probs = random_log_probabilities(0)
    with pytest.raises(DataError, match="assumed must be above 0 for every class, got 0 for class 1; a class that"):
        shift_prior(log_probs, [1, 0, 1], [1, 1, 1])
    with pytest.raises(DataError, match=r"got 0 for class 1 \('owl'\)"):
        shift_prior(log_probs, [1, 0, 1], [1, 1, 1], class_names=["wren", "owl", "kite"])
    with pytest.raises(DataError, match="class_probabilities must be above 0 for every class, got 0 for class 2"):
        assumed_prior("logit_adjusted", [5, 5, 0])


def test_an_image_without_a_possible_class_is_refused() -> None:
    log_probs = np.array([[-1.0, -0.5], [0.0, -np.inf]])
    with pytest.raises(DataError, match="image 1 has probability 0 for every class"):
        shift_prior(log_probs, [1, 1], [0, 1])


def test_tables_follow_the_class_names() -> None:
    names = ["wren", "owl", "kite"]
    np.testing.assert_allclose(prior_from_table({"kite": 2, "wren": 1, "owl": 1}, names), [0.25, 0.25, 0.5])
    with pytest.raises(DataError, match=r"the prior names 'xx', which is no class\. The classes are [^.]*wren"):
        prior_from_table({"xx": 1.0}, ["owl", "wren"])
    with pytest.raises(DataError, match=r"the prior names 'wern', which is no class.*'wren'"):
        prior_from_table({"wern": 1, "owl": 1, "kite": 1}, names)
    with pytest.raises(DataError, match="no value for 2 of 3 classes, the first is 'owl'"):
        prior_from_table({"wren": 1}, names)
    with pytest.raises(DataError, match="got -1 for class 1"):
        prior_from_table({"wren": 1, "owl": -1, "kite": 1}, names)


def test_one_class() -> None:
    assert shift_prior(np.array([[0.0]]), [7], [3]).tolist() == [[0.0]]
    assert assumed_prior("logit_adjusted", [7], tau=0.5).tolist() == [1.0]


def test_wrong_values_are_refused() -> None:
    with pytest.raises(ConfigError, match="trait must be one of sampled, uniform, logit_adjusted, got 'sampler'"):
        assumed_prior("sampler", COUNTS)
    with pytest.raises(ConfigError, match="tau must be between -10 and 10"):
        assumed_prior("logit_adjusted", COUNTS, tau=np.nan)
    with pytest.raises(ConfigError, match="prior must be one of train, uniform, got 'em'"):
        deployment_prior("em", COUNTS)
    with pytest.raises(DataError, match=r"prior must have shape \(3,\), got \(2,\)"):
        deployment_prior([0.5, 0.5], COUNTS)
    with pytest.raises(DataError, match="prior must hold finite numbers of 0 or more, got nan for class 2"):
        deployment_prior([1, 1, np.nan], COUNTS)
    with pytest.raises(DataError, match="prior must be above 0 for at least one class"):
        deployment_prior([0, 0, 0], COUNTS)
    with pytest.raises(DataError, match="prior must hold numbers"):
        as_prior("prior", ["a", "b"])
    with pytest.raises(DataError, match="log_probabilities must be 0 or less"):
        shift_prior(np.ones((2, 3)), COUNTS, COUNTS)
    with pytest.raises(DataError, match=r"deployment must have shape \(3,\)"):
        shift_prior(np.zeros((2, 3)), COUNTS, [1, 1])
