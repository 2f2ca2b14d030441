from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from decouple.deploy.predictor import load_predictor
from decouple.errors import RunError
from decouple.files.run_dir import RunDir
from decouple.files.tensor_files import read_tensors
from stage1.run import open_training
from stage2.feature_cache import load_features
from stage2.run_methods import run_stage2
from stage2.saved_classifiers import load_saved_classifier, open_evaluation_set
from stage2.settings import Stage2Config


@pytest.fixture
def base(runs: Path) -> RunDir:
    return RunDir(runs / "base")


def _config(**settings: Any) -> Stage2Config:
    return Stage2Config(**{"device": "cpu", "epochs": 1, "method": "mislas", "weights": "shifted", **settings})


def test_statistics_change_and_weights_do_not(base: RunDir) -> None:
    load_features(base, _config())
    last, _ = read_tensors(base.weights("last"))
    shifted, _ = read_tensors(base.weights("shifted"))
    assert last.keys() == shifted.keys()
    differ = {name for name in last if not torch.equal(last[name], shifted[name])}
    assert differ == {name for name in last if "running_" in name or "num_batches" in name}


def test_the_statistics_of_the_first_norm_are_those_of_a_balanced_epoch(base: RunDir) -> None:
    load_features(base, _config())
    shifted, _ = read_tensors(base.weights("shifted"))
    training = open_training(base, device="cpu")
    data = training.batches.data
    train = data.splits["train"]
    classes = np.bincount(data.labels[train])
    # Every image of class j counts 1 / n_j; the mean over crops and flips of all images comes near the drawn one.
    backbone = training.network.backbone
    backbone.load_state_dict({k.removeprefix("backbone."): v for k, v in shifted.items() if k.startswith("backbone.")})
    convolution = next(module for module in backbone.modules() if isinstance(module, torch.nn.Conv2d))
    means = []
    for repeat in range(20):
        batches = training.batches.augmented(train, 64, training.augmentation, (99, repeat))
        outputs = torch.cat([convolution(images).mean(dim=(2, 3)) for images, _ in batches]).detach()
        weights = torch.from_numpy(1 / classes[data.labels[train]]).float()
        means.append((outputs * (weights / weights.sum())[:, None]).sum(dim=0))
    norm = next(module for module in backbone.modules() if isinstance(module, torch.nn.BatchNorm2d))
    assert norm.running_mean is not None
    torch.testing.assert_close(norm.running_mean, torch.stack(means).mean(dim=0), atol=0.1, rtol=0.1)


def test_stage_one_is_scored_under_the_shifted_weights(base: RunDir) -> None:
    run_stage2(base, _config())
    results = base.read_results()
    splits = load_features(base, _config())
    classifier = load_saved_classifier(base, "shifted", "none")
    right = (classifier.logits(splits["test"].features).argmax(dim=1) == splits["test"].labels).double().mean()
    assert results.stage1["shifted"].metrics["test"]["top1"] == pytest.approx(100 * float(right))
    assert results.stage1["shifted"].epoch == results.stage1["last"].epoch
    assert list(results.stage2["shifted"]) == ["mislas"]
    assert "last" not in results.stage2


def test_features_of_last_stay_and_both_caches_lie_side_by_side(base: RunDir) -> None:
    before = load_features(base, _config(weights="last"))["test"].features.clone()
    shifted = load_features(base, _config())["test"].features
    assert torch.equal(load_features(base, _config(weights="last"))["test"].features, before)
    assert not torch.allclose(shifted, before)


def test_predict_and_evaluate_use_the_shifted_statistics(base: RunDir) -> None:
    run_stage2(base, _config())
    stored = open_evaluation_set(base, "shifted", "test").features
    classifier = load_saved_classifier(base, "shifted", "mislas")
    predictor = load_predictor(base, method="mislas", checkpoint="shifted", device="cpu")
    training = open_training(base, device="cpu")
    pixels = training.batches.data.pixels.read(training.batches.data.splits["test"])
    features = torch.as_tensor(predictor.features(pixels))
    torch.testing.assert_close(features, stored.features, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(
        predictor.calibrated.classifier.logits(features), classifier.logits(stored.features), rtol=1e-4, atol=1e-3
    )
    assert base.read_results().recommended.checkpoint == "shifted"  # type: ignore[union-attr]


def test_the_same_bits_again_whatever_the_seed_of_stage_two(base: RunDir) -> None:
    load_features(base, _config(seed=1))
    first = base.weights("shifted").read_bytes()
    load_features(base, _config(seed=2, refresh_features=True))
    assert base.weights("shifted").read_bytes() == first


def test_they_must_be_made_before_they_are_used(base: RunDir) -> None:
    with pytest.raises(
        RunError, match=r"has no shifted weights; make them with decouple stage2 run=.* weights=shifted"
    ):
        open_evaluation_set(base, "shifted", "test")


def test_a_prediction_refuses_weights_that_are_not_made(base: RunDir) -> None:
    for method in (None, "none"):
        with pytest.raises(RunError, match="has no shifted weights"):
            load_predictor(base, method=method, checkpoint="shifted", device="cpu")
