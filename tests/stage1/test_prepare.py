import dataclasses
from collections.abc import Callable

import pytest
import torch

from decouple.datasets.data import Data
from decouple.errors import ConfigError
from stage1.batches import Augmentation
from stage1.prepare import image_side, load_for, make_training
from stage1.settings import Stage1Config
from stage1.trainer import Training


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("loss", "balanced_sofmax", "unknown loss 'balanced_sofmax'. Did you mean 'balanced_softmax'"),
        ("sampler", "instanse", "unknown sampler 'instanse'. Did you mean 'instance'"),
        ("model", "resnet3", "unknown model 'resnet3'"),
        ("device", "tpu", "--device must be"),
    ],
)
def test_wrong_names_show_before_the_images_are_read(
    setting: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stage1.prepare.load_with_progress", lambda *_: pytest.fail("the images were read"))
    with pytest.raises(ConfigError, match=message):
        load_for(Stage1Config(**{setting: value}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("augment", "mirror", "expected"),
    # padding: 8 pixels / 8
    [
        ("auto", True, Augmentation(1, True)),
        ("auto", False, Augmentation(1, False)),
        ("crop", True, Augmentation(1, False)),
        ("crop-flip", True, Augmentation(1, True)),
        ("none", True, Augmentation(0, False)),
    ],
)
def test_augmentation(augment: str, mirror: bool, expected: Augmentation, tiny_data: Data) -> None:
    data = dataclasses.replace(tiny_data, mirror=mirror)
    config = Stage1Config(augment=augment, device="cpu")  # type: ignore[arg-type]
    assert make_training(config, data).augmentation == expected


def test_mirroring_is_refused_where_it_changes_the_class(tiny_data: Data) -> None:
    with pytest.raises(ConfigError, match="no longer show their class; use --augment crop"):
        make_training(Stage1Config(augment="crop-flip"), dataclasses.replace(tiny_data, mirror=False))


def test_the_loss_gets_the_counts_of_the_images_trained_on(make_tiny: Callable[..., Training]) -> None:
    loss = make_tiny(loss="balanced_softmax").loss
    torch.testing.assert_close(loss.log_counts, torch.tensor([16.0, 10, 4], dtype=torch.float64).log())


def test_optimisers(make_tiny: Callable[..., Training]) -> None:
    sgd, adam = make_tiny(momentum=0.7, weight_decay=0.3), make_tiny(optimizer="adam", lr=0.01, weight_decay=0.2)
    assert isinstance(sgd.optimizer, torch.optim.SGD)
    assert (sgd.optimizer.defaults["momentum"], sgd.optimizer.defaults["weight_decay"]) == (0.7, 0.3)
    assert isinstance(adam.optimizer, torch.optim.Adam)
    assert adam.optimizer.defaults["weight_decay"] == 0.2
    for training in (sgd, adam):
        held = {id(each) for group in training.optimizer.param_groups for each in group["params"]}
        assert held == {id(each) for each in training.network.parameters()}


def test_batches_of_one_image_are_refused_where_batch_norm_would(make_tiny: Callable[..., Training]) -> None:
    assert make_tiny(batch_size=1).steps_per_epoch == 30  # resnet20 leaves 2 x 2 places of 8 x 8
    with pytest.raises(ConfigError, match=r"batches of one image are too small .* raise --batch-size"):
        make_tiny(model="test_resnet", batch_size=1)  # one place is left


def test_image_side(tiny_data: Data) -> None:
    assert image_side(tiny_data) == 8
