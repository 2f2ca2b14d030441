import math
import tracemalloc

import numpy as np
import pytest
import torch

from decouple.errors import ConfigError, DataError
from decouple.evaluation.prediction_sets import calibrate_sets, images_needed, report_sets


def random_split(seed: int, num_images: int = 200, num_classes: int = 5):
    """Return log-probabilities and labels drawn from them, so calibrated."""
    rng = np.random.default_rng(seed)
    probs = rng.dirichlet(np.full(num_classes, 0.5), num_images)
    labels = (probs.cumsum(axis=1) < rng.random((num_images, 1))).sum(axis=1).clip(max=num_classes - 1)
    return np.log(np.maximum(probs, 1e-300)), labels


def true_class_probabilities(*values: float) -> np.ndarray:
    """Return log-probabilities of two classes, where the true class 0 has the given probabilities."""
    return np.log(np.stack([values, 1 - np.array(values)], axis=1))


@pytest.mark.parametrize(
    ("coverage", "threshold"),
    [(0.9, 0.1), (0.8, 0.2), (0.81, 0.1), (0.5, 0.5), (0.1, 0.9), (0.01, 0.9)],
)
def test_nine_images_by_hand(coverage: float, threshold: float) -> None:
    # The rank is ceil(10 * coverage), counted from the highest score: 9, 8, 9, 5, 1, 1.
    log_probs = true_class_probabilities(0.3, 0.9, 0.1, 0.5, 0.7, 0.2, 0.8, 0.4, 0.6)
    rule = calibrate_sets(log_probs, np.zeros(9, dtype=int), coverage)
    np.testing.assert_allclose(np.exp(rule.log_threshold), threshold)
    assert rule.images == 9


def test_the_rank_is_exact_in_decimals() -> None:
    # 100 * 0.07 = 7.000000000000001 in floating point, whose ceiling is 8; the rank is 7, the score 0.93.
    values = np.arange(1, 100) / 100
    rule = calibrate_sets(true_class_probabilities(*values), np.zeros(99, dtype=int), 0.07)
    np.testing.assert_allclose(np.exp(rule.log_threshold), 0.93)


@pytest.mark.parametrize("seed", range(5))
def test_equals_the_quantile_of_numpy(seed: int) -> None:
    log_probs, labels = random_split(seed, num_images=137)
    errors = 1 - np.exp(log_probs[np.arange(137), labels])
    level = math.ceil(138 * 0.85) / 137
    expected = 1 - np.quantile(errors, level, method="inverted_cdf")
    rule = calibrate_sets(log_probs, labels, 0.85)
    np.testing.assert_allclose(np.exp(rule.log_threshold), expected, rtol=1e-9)


@pytest.mark.parametrize("score", ["probability", "pas"])
def test_sets_on_the_validation_images_cover_at_least_their_rank(score: str) -> None:
    log_probs, labels = random_split(0)
    prior = np.bincount(labels, minlength=5)
    rule = calibrate_sets(log_probs, labels, 0.9, score=score, prior=prior, never_empty=False)
    covered = rule.members(log_probs)[np.arange(200), labels].sum()
    assert covered == math.ceil(201 * 0.9)


@pytest.mark.parametrize("score", ["probability", "pas"])
@pytest.mark.parametrize("coverage", [0.6, 0.9])
def test_the_average_coverage_of_new_images_is_the_level(score: str, coverage: float) -> None:
    # Without ties the mean over validation sets is k / (n + 1) with k = ceil((n + 1) * coverage); here 30 or 45 of 50.
    covered = []
    for seed in range(300):
        log_probs, labels = random_split(seed, num_images=149)
        rule = calibrate_sets(
            log_probs[:49], labels[:49], coverage, score=score, prior=[9, 5, 3, 2, 1], never_empty=False
        )
        covered.append(rule.members(log_probs[49:])[np.arange(100), labels[49:]].mean())
    assert abs(np.mean(covered) - coverage) < 4 * np.std(covered) / math.sqrt(300)


def test_pas_divides_by_the_prior() -> None:
    # Scores of the true classes: 0.6 / 0.75 = 0.8 and 0.3 / 0.25 = 1.2; rank ceil(3 * 0.6) = 2 of 2.
    log_probs = np.log([[0.6, 0.4], [0.7, 0.3]])
    rule = calibrate_sets(log_probs, np.array([0, 1]), 0.6, score="pas", prior=[3, 1])
    np.testing.assert_allclose(np.exp(rule.log_threshold), 0.8)
    # 0.5 / 0.75 = 0.67 is out, 0.5 / 0.25 = 2 in; 0.9 / 0.75 = 1.2 in, 0.1 / 0.25 = 0.4 out.
    assert rule.members(np.log([[0.5, 0.5], [0.9, 0.1]])).tolist() == [[False, True], [True, False]]


def test_pas_covers_rare_classes_better() -> None:
    rng = np.random.default_rng(0)
    prior = np.array([0.7, 0.2, 0.08, 0.02])
    labels = rng.choice(4, 8000, p=prior)
    features = np.eye(4)[labels] + 0.8 * rng.normal(size=(8000, 4))
    joint = np.exp(features / 0.64) * prior
    log_probs = np.log(joint / joint.sum(axis=1, keepdims=True))
    reports = {}
    for score in ("probability", "pas"):
        rule = calibrate_sets(log_probs[:4000], labels[:4000], 0.9, score=score, prior=prior)
        reports[score] = report_sets(rule.members(log_probs[4000:]), labels[4000:])
    assert reports["pas"].macro_coverage > reports["probability"].macro_coverage + 10
    assert reports["pas"].mean_size > reports["probability"].mean_size
    for report in reports.values():
        assert abs(report.coverage - 90) < 2


def test_an_empty_set_gets_the_class_with_the_highest_score_by_default() -> None:
    log_probs = true_class_probabilities(*[0.95] * 9)
    labels, unsure = np.zeros(9, dtype=int), np.log([[0.4, 0.6], [0.97, 0.03]])
    assert calibrate_sets(log_probs, labels, 0.5).members(unsure).tolist() == [[False, True], [True, False]]
    rule = calibrate_sets(log_probs, labels, 0.5, never_empty=False)
    assert rule.members(unsure).tolist() == [[False, False], [True, False]]
    assert report_sets(rule.members(unsure), np.array([0, 0])).empty_sets == 50


def test_a_true_class_of_probability_zero_can_put_every_class_in() -> None:
    log_probs = np.array([[-np.inf, 0.0], [0.0, -np.inf]])
    rule = calibrate_sets(log_probs, np.array([0, 0]), 0.6)
    assert rule.log_threshold == -np.inf
    assert rule.members(log_probs).all()


def test_tied_scores_are_all_in() -> None:
    log_probs = np.full((20, 4), np.log(0.25))
    assert calibrate_sets(log_probs, np.arange(20) % 4, 0.5).members(log_probs).all()


@pytest.mark.parametrize("coverage", [0.01, 0.07, 0.29, 0.5, 0.57, 0.8, 0.9, 0.95, 0.99, 0.999])
def test_the_images_needed_are_enough_and_one_fewer_is_not(coverage: float) -> None:
    needed = images_needed(coverage)
    log_probs = np.zeros((needed, 1))
    labels = np.zeros(needed, dtype=int)
    assert calibrate_sets(log_probs, labels, coverage).images == needed
    if needed > 1:
        with pytest.raises(DataError, match=f"{needed - 1} validation images are too few .*; {needed} or more"):
            calibrate_sets(log_probs[1:], labels[1:], coverage)


def test_a_report_by_hand() -> None:
    # Class 0 is covered 3 of 4 times, class 1 once of 3, class 3 once of 1; class 2 has no image.
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 3])
    members = np.zeros((8, 4), dtype=bool)
    members[[0, 1, 2, 4, 7], labels[[0, 1, 2, 4, 7]]] = True
    members[:4, 2] = True
    report = report_sets(members, labels)
    np.testing.assert_allclose(report.coverage, 100 * 5 / 8)
    np.testing.assert_allclose(report.macro_coverage, 100 * (3 / 4 + 1 / 3 + 1) / 3)
    np.testing.assert_allclose(report.undercovered_classes, 100 / 3)
    np.testing.assert_allclose(report.mean_size, 9 / 8)
    np.testing.assert_allclose(report.empty_sets, 25)
    assert (report.images, report.absent_classes) == (8, (2,))


def test_tensors_are_read() -> None:
    log_probs, labels = random_split(1)
    rule = calibrate_sets(torch.tensor(log_probs), torch.tensor(labels), 0.9)
    assert rule.log_threshold == calibrate_sets(log_probs, labels, 0.9).log_threshold
    members = torch.tensor(rule.members(log_probs))
    assert report_sets(members, torch.tensor(labels)) == report_sets(members.numpy(), labels)


def test_many_classes_take_little_memory() -> None:
    rng = np.random.default_rng(0)
    log_probs = np.log(rng.random((1000, 8142), dtype=np.float32) / 8142)
    labels = rng.integers(0, 8142, 1000)
    tracemalloc.start()
    rule = calibrate_sets(log_probs, labels, 0.9, score="pas", prior=np.arange(1, 8143))
    report = report_sets(rule.members(log_probs), labels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6  # bytes; the scores in float64 would take 65 MB
    assert report.coverage >= 90


def test_wrong_values_are_refused() -> None:
    log_probs, labels = random_split(0, num_images=20)
    for coverage in (0, 1, 90, -0.1, np.nan):
        with pytest.raises(ConfigError, match="coverage must be above 0 and below 1"):
            calibrate_sets(log_probs, labels, coverage)
    with pytest.raises(ConfigError, match="score must be one of probability, pas, got 'aps'"):
        calibrate_sets(log_probs, labels, 0.9, score="aps")
    with pytest.raises(ConfigError, match="add prior"):
        calibrate_sets(log_probs, labels, 0.9, score="pas")
    with pytest.raises(ConfigError, match="never_empty must be True or False"):
        calibrate_sets(log_probs, labels, 0.9, never_empty=1)
    with pytest.raises(DataError, match="prior must be above 0 for every class, got 0 for class 3"):
        calibrate_sets(log_probs, labels, 0.9, score="pas", prior=[1, 1, 1, 0, 1])
    with pytest.raises(DataError, match="log_probabilities must be 0 or less"):
        calibrate_sets(np.exp(log_probs) + 1, labels, 0.9)
    with pytest.raises(DataError, match=r"log_probabilities must have shape \(N, 5\), got \(1, 4\)"):
        calibrate_sets(log_probs, labels, 0.9).members(np.zeros((1, 4)))
    with pytest.raises(DataError, match="members must hold True and False"):
        report_sets(log_probs, labels)
    with pytest.raises(DataError, match="at least one image"):
        report_sets(np.zeros((0, 3), dtype=bool), np.zeros(0, dtype=int))
