import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from decouple.cli import main
from decouple.config.settings_yaml import from_yaml
from decouple.datasets.settings import DataConfig
from decouple.datasets.table import DATASETS
from decouple.errors import RunError
from decouple.evaluation.feature_norms import mean_feature_norms
from decouple.files.feature_norms import read_feature_norms
from decouple.files.run_dir import RunDir
from decouple.files.split_indices import read_split_indices
from stage1.checkpoint import load_weights
from stage1.extract import extract, read_cached
from stage1.run import open_training, require_same_data, start_run
from stage1.settings import Stage1Config
from stage1.trainer import predict

# 138 training images
SETTINGS: dict[str, Any] = {"fraction": 0.3, "ratio": 10.0, "batch_size": 16, "epochs": 4, "device": "cpu"}
WORDS = ["stage1", *(word for name, value in SETTINGS.items() for word in (f"--{name.replace('_', '-')}", str(value)))]


def _config(root: Path, **settings: Any) -> Stage1Config:
    return Stage1Config(**{**SETTINGS, "runs": str(root), **settings})


@pytest.fixture(scope="module")
def small_shared(tmp_path_factory: pytest.TempPathFactory, make_small_backbone: Callable[..., nn.Module]) -> RunDir:
    """A run of the small backbone, dropout included, that nothing interrupted and no test changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stage1.network.make_backbone", make_small_backbone)
        return start_run(_config(tmp_path_factory.mktemp("small")))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "resnet21"], "unknown model 'resnet21'. Did you mean"),
        (["--model", "test_vit"], "8 x 8 images"),
        (["--model", "test_resnet", "--pretrained", "gone.pth"], "there is no file gone.pth"),
        (["--sampler", "clas"], "unknown sampler 'clas'. Did you mean 'class'?"),
        (["--augment", "crop-flip"], "use --augment crop"),
        (["--data", "digit"], "unknown data set 'digit'. Did you mean 'digits'?"),
        (["--name", "a/b"], "--name must be a plain folder name"),
    ],
)
def test_a_start_that_fails_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main([*WORDS, "--runs", str(tmp_path / "runs"), *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_run_keeps_the_positions_of_its_images(small_shared: RunDir) -> None:
    splits = read_split_indices(small_shared.splits)
    source = DATASETS["digits"](DataConfig())
    record = small_shared.read_data()
    assert {name: len(indices) for name, indices in splits.items()} == record.images
    assert np.bincount(source.labels[splits["train"]]).tolist() == list(record.class_counts)
    assert set(splits["test"]) <= set(source.splits["test"])


def test_a_name_is_used_once(small_backbone: None, small_shared: RunDir) -> None:
    root, before = small_shared.path.parent, small_shared.weights("last").read_bytes()
    with pytest.raises(RunError, match="exists already; choose another name, or add resume=True"):
        start_run(_config(root, name=small_shared.name, seed=1))
    assert [path.name for path in root.iterdir()] == [small_shared.name]
    assert small_shared.weights("last").read_bytes() == before


def test_a_loss_that_blows_up_ends_with_a_sentence(
    tmp_path: Path, small_backbone: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*WORDS, "--runs", str(tmp_path), "--lr", "1e30"]) == 2
    assert "the training loss became" in capsys.readouterr().err


def test_the_settings_and_the_data_are_on_record(small_backbone: None, small_shared: RunDir) -> None:
    assert from_yaml(Stage1Config, small_shared.config) == _config(small_shared.path.parent)
    data = small_shared.read_data()
    training = open_training(small_shared)
    assert data.class_counts == tuple(training.batches.data.class_counts.tolist())
    assert data.images == {"train": 138, "val": 60, "test": 120}  # 40 and 20 digits of ten classes times 0.3
    assert data.image_size == 8
    assert data.mean == training.batches.normalization.mean
    table = pd.read_csv(small_shared.history)
    assert table["epoch"].tolist() == [1, 2, 3, 4]


def test_results_are_those_of_the_saved_weights(small_backbone: None, small_shared: RunDir) -> None:
    training = open_training(small_shared)
    for checkpoint in ("last", "best"):
        metadata = load_weights(small_shared.weights(checkpoint), training.network)
        entry = small_shared.read_results().stage1[checkpoint]
        assert entry.epoch == metadata.epoch
        for split in ("val", "test"):
            logits, labels, _ = predict(training.network, training.batches, training.batches.data.splits[split])
            correct = (logits.argmax(dim=1) == labels).numpy()
            recalls = [correct[labels.numpy() == label].mean() for label in range(10)]
            assert entry.metrics[split]["balanced"] == pytest.approx(100 * np.mean(recalls))
    history = pd.read_csv(small_shared.history)
    best = small_shared.read_results().stage1["best"]
    reached = history["val_balanced"].to_numpy()
    assert best.epoch == 1 + np.flatnonzero(reached == reached.max())[-1]  # of equal epochs the last
    assert best.metrics["val"]["balanced"] == pytest.approx(history["val_balanced"].max())


def test_features_are_those_of_the_saved_weights(small_backbone: None, small_shared: RunDir) -> None:
    training = open_training(small_shared)
    load_weights(small_shared.weights("last"), training.network)
    cached = read_cached(small_shared, "last")
    assert cached is not None
    for split, indices in training.batches.data.splits.items():
        assert torch.equal(cached[split].features, extract(training.network, training.batches, indices).features)


def test_the_feature_norms_of_the_last_epoch_are_those_of_the_last_weights(small_shared: RunDir) -> None:
    record = read_feature_norms(small_shared.feature_norms)
    assert record is not None
    assert (tuple(record.norms.shape), record.split) == ((4, 10), "val")
    expected = mean_feature_norms(read_cached(small_shared, "last")["val"], 10)
    torch.testing.assert_close(record.norms[-1].double(), expected, rtol=5e-3, atol=0)  # bfloat16: fused, and not


def test_the_images_of_a_run_must_be_the_same(small_backbone: None, small_shared: RunDir) -> None:
    data = open_training(small_shared).batches.data
    require_same_data(small_shared, data)
    with pytest.raises(RunError, match="the images are not those that"):
        require_same_data(small_shared, dataclasses.replace(data, fingerprint="other"))


def test_the_seed_decides_the_weights(tmp_path: Path, small_backbone: None, small_shared: RunDir) -> None:
    again, other = start_run(_config(tmp_path)), start_run(_config(tmp_path, seed=1))
    assert again.weights("last").read_bytes() == small_shared.weights("last").read_bytes()
    assert again.read_results() == small_shared.read_results()
    assert other.weights("last").read_bytes() != small_shared.weights("last").read_bytes()
    assert again.name != other.name
