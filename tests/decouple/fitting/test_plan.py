"""The choices of a fit and their reasons, without images."""

from typing import Any

import pytest

from decouple.errors import ConfigError
from decouple.fitting.image_check import ImageCheck
from decouple.fitting.plan import FitPlan, make_plan
from decouple.fitting.plan_text import image_lines, plan_lines
from decouple.fitting.settings import FitConfig
from decouple.fitting.steps import stage1_settings, step_name


def _images(total: int = 100, **changes: Any) -> ImageCheck:
    values: dict[str, Any] = {"class_names": ("a", "b"), "images": (total - 1, 1), "test_images": (20, 0)}
    return ImageCheck(**{**values, "splits": ("train",), "skipped": (), **changes})


def _plan(*, on_gpu: bool = False, packaged: bool = True, total: int = 100, **settings: Any) -> FitPlan:
    config = FitConfig(**{"images": "moths", **settings})
    return make_plan(config, _images(total), on_gpu=on_gpu, packaged=packaged)


def test_frozen_features_on_a_cpu() -> None:
    plan = _plan()
    assert (plan.model, plan.pretrained, plan.train, plan.steps) == (
        "tf_efficientnet_lite0",
        "package",
        "none",
        ("none",),
    )
    assert plan.image_size is None
    assert _plan(total=801).image_size == 128
    assert _plan(total=801, on_gpu=True).image_size is None


def test_a_gpu_trains_everything_after_the_frozen_features() -> None:
    plan = _plan(on_gpu=True)
    assert (plan.train, plan.steps, plan.epochs) == ("all", ("none", "all"), 10)


def test_random_weights_are_trained_at_a_small_size() -> None:
    plan = _plan(packaged=False)
    assert (plan.model, plan.pretrained, plan.train, plan.steps) == ("resnet20", None, "all", ("all",))
    assert (plan.epochs, plan.image_size) == (30, 64)
    assert "decouple-lt[backbone]" in plan.reasons["model"]
    assert _plan(packaged=False, total=1334).image_size == 32  # 30 x 1,334 visits are more than 40,000
    assert _plan(packaged=False, total=1334, on_gpu=True).image_size == 64
    assert _plan(pretrained="none").pretrained is None


def test_the_user_decides() -> None:
    plan = _plan(train="last-block", epochs=3, image_size=96, pretrained="w.safetensors", model="resnet18")
    assert plan == FitPlan(
        model="resnet18", pretrained="w.safetensors", image_size=96, train="last-block", epochs=3, reasons=plan.reasons
    )
    assert plan.steps == ("none", "last-block")
    assert _plan(pretrained="download").pretrained == "download"
    assert _plan(model="resnet18").pretrained is None  # no package has its weights


@pytest.mark.parametrize("train", ["none", "head", "last-block"])
def test_random_layers_are_not_kept(train: str) -> None:
    with pytest.raises(ConfigError, match=f"train={train} keeps layers that are random .*decouple-lt.backbone"):
        _plan(packaged=False, train=train)


def test_the_settings_of_the_steps() -> None:
    config = FitConfig(images="moths", runs="r", seed=3, skip_bad_images=True)
    frozen, trained = (stage1_settings(config, _plan(on_gpu=True), part, "m") for part in ("none", "all"))  # type: ignore[arg-type]
    assert (frozen.name, trained.name) == ("m-frozen", "m-all")
    assert (frozen.train, trained.train, frozen.lr, trained.lr) == ("none", "all", 0.01, 0.01)
    assert (frozen.weight_decay, trained.weight_decay) == (0.05, 5e-4)
    assert (frozen.data, frozen.root, frozen.seed, frozen.skip_bad_images) == ("folder", "moths", 3, True)
    scratch = stage1_settings(config, _plan(packaged=False), "all", "m")
    assert (scratch.initial_lr, scratch.pretrained, scratch.epochs) == (0.05, None, 30)
    short = _plan(train="last-block", epochs=2)  # of the trained step, not of the frozen features before it
    assert [stage1_settings(config, short, part, "m").epochs for part in short.steps] == [10, 2]
    assert stage1_settings(config, _plan(epochs=2), "none", "m").epochs == 2
    table = FitConfig(images="m.csv", root="photos")
    csv = stage1_settings(table, _plan(), "none", "m")
    assert (csv.data, csv.csv, csv.root) == ("csv", "m.csv", "photos")


def test_names_of_steps() -> None:
    assert [step_name("m", part) for part in ("none", "head", "all")] == ["m-frozen", "m-head", "m-all"]


def test_the_plan_in_words() -> None:
    lines = plan_lines(FitConfig(images="moths"), _images(), _plan(on_gpu=True))
    assert lines == [
        "moths: 100 images of 2 classes, 1 to 99 a class; of each class, 20 % for testing and 10 % for choosing "
        "among classifiers (validation) are set aside, at least one image of two or more",
        "classes of one image, which is for training: 1 ('b')",
        "classes with fewer than 10 test images, whose accuracy stays unknown: 1 of 2",
        "model: tf_efficientnet_lite0 (ImageNet weights of an installed package)",
        "image size: what the model expects",
        "step 1: the network describes every image (frozen features), and a first classifier learns from that (stage "
        "one), then all ways to help rare classes (stage two)",
        "step 2: train all layers of the network (stage one) for 10 epochs from the pretrained weights (there is a "
        "GPU), then all ways to help rare classes (stage two)",
    ]


def test_given_splits_in_words() -> None:
    given = _images(splits=("train", "val", "test"), images=(9, 9), test_images=(10, 10))
    assert image_lines("m", given) == [
        "m: 18 images of 2 classes, 9 to 9 a class; train, validation and test are given"
    ]
    assert (
        "of each class, 10 % for choosing among classifiers (validation) are set aside"
        in image_lines("m", _images(splits=("train", "test")))[0]
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"images": "m", "train_list": "t.txt"}, "give one of them"),
        ({"images": "m", "test_list": "t.txt"}, "go with train_list"),
        ({"images": "m", "resume": True}, "leave IMAGES out"),
        ({"images": "m", "folds": 1}, "folds must be 2 or more"),
        ({"images": "m", "epochs": 0}, "epochs must be"),
    ],
)
def test_wrong_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        FitConfig(**settings)
