"""Which mean and standard deviation images are normalized by, with pretrained weights and without."""

import dataclasses
from pathlib import Path

import pytest
import timm
from safetensors.torch import save_file

from decouple.datasets.data import Data
from decouple.errors import ConfigError
from stage1.batches import channel_statistics
from stage1.normalization import Normalization
from stage1.prepare import make_training
from stage1.run import open_training, start_run
from stage1.settings import Stage1Config

HALVES = Normalization((0.5,) * 3, (0.5,) * 3)  # of EfficientNet-Lite, as of MobileNet and Inception of TensorFlow


def normalization(data: Data, **settings: object) -> Normalization:
    return make_training(Stage1Config(device="cpu", **settings), data).batches.normalization  # type: ignore[arg-type]


@pytest.mark.parametrize("normalize", ["auto", "pretrained"])
def test_pretrained_weights_bring_their_own(tiny_data: Data, normalize: str) -> None:
    assert normalization(tiny_data, model="tf_efficientnet_lite0", pretrained="package", normalize=normalize) == HALVES


def test_a_file_of_weights_brings_that_of_its_model(tiny_data: Data, tmp_path: Path) -> None:
    save_file(timm.create_model("test_resnet").state_dict(), tmp_path / "w.safetensors")
    settings = {"model": "test_resnet", "pretrained": str(tmp_path / "w.safetensors")}
    stated = timm.get_pretrained_cfg("test_resnet")
    assert stated is not None
    assert normalization(tiny_data, **settings) == Normalization(stated.mean, stated.std)
    assert normalization(tiny_data, **settings | {"normalize": "data"}) == channel_statistics(tiny_data)


@pytest.mark.parametrize("settings", [{}, {"normalize": "data"}, {"model": "test_resnet"}])
def test_without_pretrained_weights_the_data_decide(tiny_data: Data, settings: dict[str, object]) -> None:
    assert normalization(tiny_data, **settings) == channel_statistics(tiny_data)


def test_that_of_pretrained_weights_needs_them() -> None:
    with pytest.raises(ConfigError, match="normalize=pretrained has no meaning without pretrained"):
        Stage1Config(normalize="pretrained")


def test_the_run_records_it_and_reads_it_back(tmp_path: Path) -> None:
    save_file(timm.create_model("test_resnet").state_dict(), tmp_path / "w.safetensors")
    config = Stage1Config(
        fraction=0.1, ratio=2, model="test_resnet", pretrained=str(tmp_path / "w.safetensors"), normalize="pretrained",
        epochs=1, device="cpu", runs=str(tmp_path),
    )  # fmt: skip
    run = start_run(config)
    stated = timm.get_pretrained_cfg("test_resnet")
    assert stated is not None
    record = run.read_data()
    assert (record.mean, record.std) == (stated.mean, stated.std)
    opened = open_training(run)
    assert opened.batches.normalization == Normalization(stated.mean, stated.std)
    assert opened.config == dataclasses.replace(config, pretrained=None, normalize="auto")
