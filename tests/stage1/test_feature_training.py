"""A classifier trained on features that are extracted once is a run like any other."""

import dataclasses
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from decouple.cli import main
from decouple.datasets.data import Data
from decouple.errors import InterruptedRunError
from decouple.files.features import Features
from decouple.files.run_dir import RunDir
from decouple.files.tensor_files import read_tensors
from stage1 import feature_training as feature_training_module
from stage1 import train_run as train_run_module
from stage1.augment import NO_AUGMENTATION
from stage1.checkpoint import load_weights
from stage1.extract import extract, read_cached
from stage1.feature_training import FeatureBatches
from stage1.normalization import Normalization
from stage1.run import open_training, resume_run, start_run
from stage1.schedule import learning_rate
from stage1.settings import Stage1Config
from stage1.trainer import predict


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    state: dict[str, Tensor] = timm.create_model("test_resnet").state_dict()
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    save_file(state, path)
    return path


def config(root: Path, weights: Path, **settings: Any) -> Stage1Config:
    """138 training images, 9 steps an epoch."""
    fixed = {"fraction": 0.3, "ratio": 10.0, "batch_size": 16, "epochs": 4, "device": "cpu", "lr": 0.01, "name": "it"}
    fixed |= {"model": "test_resnet", "pretrained": str(weights), "train": "none", "precision": "fp32"}
    return Stage1Config(**{**fixed, "runs": str(root), **settings})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, weights: Path) -> RunDir:
    return start_run(config(tmp_path_factory.mktemp("runs"), weights))


def test_the_backbone_is_the_pretrained_one(run: RunDir, weights: Path) -> None:
    saved, pretrained = read_tensors(run.weights("last"))[0], load_file(weights)
    backbone = {name.removeprefix("backbone.body."): tensor for name, tensor in saved.items() if "backbone" in name}
    assert len(backbone) == len(pretrained) - 2
    assert all(torch.equal(tensor, pretrained[name]) for name, tensor in backbone.items())


def test_the_classifier_is_that_of_training_the_head_on_images_without_augmentation(
    run: RunDir, weights: Path, tmp_path: Path
) -> None:
    head = start_run(config(tmp_path, weights, train="head", augment="none"))
    (first, _), (second, _) = (read_tensors(trained.weights("last")) for trained in (run, head))
    for name in ("classifier.weight", "classifier.bias"):
        torch.testing.assert_close(first[name], second[name], rtol=1e-3, atol=1e-4)
    history = [trained.history.read_text().splitlines() for trained in (run, head)]
    assert [line.split(",")[0] for line in history[0]] == [line.split(",")[0] for line in history[1]]


@pytest.mark.parametrize("checkpoint", ["last", "best"])
def test_weights_features_and_results_belong_together(run: RunDir, checkpoint: str) -> None:
    training = open_training(run)
    load_weights(run.weights(checkpoint), training.network)
    logits, labels, _ = predict(training.network, training.batches, training.batches.data.splits["test"])
    accuracy = 100 * (logits.argmax(dim=1) == labels).float().mean().item()
    assert run.read_results().stage1[checkpoint].metrics["test"]["top1"] == pytest.approx(
        accuracy, abs=1.5
    )  # one image
    if checkpoint == "last":
        cached = read_cached(run, "last")
        assert cached.keys() == {"train", "val", "test"}
        for split, features in cached.items():
            expected = extract(training.network, training.batches, training.batches.data.splits[split])
            assert torch.equal(features.stored, expected.stored)
            assert torch.equal(features.labels, expected.labels)


def test_stage_two_needs_no_second_extraction(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stage2.feature_cache.open_training", lambda *_: pytest.fail("the images were read"))
    assert main(["stage2", "--run", str(run.path), "--method", "ncm"]) == 0


def test_evaluate_runs_the_network_on_the_images(run: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--run", str(run.path)]) == 0
    assert "balanced" in capsys.readouterr().out


def same_outcome(first: RunDir, second: RunDir) -> bool:
    for name in ("last", "best"):
        tensors, others = read_tensors(first.weights(name))[0], read_tensors(second.weights(name))[0]
        if any(not torch.equal(tensor, others[key]) for key, tensor in tensors.items()):
            return False
    return first.read_results().stage1 == second.read_results().stage1 and not first.checkpoint.exists()


@pytest.mark.parametrize("step", [0, 4, 8, 20])  # of 9 in an epoch
def test_a_stopped_training_ends_as_one_that_was_not(
    tmp_path: Path, weights: Path, run: RunDir, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    def rate(settings: Stage1Config, now: int, steps: int) -> float:
        if now == step:
            signal.raise_signal(signal.SIGINT)
        return learning_rate(settings, now, steps)

    own = tmp_path / "weights.safetensors"
    own.write_bytes(weights.read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr("stage1.trainer.learning_rate", rate)
        with pytest.raises(InterruptedRunError, match=f"stopped after {step // 9} of 4 epochs"):
            start_run(config(tmp_path, own))
    own.unlink()  # what is trained on has been extracted
    monkeypatch.setattr(feature_training_module, "cache_features", lambda *_: pytest.fail("extracted again"))
    resumed = resume_run(dataclasses.replace(config(tmp_path, own), resume=True), frozenset())
    assert same_outcome(resumed, run)


def test_a_stop_during_the_extraction_says_how_to_go_on(
    tmp_path: Path, weights: Path, run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = feature_training_module.cache_features

    def interrupted(*arguments: Any, report: Callable[[int], None]) -> dict[str, Features]:
        def stop_and_report(count: int) -> None:
            signal.raise_signal(signal.SIGINT)
            report(count)

        return genuine(*arguments, report=stop_and_report)

    with monkeypatch.context() as patch:
        patch.setattr(feature_training_module, "cache_features", interrupted)
        with pytest.raises(InterruptedRunError, match=r"stopped while features were extracted.* resume=True"):
            start_run(config(tmp_path, weights))
    stopped = RunDir(tmp_path / "it")
    assert stopped.read_manifest().status == "interrupted"
    assert same_outcome(resume_run(dataclasses.replace(config(tmp_path, weights), resume=True), frozenset()), run)


@pytest.mark.parametrize(
    ("name", "call"), [("save_weights", 2), ("save_checkpoint", 1), ("keep_features", 1), ("_score", 2)]
)
def test_nothing_is_lost_wherever_it_is_killed(
    tmp_path: Path, weights: Path, run: RunDir, monkeypatch: pytest.MonkeyPatch, name: str, call: int
) -> None:
    genuine, calls = getattr(train_run_module, name), 0

    def deadly(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        result = genuine(*arguments)
        if calls == call:
            raise KeyboardInterrupt
        return result

    with monkeypatch.context() as patch:
        patch.setattr(train_run_module, name, deadly)
        with pytest.raises(KeyboardInterrupt):
            start_run(config(tmp_path, weights))
    assert same_outcome(resume_run(dataclasses.replace(config(tmp_path, weights), resume=True), frozenset()), run)


def test_batches_of_features(tiny_data: Data) -> None:
    # The rows of a split are in the order of its images; here image i has the feature (i, -i).
    splits = {name: np.array(indices[::-1]) for name, indices in tiny_data.splits.items()}
    splits["test_longtailed"] = splits["test"][2:5]
    data = dataclasses.replace(tiny_data, splits=splits)
    numbers = {name: torch.from_numpy(indices).float() for name, indices in splits.items()}
    features = {
        name: Features(torch.stack([rows, -rows], dim=1), torch.from_numpy(data.labels[splits[name]]))
        for name, rows in numbers.items()
    }
    batches = FeatureBatches(data, Normalization((0.5,) * 3, (0.5,) * 3), torch.device("cpu"), features)
    order = np.array([7, 29, 0, 7, 12])
    results = list(batches.augmented(order, 2, NO_AUGMENTATION, (0,), start=1))
    assert [images[:, 0].tolist() for images, _ in results] == [[0, 7], [12]]  # batches of 2, 2 and 1; not the first
    for split, indices in splits.items():
        ((images, labels),) = batches.clean(indices, 100)
        assert torch.equal(images, torch.stack([numbers[split], -numbers[split]], dim=1))
        assert labels.tolist() == data.labels[indices].tolist()
