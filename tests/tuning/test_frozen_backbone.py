"""Trials of a run whose classifier is trained on cached features alone."""

from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

from decouple.datasets.load import load_data
from stage1.feature_training import FeatureBatches
from stage1.settings import Stage1Config
from tuning.joint import trial_features
from tuning.trial_training import train_trial
from tuning.weight_decay import held_out_logits


@pytest.fixture
def config(tmp_path: Path) -> Stage1Config:
    torch.manual_seed(2)
    save_file(timm.create_model("test_resnet").state_dict(), tmp_path / "weights.safetensors")
    return Stage1Config(
        model="test_resnet", pretrained=str(tmp_path / "weights.safetensors"), train="none", fraction=0.1, ratio=3,
        epochs=2, device="cpu",
    )  # fmt: skip


def test_a_trial_extracts_features_once_and_trains_the_classifier(config: Stage1Config) -> None:
    data = load_data(config)
    training = train_trial(config, data, {"weight_decay": 0.1}, lambda *_: None)
    assert isinstance(training.batches, FeatureBatches)
    assert (training.epoch, training.config.weight_decay) == (2, 0.1)
    logits, labels = held_out_logits(training)
    held_out = trial_features(training, {}).held_out
    # The logits of validation are those of the trained classifier on the features of the pretrained backbone.
    classifier = training.network.classifier.as_tensors()
    assert classifier.bias is not None
    torch.testing.assert_close(logits, held_out.features @ classifier.weight.T + classifier.bias)
    assert labels.tolist() == data.labels[data.splits["val"]].tolist()
    assert held_out.features.shape == (len(labels), load_file(str(config.pretrained))["fc.weight"].shape[1])
