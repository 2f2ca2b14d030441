from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from decouple.datasets.data import ArrayPixels, Data
from stage1.prepare import make_training
from stage1.settings import Stage1Config
from stage1.trainer import Training


class SmallBackbone(nn.Module):
    """A layer of each kind that a resumed training could get wrong: convolution, batch norm, dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.num_features = 6
        self.conv, self.norm, self.dropout = nn.Conv2d(3, 6, 3, stride=2), nn.BatchNorm2d(6), nn.Dropout(0.5)

    def forward(self, images: Tensor) -> Tensor:
        maps: Tensor = self.norm(self.conv(images)).relu()
        features: Tensor = self.dropout(maps.mean(dim=(2, 3)))
        return features


@pytest.fixture
def tiny_data() -> Data:
    """30 training, 9 validation and 9 test images of 8 x 8 pixels in 3 classes; class counts 16, 10, 4."""
    rng = np.random.default_rng(5)
    labels = np.array([0] * 16 + [1] * 10 + [2] * 4 + [0, 1, 2] * 6, dtype=np.int64)
    return Data(
        pixels=ArrayPixels(rng.integers(0, 256, (48, 8, 8, 3), dtype=np.uint8)),
        labels=labels,
        class_names=("a", "b", "c"),
        splits={"train": np.arange(30), "val": np.arange(30, 39), "test": np.arange(39, 48)},
        group_counts=np.array([16, 10, 4]),
        flippable=True,
        fingerprint="made by hand",
    )


@pytest.fixture(scope="session")
def make_small_backbone() -> Callable[..., nn.Module]:
    """Return a function that takes what `make_backbone` takes, and makes the small one."""
    return lambda *_, **__: SmallBackbone()


@pytest.fixture
def small_backbone(monkeypatch: pytest.MonkeyPatch, make_small_backbone: Callable[..., nn.Module]) -> None:
    """Let every new network have a small backbone, whatever model its settings name."""
    monkeypatch.setattr("stage1.network.make_backbone", make_small_backbone)


class MeanBackbone(nn.Module):
    """Features are the colour means: no batch norm and no dropout, so that training and evaluation agree."""

    num_features = 3

    def forward(self, images: Tensor) -> Tensor:
        return images.mean(dim=(2, 3))


@pytest.fixture
def mean_backbone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every new network have colour means as features."""
    monkeypatch.setattr("stage1.network.make_backbone", lambda *_, **__: MeanBackbone())


@pytest.fixture
def make_tiny(tiny_data: Data) -> Callable[..., Training]:
    """Return a function from settings to a training on `tiny_data`: 4 steps of 7 or 8 images an epoch."""

    def make(**settings: object) -> Training:
        return make_training(Stage1Config(**{"batch_size": 8, "epochs": 2, "device": "cpu", **settings}), tiny_data)  # type: ignore[arg-type]

    return make


@pytest.fixture
def same_bits() -> Callable[[dict[str, Tensor], dict[str, Tensor]], bool]:
    """Return a function that says whether two sets of tensors are equal to the last bit."""

    def same(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
        return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)

    return same
