"""Every loss, batch augmentation and backbone refuses nonsense in one sentence that names the argument."""

import dataclasses
import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pytest
import torch
from torch import Tensor

from decouple.config.table_options import options_of
from decouple.errors import ConfigError, DataError, DecoupleError
from stage1.augment import Augmentation
from stage1.backbones.build import make_backbone
from stage1.backbones.cifar_resnet import DEPTHS
from stage1.classifier import CosineClassifier, LinearClassifier, make_classifier
from stage1.losses import LOSSES, drw
from stage1.losses.build import make_loss
from stage1.losses.drw import DeferredReweighting
from stage1.losses.loss import Loss
from stage1.mixup import BATCH_AUGMENTATIONS
from stage1.mixup.build import make_batch_augmentation
from stage1.network import Network
from stage1.schedule import learning_rate
from stage1.settings import Stage1Config

COUNTS = torch.tensor([20, 300, 5])
MODELS = [*DEPTHS, "test_resnet"]  # the ResNets of this package, and one model of timm for all of them

WRONG_COUNTS = {
    "text": "many",
    "none": None,
    "single_number": torch.tensor(3),
    "one_class": torch.tensor([3]),
    "two_dimensions": torch.tensor([[3, 1]]),
    "no_class": torch.tensor([]),
    "nan": torch.tensor([3.0, math.nan]),
    "infinite": torch.tensor([3.0, math.inf]),
    "negative": torch.tensor([3, -1]),
    "fraction": torch.tensor([3.0, 1.5]),
    "complex": torch.tensor([3j, 1]),
    "flags": torch.tensor([True, True]),
    "meta": torch.ones(3, device="meta"),
}
every_wrong_count = pytest.mark.parametrize("counts", WRONG_COUNTS.values(), ids=WRONG_COUNTS)


def wrong_values(annotation: Any) -> list[object]:
    """Return values that an option with this type must refuse; every number has a bound above -1e9."""
    options = () if get_origin(annotation) is Literal else get_args(annotation)
    wrong: list[object] = [[1], torch.tensor([1.0, 2.0])] + ([] if NoneType in options else [None])
    if bool in (annotation, *options):
        return [*wrong, "yes", 1]
    return [*wrong, "no such value", True, math.nan, math.inf, -1e9]


def wrong_options(tables: Mapping[str, Callable[..., Any]]) -> Iterator[Any]:
    """Yield (entry, option, wrong value) for each option of each entry."""
    for name, entry in tables.items():
        for option, parameter in options_of(entry).items():
            for value in wrong_values(parameter.annotation):
                yield pytest.param(entry, option, value, id=f"{name}-{option}-{value}")


def one_sentence(error: DecoupleError) -> bool:
    """Return whether the message is one line without traces of Python."""
    return "\n" not in str(error) and "Traceback" not in str(error)


@pytest.mark.parametrize(("entry", "option", "value"), list(wrong_options({**LOSSES, **BATCH_AUGMENTATIONS})))
def test_an_option_of_wrong_type_or_range_is_named(entry: Callable[..., Any], option: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"^{option} must be .*got ") as raised:
        entry(COUNTS, **{option: value})
    assert one_sentence(raised.value)


@pytest.mark.parametrize(("entry", "option", "value"), list(wrong_options({"drw": DeferredReweighting})))
def test_an_option_of_deferred_reweighting_is_named(entry: Callable[..., Any], option: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"^{option} must be .*got "):
        entry(LOSSES["ce"](COUNTS), **{option: value})


@pytest.mark.parametrize("name", LOSSES)
def test_the_builder_names_loss_and_option_without_dashes(name: str) -> None:
    numbers = [option for option, parameter in options_of(LOSSES[name]).items() if type(parameter.default) is float]
    for option in numbers:
        with pytest.raises(ConfigError) as raised:
            make_loss(name, COUNTS, {option: -1e9})
        message = f"option of loss '{name}': {option} must be"
        assert str(raised.value).startswith(message)
        assert raised.value.with_flags().startswith(message)


@pytest.mark.parametrize("name", BATCH_AUGMENTATIONS)
def test_the_builder_names_batch_augmentation_and_option(name: str) -> None:
    for option in options_of(BATCH_AUGMENTATIONS[name]):
        with pytest.raises(ConfigError, match=f"^option of batch augmentation '{name}': {option} must be"):
            make_batch_augmentation(name, COUNTS, {option: -1e9})


@every_wrong_count
@pytest.mark.parametrize("entry", [*LOSSES.values(), *BATCH_AUGMENTATIONS.values()])
def test_class_counts_are_whole_numbers_of_images(entry: Callable[..., Any], counts: object) -> None:
    with pytest.raises(DataError, match=r"class_counts|no training image for classes") as raised:
        entry(counts)
    assert one_sentence(raised.value)


@pytest.mark.parametrize("entry", [*LOSSES.values(), *BATCH_AUGMENTATIONS.values()])
@pytest.mark.parametrize("counts", [[20, 300, 5], np.array([20, 300, 5]), COUNTS.float(), COUNTS.int()])
def test_class_counts_may_be_a_list_an_array_or_whole_floats(entry: Callable[..., Any], counts: object) -> None:
    assert entry(counts).__class__ is entry


LOGITS, LABELS, FEATURES = torch.zeros(4, 3), torch.tensor([0, 1, 2, 0]), torch.ones(4, 6)
WRONG_BATCHES: dict[str, tuple[object, object, object, str]] = {
    "logits_of_other_classes": (torch.zeros(4, 2), LABELS, FEATURES, r"logits must have shape \(B, 3\), got \(4, 2\)"),
    "logits_of_one_sample": (torch.zeros(3), LABELS, FEATURES, r"logits must have shape \(B, 3\), got \(3,\)"),
    "logits_in_a_list": (LOGITS.tolist(), LABELS, FEATURES, "logits must be a tensor"),
    "logits_in_an_array": (LOGITS.numpy(), LABELS, FEATURES, "logits must be a tensor"),
    "whole_logits": (LOGITS.long(), LABELS, FEATURES, "logits must be floating point"),
    "logits_elsewhere": (LOGITS.to("meta"), LABELS, FEATURES, "logits must be on cpu .* got meta"),
    "column_of_labels": (LOGITS, LABELS[:, None], FEATURES, r"labels must have shape \(B,\), got \(4, 1\)"),
    "one_hot_labels": (LOGITS, torch.eye(3)[LABELS], FEATURES, r"labels must have shape \(B,\), got \(4, 3\)"),
    "too_few_labels": (LOGITS, LABELS[:3], FEATURES, "labels must have one row per row of logits, 4, got 3"),
    "float_labels": (LOGITS, LABELS.float(), FEATURES, "labels must be int64, got torch.float32"),
    "short_labels": (LOGITS, LABELS.int(), FEATURES, r"labels must be int64, got torch.int32; .*\.long\(\)"),
    "large_label": (LOGITS, torch.full_like(LABELS, 3), FEATURES, "labels must be between 0 and 2, got 3"),
    "ignored_label": (LOGITS, torch.full_like(LABELS, -100), FEATURES, "labels must be between 0 and 2, got -100"),
    "labels_in_a_list": (LOGITS, LABELS.tolist(), FEATURES, "labels must be a tensor"),
    "no_labels": (LOGITS, None, FEATURES, "labels must be a tensor"),
    "labels_elsewhere": (LOGITS, LABELS.to("meta"), FEATURES, "labels must be on cpu .* got meta"),
    "features_of_one_sample": (LOGITS, LABELS, FEATURES[0], r"features must have shape \(B, D\), got \(6,\)"),
    "too_few_features": (LOGITS, LABELS, FEATURES[:3], "features must have one row per row of logits, 4, got 3"),
    "whole_features": (LOGITS, LABELS, FEATURES.long(), "features must be floating point"),
    "features_elsewhere": (LOGITS, LABELS, FEATURES.to("meta"), "features must be on cpu .* got meta"),
    "nothing": (LOGITS[:0], LABELS[:0], FEATURES[:0], "logits must have at least one row"),
}


@pytest.mark.parametrize(("logits", "labels", "features", "message"), WRONG_BATCHES.values(), ids=WRONG_BATCHES)
@pytest.mark.parametrize("name", LOSSES)
def test_a_batch_of_wrong_shape_type_or_device_is_refused(
    name: str, logits: Any, labels: Any, features: Any, message: str
) -> None:
    loss = LOSSES[name](COUNTS)
    wrapped: list[Loss] = [drw(loss)] if loss.reweightable else []
    for checked in (loss, *wrapped):
        with pytest.raises(DataError, match=message) as raised:
            checked(logits, labels, features)
        assert one_sentence(raised.value)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_on_another_device_says_so(name: str) -> None:
    with pytest.raises(DataError, match="logits must be on meta as the loss is, got cpu; move one of them"):
        LOSSES[name](COUNTS).to("meta")(LOGITS, LABELS, FEATURES)


IMAGES = torch.zeros(4, 3, 8, 8)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES[0], LABELS, r"images must have shape \(B, 3, H, W\), got \(3, 8, 8\)"),
        (IMAGES[:, :1], LABELS, r"images must have shape \(B, 3, H, W\), got \(4, 1, 8, 8\)"),
        (IMAGES.tolist(), LABELS, "images must be a tensor"),
        (IMAGES.byte(), LABELS, "images must be a floating-point tensor"),
        (IMAGES, LABELS[:3], r"labels must have shape \(4,\), got \(3,\)"),
        (IMAGES, LABELS.float(), "labels must be an int64 tensor"),
        (IMAGES, LABELS.to("meta"), "labels must be an int64 tensor on cpu"),
        (IMAGES[:0], LABELS[:0], "at least one image"),
    ],
)
@pytest.mark.parametrize("name", BATCH_AUGMENTATIONS)
def test_images_and_labels_to_mix_are_checked(name: str, images: Any, labels: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        BATCH_AUGMENTATIONS[name](COUNTS)(images, labels, np.random.default_rng(0))


@pytest.mark.parametrize("image_size", [0, -32, 3, 8.5, math.nan, "32", None, True])
@pytest.mark.parametrize("name", MODELS)
def test_a_backbone_needs_a_size_of_images(name: str, image_size: Any) -> None:
    if name == "test_resnet" and image_size == 3:
        return  # a model of timm may take any size
    with pytest.raises(
        ConfigError, match=r"image_size must be a whole number|image_size must be|4 x 4 pixels"
    ) as raised:
        make_backbone(name, image_size, None)
    assert one_sentence(raised.value)


@pytest.mark.parametrize("name", MODELS)
def test_pretrained_weights_are_a_text(name: str) -> None:
    for pretrained in (3, True, 0.5):
        with pytest.raises(ConfigError, match="pretrained"):
            make_backbone(name, 32, pretrained)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [3, None, "", "resnet21", "resent20"])
def test_an_unknown_backbone_is_refused(name: Any) -> None:
    with pytest.raises(ConfigError, match="model"):
        make_backbone(name, 32, None)


@pytest.mark.parametrize("images", [IMAGES[0], IMAGES[:, :1], IMAGES.flatten(1)])
@pytest.mark.parametrize("name", MODELS)
def test_a_network_refuses_images_of_another_shape(name: str, images: Tensor) -> None:
    network = Network(make_backbone(name, 8, None), LinearClassifier(64, 3))
    with pytest.raises(DataError, match=r"images must have shape \(B, 3, H, W\), got"):
        network(images)


def test_a_network_refuses_images_on_another_device() -> None:
    network = Network(make_backbone("resnet20", 8, None), LinearClassifier(64, 3))
    with pytest.raises(DataError, match="images must be on cpu as the network is, got meta"):
        network(IMAGES.to("meta"))


@pytest.mark.parametrize("wrong", [0, -1, 2.5, math.nan, "64", None, True])
def test_sizes_and_scale_of_a_classifier(wrong: Any) -> None:
    for classifier_type in ("linear", "cosine"):
        with pytest.raises(ConfigError, match=r"num_features must be a whole number|num_features must be 1 or more"):
            make_classifier(classifier_type, wrong, 3, 30)
        with pytest.raises(ConfigError, match=r"num_classes must be a whole number|num_classes must be 1 or more"):
            make_classifier(classifier_type, 64, wrong, 30)
    if wrong != 2.5:
        with pytest.raises(ConfigError, match=r"scale must be above 0, got .*; 30 is usual"):
            CosineClassifier(64, 3, wrong)


def test_the_type_of_a_classifier() -> None:
    with pytest.raises(ConfigError, match=r"classifier_type must be one of linear, cosine, got 'liner'. Did you mean"):
        make_classifier("liner", 64, 3, 30)


@pytest.mark.parametrize("padding", [-1, 1.5, math.nan, "1", None, True])
def test_padding_is_a_whole_number(padding: Any) -> None:
    with pytest.raises(ConfigError, match="padding must be"):
        Augmentation(padding=padding, hflip=True)


@pytest.mark.parametrize("hflip", [1, "yes", None, math.nan])
def test_hflip_is_a_flag(hflip: Any) -> None:
    with pytest.raises(ConfigError, match="hflip must be True or False"):
        Augmentation(padding=1, hflip=hflip)


@pytest.mark.parametrize(("step", "steps"), [(-1, 5), (0, 0), (1.5, 5), (math.nan, 5), (0, "5")])
def test_a_step_of_the_schedule_is_a_whole_number(step: Any, steps: Any) -> None:
    with pytest.raises(ConfigError, match=r"step must be|steps_per_epoch must be"):
        learning_rate(Stage1Config(), step, steps)


OWN_FIELDS = set(inspect.get_annotations(Stage1Config))


@pytest.mark.parametrize("name", sorted(OWN_FIELDS))
def test_a_setting_of_another_type_is_named(name: str) -> None:
    default = Stage1Config.__dataclass_fields__[name].default
    wrong: list[object] = [object(), math.nan] + ([] if default is None else [None])
    if default is not dataclasses.MISSING:  # of mappings
        wrong += ["1"] if isinstance(default, bool | int | float) else [True]
    for value in wrong:
        with pytest.raises(ConfigError, match=rf"^{name} must be .*, got ") as raised:
            Stage1Config(**{name: value})  # type: ignore[arg-type]
        assert one_sentence(raised.value)
