"""The predictor of a run gives what its cached features give, from its folder alone."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from decouple.deploy.predictor import Predictor, load_predictor
from decouple.errors import ConfigError, RunError
from decouple.files.json_records import write_record
from decouple.files.run_dir import RunDir
from stage1.extract import read_cached
from stage1.run import open_training
from stage2.calibrated import load_calibrated
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config


@pytest.fixture
def predictor(runs: Path) -> Predictor:
    run_stage2(RunDir(runs / "base"), Stage2Config(method="ncm", device="cpu"))
    moved = runs.parent / "elsewhere" / "moved"
    moved.parent.mkdir()
    shutil.move(runs / "base", moved)
    return load_predictor(RunDir(moved), method="ncm", device="cpu")


def test_probabilities_are_those_of_the_cached_features(predictor: Predictor) -> None:
    data = open_training(predictor.run, device="cpu").batches.data
    features = predictor.features(data.pixels.read(data.splits["test"]))
    cached = read_cached(predictor.run, "last")["test"].features
    assert torch.equal(features, cached)
    expected = load_calibrated(predictor.run, "last", "ncm").log_probabilities(cached)
    np.testing.assert_array_equal(predictor.log_probabilities(features), expected)


def test_the_assumed_prior_changes_no_bit_and_another_one_shifts_by_its_ratio(predictor: Predictor) -> None:
    features = predictor.features(torch.randint(256, (3, 8, 8, 3), dtype=torch.uint8))
    plain = predictor.log_probabilities(features)
    np.testing.assert_array_equal(predictor.log_probabilities(features, np.full(10, 0.1)), plain)
    prior = np.arange(10) / 45  # the classifier of class means assumes 1 / 10; class 0 does not occur
    weighted = np.exp(plain) * prior * 10
    probabilities = np.exp(predictor.log_probabilities(features, prior))
    np.testing.assert_allclose(probabilities, weighted / weighted.sum(axis=1, keepdims=True))
    assert not probabilities[:, 0].any()


def test_the_recommended_classifier_is_the_default(predictor: Predictor) -> None:
    recommended = load_predictor(predictor.run, device="cpu")
    assert recommended.calibrated.name in ("none", "ncm")
    assert recommended.checkpoint == "last"
    assert recommended.class_names == tuple("0123456789")


def test_best_weights_have_their_own_classifier(predictor: Predictor) -> None:
    best = load_predictor(predictor.run, method="none", checkpoint="best", device="cpu")
    assert best.checkpoint == "best"
    with pytest.raises(ConfigError, match="no classifier 'ncm' for its best weights"):
        load_predictor(predictor.run, method="ncm", checkpoint="best", device="cpu")


def test_a_run_of_features_reads_no_image(predictor: Predictor) -> None:
    run = predictor.run
    write_record(run.manifest, dataclasses.replace(run.read_manifest(), kind="features"))
    with pytest.raises(RunError, match="has no network that could read images"):
        load_predictor(run, method="none")
