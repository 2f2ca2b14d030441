"""Assumed priors, held-out logits, calibration and recommendation of saved classifiers."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from decouple.errors import ConfigError, RunError
from decouple.evaluation.temperature import fit_temperature
from decouple.files.run_dir import RunDir
from stage2.assumed_prior import assumed_prior_of
from stage2.calibrated import load_calibrated
from stage2.held_out import HeldOutLogits, read_held_out, write_held_out
from stage2.recommendation import recommend, recommended_classifier
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config


@pytest.fixture
def run(runs: Path) -> RunDir:
    base = RunDir(runs / "base")
    for method, settings in (("logit_adjust", {"tau": 0.5}), ("crt", {"epochs": 1}), ("ncm", {})):
        run_stage2(base, Stage2Config(method=method, device="cpu", **settings))
    return base


def test_assumed_priors_of_the_methods(run: RunDir) -> None:
    counts = np.array(run.read_data().class_counts)
    shares = counts / counts.sum()
    np.testing.assert_allclose(assumed_prior_of(run, "last", "none"), shares)
    root = np.sqrt(shares)
    np.testing.assert_allclose(assumed_prior_of(run, "last", "logit_adjust"), root / root.sum())
    for name in ("crt", "ncm"):
        np.testing.assert_allclose(assumed_prior_of(run, "last", name), np.full(len(counts), 1 / len(counts)))


def test_probabilities_sum_to_one_and_the_temperature_lowers_the_likelihood(run: RunDir) -> None:
    calibrated = load_calibrated(run, "last", "ncm")
    assert calibrated.held_out is not None
    logits, labels = calibrated.held_out.logits.double(), calibrated.held_out.labels
    assert len(labels) == run.read_data().images["val"]
    weights = torch.tensor(calibrated.assumed_prior)[labels] / torch.bincount(labels, minlength=10)[labels]
    losses = [
        float((weights * torch.nn.functional.cross_entropy(logits / t, labels, reduction="none")).sum())
        for t in (calibrated.temperature, calibrated.temperature * 1.05, calibrated.temperature / 1.05)
    ]
    assert losses[0] < min(losses[1:])
    features = torch.randn(3, calibrated.classifier.weight.shape[1])
    np.testing.assert_allclose(np.exp(calibrated.log_probabilities(features)).sum(axis=1), 1)


def test_no_held_out_images_no_calibration(run: RunDir) -> None:
    run.features("last", "val").unlink()
    calibrated = load_calibrated(run, "last", "crt")
    assert (calibrated.temperature, calibrated.held_out) == (1.0, None)
    assert recommend(run, "last").reason == "there are no held-out images to choose on"


def test_no_temperature_where_all_held_out_images_are_correct(run: RunDir) -> None:
    write_held_out(run, "last", "crt", HeldOutLogits(2 * torch.eye(10), torch.arange(10), "10 images"))
    assert load_calibrated(run, "last", "crt").temperature == 1.0


def test_a_temperature_for_each_group(run: RunDir) -> None:
    # 30 images are predicted as class 0 (many), 27 of them correctly, with a logit gap of 2 ln 9: T = 2.
    logits = torch.full((40, 10), -1e4)
    logits[:, 0], logits[:, 9] = 0.0, -2 * math.log(9)
    logits[30:, 9] = 1.0
    labels = torch.tensor([0] * 27 + [9] * 3 + [9] * 7 + [0] * 3)
    write_held_out(run, "last", "crt", HeldOutLogits(logits, labels, "40 images"))
    calibrated = load_calibrated(run, "last", "crt")
    calibrated = dataclasses.replace(calibrated, assumed_prior=np.array([30 / 40, 0, 0, 0, 0, 0, 0, 0, 0, 10 / 40]))
    by_class = calibrated.group_temperatures([500] + [50] * 8 + [5])
    np.testing.assert_allclose(by_class[0], 2, rtol=1e-6)
    alone = fit_temperature(logits, labels, target_prior=calibrated.assumed_prior).value
    np.testing.assert_allclose(by_class[1:], alone)
    without = dataclasses.replace(calibrated, held_out=None, temperature=3.0)
    np.testing.assert_array_equal(without.group_temperatures([500] * 10), [3.0] * 10)


def test_a_group_whose_held_out_images_are_all_correct_has_no_temperature(run: RunDir) -> None:
    held_out = HeldOutLogits(2 * torch.eye(10).repeat(30, 1), torch.arange(10).repeat(30), "300 images")
    write_held_out(run, "last", "crt", held_out)
    np.testing.assert_array_equal(load_calibrated(run, "last", "crt").group_temperatures([500] * 10), [1.0] * 10)


def test_stored_out_of_fold_logits_are_used_and_checked(run: RunDir) -> None:
    stored = HeldOutLogits(torch.eye(10), torch.arange(10), "10 images in 2 folds")
    write_held_out(run, "last", "crt", stored)
    back = read_held_out(run, "last", "crt")
    assert back is not None
    assert back.source == "10 images in 2 folds"
    assert torch.equal(back.logits, stored.logits)
    weights = run.weights("last")
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\0\1")
    with pytest.raises(RunError, match="belongs to other weights"):
        read_held_out(run, "last", "crt")


def test_an_unknown_classifier_is_an_error(run: RunDir) -> None:
    with pytest.raises(ConfigError, match="no classifier 'tau'"):
        load_calibrated(run, "last", "tau")


def test_a_recorded_recommendation_is_returned(run: RunDir) -> None:
    recorded = run.read_results().recommended
    assert recorded is not None
    assert recommended_classifier(run) == recorded == recommend(run, "last")
    assert {recorded.method, *recorded.ties} <= {"none", "logit_adjust", "crt", "ncm"}
