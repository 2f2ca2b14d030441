import dataclasses
from collections.abc import Callable

import pytest
import torch

from decouple.datasets.data import Data
from decouple.errors import ConfigError
from stage1.augment import Augmentation
from stage1.losses.drw import DeferredReweighting
from stage1.losses.ldam import LDAMLoss
from stage1.mixup.remix import Remix
from stage1.prepare import image_side, load_for, make_training
from stage1.settings import Stage1Config
from stage1.trainer import Training


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"loss": "balanced_sofmax"}, r"unknown loss 'balanced_sofmax'\. Did you mean 'balanced_softmax'"),
        ({"sampler": "instanse"}, r"unknown sampler 'instanse'\. Did you mean 'instance'"),
        ({"mix": "mixpu"}, r"unknown batch augmentation 'mixpu'\. Did you mean 'mixup'"),
        ({"model": "resnet3"}, "unknown model 'resnet3'"),
        ({"device": "tpu"}, "device must be"),
        (
            {"loss_options": {"gama": 1}, "loss": "focal"},
            r"unknown option 'gama' of loss 'focal'\. Did you mean 'gamma'",
        ),
        ({"loss_options": {"gamma": -1}, "loss": "focal"}, "gamma must be"),
        (
            {"sampler_options": {"q": "x"}, "sampler": "power"},
            "option 'q' of sampler 'power' must be a number, got 'x'",
        ),
        ({"sampler_options": {"seed": 3}}, "unknown option 'seed' of sampler 'instance'"),
        ({"cosine_scale": 10.0}, "cosine_scale has no meaning for loss=ce; its classifier is linear"),
        (
            {"cosine_scale": 10.0, "loss": "ldam"},
            "cosine_scale has no meaning for loss=ldam; it has a scale of its own",
        ),
        ({"mix": "mixup", "mix_options": {"alpha": 0}}, "alpha must be above 0"),
        (
            {"drw": True, "drw_options": {"start": 160}},
            "start must be between 0 and 1, got 160.0; it is a share of the epochs",
        ),
        ({"drw": True, "loss": "ap"}, "drw has no meaning for loss=ap"),
        ({"mix": "remix", "loss": "ap"}, "mix=remix weights each pair by itself"),
        ({"classifier": "linear", "loss": "ldam"}, "loss=ldam needs the cosines of a cosine classifier"),
    ],
)
def test_what_is_wrong_shows_before_the_images_are_read(
    settings: dict[str, object], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stage1.prepare.load_with_progress", lambda *_: pytest.fail("the images were read"))
    with pytest.raises(ConfigError, match=message):
        load_for(Stage1Config(**settings))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("augment", "flippable", "expected"),
    # padding: 8 pixels / 8
    [
        ("auto", True, Augmentation(1, True)),
        ("auto", False, Augmentation(1, False)),
        ("crop", True, Augmentation(1, False)),
        ("crop-flip", True, Augmentation(1, True)),
        ("none", True, Augmentation(0, False)),
    ],
)
def test_augmentation(augment: str, flippable: bool, expected: Augmentation, tiny_data: Data) -> None:
    data = dataclasses.replace(tiny_data, flippable=flippable)
    config = Stage1Config(augment=augment, device="cpu")  # type: ignore[arg-type]
    assert make_training(config, data).augmentation == expected


def test_mirroring_is_refused_where_it_changes_the_class(tiny_data: Data) -> None:
    with pytest.raises(
        ConfigError, match="a horizontal flip changes the class of images of 'digits'; use augment=crop"
    ):
        make_training(Stage1Config(augment="crop-flip"), dataclasses.replace(tiny_data, flippable=False))


def test_the_loss_gets_the_counts_of_the_images_trained_on(make_tiny: Callable[..., Training]) -> None:
    loss = make_tiny(loss="balanced_softmax").loss
    torch.testing.assert_close(loss.log_counts, torch.tensor([16.0, 10, 4], dtype=torch.float64).log())


def test_options_reach_what_they_are_of(make_tiny: Callable[..., Training]) -> None:
    training = make_tiny(
        loss="ldam", loss_options={"max_margin": 0.25, "scale": 9}, drw=True, drw_options={"start": 0.5},
        sampler="power", sampler_options={"q": 0.25}, mix="remix", mix_options={"kappa": 2},
    )  # fmt: skip
    assert isinstance(training.loss, DeferredReweighting)
    assert training.loss.start == 0.5
    assert isinstance(training.loss.loss, LDAMLoss)
    assert training.loss.loss.margins.max() == pytest.approx(0.25)
    classifier = training.network.classifier.as_tensors()
    assert (classifier.kind, classifier.scale) == ("cosine", 9)
    assert training.sampler.options == {"q": 0.25}
    assert isinstance(training.batch_augmentation, Remix)
    assert training.batch_augmentation.kappa == 2
    assert training.batch_augmentation.class_counts.tolist() == [16, 10, 4]


def test_optimisers(make_tiny: Callable[..., Training]) -> None:
    sgd, adam = make_tiny(momentum=0.7, weight_decay=0.3), make_tiny(optimizer="adam", lr=0.01, weight_decay=0.2)
    assert isinstance(sgd.optimizer, torch.optim.SGD)
    assert (sgd.optimizer.defaults["momentum"], sgd.optimizer.defaults["weight_decay"]) == (0.7, 0.3)
    assert isinstance(adam.optimizer, torch.optim.Adam)
    assert adam.optimizer.defaults["weight_decay"] == 0.2
    for training in (sgd, adam):
        optimized = {id(parameter) for group in training.optimizer.param_groups for parameter in group["params"]}
        assert optimized == {id(parameter) for parameter in training.network.parameters()}


def test_batches_of_one_image_are_refused_where_batch_norm_would(make_tiny: Callable[..., Training]) -> None:
    assert make_tiny(batch_size=1).steps_per_epoch == 30  # resnet20 leaves 2 x 2 places of 8 x 8
    with pytest.raises(ConfigError, match=r"batches of one image are too small .* raise batch_size"):
        make_tiny(model="test_resnet", batch_size=1)  # one place is left


def test_image_side(tiny_data: Data) -> None:
    assert image_side(tiny_data) == 8
